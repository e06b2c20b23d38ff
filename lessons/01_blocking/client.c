/* client.c - one slow client and some quick ones, in one process.
 *
 *     second  0            1            2
 *     slow    connects h   el           lo\n  HELLO  closes
 *     quick   connects, sends a line; is answered as soon as the server can
 *
 * The seconds printed are those of this plan: how many pauses have gone by.
 * Between two pauses the clients listen, so what is printed for a second is
 * what happened in it. The clients need a poll() themselves; lesson 04 says
 * what it does.
 */
#include "01_blocking/client.h"
#include "01_blocking/wire.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS_MAX = 200, PATIENCE_MS = 5000, MOMENT_MS = 100,
       SLEEPS_NONE = 2, SECOND_WIDTH = 20, ROW_WIDTH = 80,
       ROWS_MAX = 12 };

struct client {
    int fd; /* -1: it has left */
    char name[24], line[32];
    size_t used;
    bool answered, told;
    char row[ROW_WIDTH]; /* --timeline: what it said and heard */
};

struct show {
    struct client clients[1 + CLIENTS_MAX]; /* the slow one first */
    int count, answered;
    int second, pause_ms;
    bool stamps, timeline;
    bool sorted; /* a second's answers by client, to repeat to the byte */
    int64_t began_ms;
};

static int64_t now_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

__attribute__((format(printf, 3, 4)))
static void say(const struct show *show, const char *who, const char *format,
                ...)
{
    va_list arguments;

    if (show->stamps)
        printf("%6lld ms  ", (long long)(now_ms() - show->began_ms));
    printf("%d s  %-8s ", show->second, who);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

/* What a client says or hears goes into its row, where this second begins
 * or behind the last word; the dots between are its waiting. */
static void draw(const struct show *show, struct client *client,
                 const char *text)
{
    size_t at = strlen(client->row);
    size_t begin = (size_t)show->second * SECOND_WIDTH;

    if (at > 0)
        client->row[at++] = ' ';
    while (at + 1 < begin)
        client->row[at++] = '.';
    if (at < begin)
        client->row[at++] = ' ';
    snprintf(client->row + at, sizeof client->row - at, "%.*s",
             (int)strcspn(text, "\n"), text);
}

static void draw_all(const struct show *show)
{
    printf("\n%9s 0 s %15s 1 s %15s 2 s\n", "", "", "");
    for (int i = 0; i < show->count && i < ROWS_MAX; i++)
        printf(" %-8s %s%s\n", show->clients[i].name, show->clients[i].row,
               show->clients[i].answered ? "" : " ... no answer");
    if (show->count > ROWS_MAX)
        printf(" and %d more\n", show->count - ROWS_MAX);
}

static void send_text(struct show *show, struct client *client,
                      const char *how, const char *text)
{
    int n = (int)strcspn(text, "\n");

    if (send(client->fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        say(show, client->name, "cannot send: %s", strerror(errno));
    else
        say(show, client->name, "%s \"%.*s%s\"", how, n, text,
            text[n] == '\n' ? "\\n" : "");
    draw(show, client, text);
}

static bool join(struct show *show, const struct sockaddr_in *address,
                 const char *name)
{
    struct client *client = &show->clients[show->count];

    *client = (struct client){ .fd = wire_connect(address) };
    snprintf(client->name, sizeof client->name, "%s", name);
    if (client->fd < 0) {
        say(show, name, "cannot connect: %s", strerror(errno));
        return false;
    }
    show->count++;
    return true;
}

static void leave(struct client *client)
{
    close(client->fd);
    client->fd = -1;
}

static void hear(struct show *show, struct client *client)
{
    char *at = client->line + client->used;
    ssize_t n = recv(client->fd, at, sizeof client->line - client->used, 0);

    if (n <= 0) {
        say(show, client->name, "lost its connection");
        leave(client);
        return;
    }
    client->used += (size_t)n;
    if (client->line[client->used - 1] != '\n')
        return;
    client->answered = true;
    show->answered++;
    leave(client);
}

static void tell_answers(struct show *show)
{
    for (int i = 0; i < show->count; i++) {
        struct client *client = &show->clients[i];

        if (!client->answered || client->told)
            continue;
        say(show, client->name, "is answered \"%.*s\\n\"",
            (int)client->used - 1, client->line);
        draw(show, client, client->line);
        client->told = true;
    }
}

/* What the clients hear until the time is up or all have left. At speed
 * max only the slow one counts on the time: once the quick ones have left,
 * a moment will do. */
static void listen_for(struct show *show, int ms)
{
    int64_t until = now_ms() + ms, brief = now_ms() + MOMENT_MS;

    for (;;) {
        struct pollfd fds[1 + CLIENTS_MAX];
        int here = 0, left_ms = (int)(until - now_ms());

        for (int i = 0; i < show->count; i++) {
            fds[i] = (struct pollfd){ show->clients[i].fd, POLLIN, 0 };
            here += fds[i].fd >= 0;
        }
        if (show->sorted && here == 1 && show->clients[0].fd >= 0
            && ms != PATIENCE_MS)
            left_ms = (int)(brief - now_ms());
        if (here == 0 || left_ms <= 0)
            return;
        if (poll(fds, (nfds_t)show->count, left_ms) <= 0)
            continue;
        for (int i = 0; i < show->count; i++)
            if (fds[i].revents != 0)
                hear(show, &show->clients[i]);
        if (!show->sorted)
            tell_answers(show);
    }
}

static void play(struct show *show, const struct sockaddr_in *address,
                 int quick)
{
    static const char *const words[] = { "one", "two", "three", "four" };
    static const char *const rest[] = { "el", "lo\n" };
    char name[24], text[16];

    if (join(show, address, "slow"))
        send_text(show, &show->clients[0], "connects, sends", "h");
    for (int i = 0; i < quick; i++) {
        snprintf(name, sizeof name, "quick %d", i + 1);
        snprintf(text, sizeof text, "%s\n", i < 4 ? words[i] : "more");
        if (join(show, address, name))
            send_text(show, &show->clients[show->count - 1],
                      "connects, sends", text);
    }
    for (int i = 0; i < 2; i++) {
        listen_for(show, show->pause_ms);
        tell_answers(show);
        show->second++;
        if (show->clients[0].fd >= 0)
            send_text(show, &show->clients[0], "sends", rest[i]);
    }
    listen_for(show, PATIENCE_MS);
    tell_answers(show);
    for (int i = 0; i < show->count; i++)
        if (show->clients[i].fd >= 0)
            leave(&show->clients[i]);
}

/* A process that has to wait gives the CPU back of its own will: that is
 * counted, and no load of the machine changes it. One that never waits does
 * so when it ends, and hardly ever else. */
static void tell_cpu(const struct show *show)
{
    struct rusage usage;
    long ms;

    getrusage(RUSAGE_CHILDREN, &usage);
    ms = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000
        + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
    if (show->stamps)
        say(show, "server", "used the CPU for %ld of %lld ms, slept %ld "
            "times", ms, (long long)(now_ms() - show->began_ms),
            usage.ru_nvcsw);
    else
        say(show, "server", usage.ru_nvcsw > SLEEPS_NONE ?
            "slept whenever it had nothing to do" :
            "never slept: it kept a CPU busy");
}

static int usage(const char *program, const char *about, int status)
{
    fprintf(status == 0 ? stdout : stderr, "%s - %s\n\n"
            "  --quick N      quick clients, 0 to %d (3)\n"
            "  --speed N|max  N times as fast (1)\n"
            "  --stamps       milliseconds, and the server's CPU time\n"
            "  --timeline     draw this run when it is over\n"
            "  --help         this\n", program, about, CLIENTS_MAX);
    return status;
}

/* -1 if the word is no number. */
static double number(const char *word)
{
    char *end;
    double value = strtod(word, &end);

    return end != word && *end == '\0' ? value : -1;
}

static bool parse(int argc, char **argv, struct show *show, int *quick)
{
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        double value = more ? number(argv[i + 1]) : -1;

        if (strcmp(argv[i], "--stamps") == 0) {
            show->stamps = true;
        } else if (strcmp(argv[i], "--timeline") == 0) {
            show->timeline = true;
        } else if (strcmp(argv[i], "--quick") == 0 && value >= 0
                   && value <= CLIENTS_MAX) {
            *quick = (int)value;
            i++;
        } else if (strcmp(argv[i], "--speed") == 0 && value >= 0.1
                   && value <= 10) {
            show->pause_ms = (int)(1000 / value);
            i++;
        } else if (strcmp(argv[i], "--speed") == 0 && more
                   && strcmp(argv[i + 1], "max") == 0) {
            show->pause_ms = 700; /* ample for an answer, were there one */
            show->sorted = true;
            i++;
        } else {
            return false;
        }
    }
    return true;
}

/* The server gets a few seconds more than its clients, whatever it does. */
static pid_t start_server(serve_function *serve, int listener, int clients)
{
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        alarm(60);
        _exit(serve(listener, clients) == 0 ? 0 : 1);
    }
    return pid;
}

static int end_server(pid_t pid)
{
    int status = 1;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

int clients_run(int argc, char **argv, const char *about,
                serve_function *serve)
{
    static struct show show = { .pause_ms = 1000 };
    struct sockaddr_in address;
    int quick = 3, listener, status;
    pid_t server;

    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return usage(argv[0], about, 0);
    if (!parse(argc, argv, &show, &quick))
        return usage(argv[0], about, 2);
    listener = wire_listen(&address);
    if (listener < 0) {
        perror("listen");
        return 1;
    }
    show.began_ms = now_ms();
    server = start_server(serve, listener, 1 + quick);
    close(listener); /* the child has its own */
    if (server < 0) {
        perror("fork");
        return 1;
    }
    play(&show, &address, quick);
    if (show.answered < 1 + quick)
        kill(server, SIGTERM); /* it waits for clients that never came */
    status = end_server(server);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        return 77;
    tell_cpu(&show);
    if (show.timeline)
        draw_all(&show);
    return status == 0 && show.answered == 1 + quick ? 0 : 1;
}
