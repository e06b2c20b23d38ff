/* demo.c - three timers and a socket, on one thread.
 *
 * A clock ticks three times; between the ticks a client sends a word over a
 * socket pair and a server sends it back in capitals. Nobody waits for
 * anybody: each callback does its piece and returns to the loop.
 */
#include "05_loop/loop.h"

#include "stage/options.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SECOND 1000000000

struct show {
    struct mini mini;
    int64_t clock_ns, began_ns;
    int client, server;
    struct handle ticks[3], sends, hears, answers, bye;
};

__attribute__((format(printf, 2, 3)))
static void tell(const struct show *show, const char *format, ...)
{
    double now = (double)(mini_now(&show->mini) - show->began_ns) / SECOND;
    va_list arguments;

    printf("%.1f s  ", now);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

static void tick(void *arg)
{
    tell(arg, "tick");
}

static void send_word(void *arg)
{
    struct show *show = arg;

    if (write(show->client, "hello", 5) == 5)
        tell(show, "client sends hello");
}

static void answer(void *arg)
{
    struct show *show = arg;
    char word[16];
    ssize_t n = read(show->server, word, sizeof word);

    for (ssize_t i = 0; i < n; i++)
        word[i] = (char)toupper((unsigned char)word[i]);
    tell(show, "server is readable");
    if (n <= 0 || write(show->server, word, (size_t)n) != n)
        mini_reader(&show->mini, show->server, NULL);
}

static void say_bye(void *arg)
{
    tell(arg, "call_soon: in the turn after that");
}

static void hear(void *arg)
{
    struct show *show = arg;
    char word[16];
    ssize_t n = read(show->client, word, sizeof word);

    tell(show, "client is readable: %.*s", n > 0 ? (int)n : 0, word);
    mini_call_soon(&show->mini, &show->bye);
    mini_reader(&show->mini, show->client, NULL);
    mini_reader(&show->mini, show->server, NULL);
}

static void play(struct show *show)
{
    struct mini *mini = &show->mini;

    show->sends = (struct handle){ .run = send_word, .arg = show };
    show->answers = (struct handle){ .run = answer, .arg = show };
    show->hears = (struct handle){ .run = hear, .arg = show };
    show->bye = (struct handle){ .run = say_bye, .arg = show };
    for (int i = 0; i < 3; i++) {
        show->ticks[i] = (struct handle){ .run = tick, .arg = show };
        mini_call_later(mini, &show->ticks[i], (int64_t)(i + 1) * SECOND);
    }
    mini_call_later(mini, &show->sends, 3 * (int64_t)SECOND / 2);
    mini_reader(mini, show->server, &show->answers);
    mini_reader(mini, show->client, &show->hears);
    mini_run(mini);
    tell(show, "nothing left to do: the loop ends");
}

int main(int argc, char **argv)
{
    const char *speed = NULL;
    const struct option options[] = {
        { "--speed", &speed, NULL, "max", "a clock that jumps" },
        { NULL, NULL, NULL, NULL, NULL }
    };
    struct show show = { .clock_ns = 0 };
    int pair[2];

    options_parse(argc, argv, options, "three timers and a socket");
    if (speed != NULL && strcmp(speed, "max") != 0) {
        fprintf(stderr, "05_loop: --speed %s: only max\n", speed);
        return 2;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
        perror("05_loop: socketpair");
        return 1;
    }
    mini_init(&show.mini, speed != NULL ? &show.clock_ns : NULL);
    show.began_ns = mini_now(&show.mini);
    show.client = pair[0];
    show.server = pair[1];
    play(&show);
    close(show.client);
    close(show.server);
    return 0;
}
