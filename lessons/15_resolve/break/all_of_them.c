/* all_of_them.c - two hundred connections that say nothing, and one that
 * says a thousand words, one at a time. To hear each, poll() is handed the
 * whole list and the kernel looks at every entry. Ten times the idle
 * connections, ten times the looking: O(n) for one event. Lesson 16 measures
 * that, and has a poller that is told once.
 */
#include "loop/loop.h"
#include "loop/net.h"
#include "sys.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IDLE = 200, WORDS = 1000 };

static long calls, looked_at;

static int counting_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    calls++;
    looked_at += (long)count;
    return poll(fds, count, timeout_ms);
}

struct idle {
    struct coro coro;
    int fd;
    struct wait_fd wait_fd;
    struct task task;
};
ASYNC_DECLARE(idle);

ASYNC(idle)
{
    BEGIN;
    AWAIT(wait_fd, .fd = self->fd, .events = POLLIN);
    END;
}

struct show {
    struct coro coro;
    struct idle idle[IDLE];
    int busy[2], i;
    struct wait_fd wait_fd;
};
ASYNC_DECLARE(show);

static int start_idle(struct show *self, struct loop *loop)
{
    int pair[2];

    for (int i = 0; i < IDLE; i += 2) {
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
            return -1;
        for (int j = 0; j < 2; j++) {
            struct idle *idle = &self->idle[i + j];

            *idle = (struct idle){ CORO(idle), .fd = pair[j] };
            task_create(loop, &idle->task, "idle", &idle->coro);
        }
    }
    return socketpair(AF_UNIX, SOCK_STREAM, 0, self->busy);
}

ASYNC(show)
{
    char word;

    BEGIN;
    if (start_idle(self, task_loop(task)) != 0)
        RAISE_ERRNO("socketpair");
    YIELD();
    for (calls = looked_at = 0; self->i < WORDS; self->i++) {
        if (write(self->busy[1], "w", 1) != 1)
            RAISE_ERRNO("write");
        AWAIT(wait_fd, .fd = self->busy[0], .events = POLLIN);
        if (read(self->busy[0], &word, 1) != 1)
            RAISE_ERRNO("read");
    }
    printf("%d words heard, %ld sockets looked at\n", WORDS, looked_at);
    END;
}

int main(void)
{
    static struct show show = { CORO(show) };
    struct sys sys = sys_real;
    struct loop_options options = { .poller = "poll", .sys = &sys };
    struct loop loop;
    struct error error;
    int code;

    sys.poll = counting_poll;
    if (loop_open(&loop, &options, &error) != 0)
        return 2;
    code = loop_run(&loop, &show.coro);
    loop_close(&loop);
    return code != 0 ? 2 : looked_at > 100 * WORDS;
}
