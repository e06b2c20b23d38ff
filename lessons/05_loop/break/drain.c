/* drain.c - a turn that runs until nothing is ready.
 *
 * "Why wait for the next turn?" Because a callback that schedules itself
 * makes this turn last for ever, and the socket is never looked at. The
 * turn below takes from `ready` itself, without the batch.
 */
#include "05_loop/loop.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CALLS = 10000 };

struct greedy {
    struct mini mini;
    struct handle again, reader;
    int fds[2], calls, reads;
};

/* Instead of the one in loop.c: the linker takes the first that it meets. */
bool mini_turn(struct mini *mini)
{
    struct handle *handle;

    if (!mini_poll(mini, mini->ready.first != NULL ? 0 : -1))
        return false;
    while ((handle = handles_take(&mini->ready)) != NULL)
        handle->run(handle->arg);
    return true;
}

static void greet_again(void *arg)
{
    struct greedy *greedy = arg;

    greedy->calls++;
    if (greedy->calls == 1 && write(greedy->fds[1], "!", 1) != 1)
        perror("write");
    if (greedy->calls < CALLS) /* or we should never see the end */
        mini_call_soon(&greedy->mini, &greedy->again);
    else
        mini_stop(&greedy->mini);
}

static void read_it(void *arg)
{
    struct greedy *greedy = arg;
    char byte;

    greedy->reads += read(greedy->fds[0], &byte, 1) == 1;
}

int main(void)
{
    int64_t clock_ns = 0;
    struct greedy greedy = { .calls = 0 };

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, greedy.fds) != 0)
        return 2;
    mini_init(&greedy.mini, &clock_ns);
    greedy.again = (struct handle){ .run = greet_again, .arg = &greedy };
    greedy.reader = (struct handle){ .run = read_it, .arg = &greedy };
    mini_reader(&greedy.mini, greedy.fds[0], &greedy.reader);
    mini_call_soon(&greedy.mini, &greedy.again);
    mini_run(&greedy.mini);
    printf("%d calls, and the byte was read %d times\n", greedy.calls,
           greedy.reads);
    close(greedy.fds[0]);
    close(greedy.fds[1]);
    return greedy.reads == 0;
}
