/* unread.c - we wait for the answer of a program that first complains at
 * length, to a standard error that nobody reads.
 */
#include "10_timeout/timeout.h"
#include "17_https/child.h"

#include <stdio.h>

struct show {
    struct coro coro;
    struct child child;
    char bytes[64];
    struct sock_recv sock_recv;
    struct timeout timeout;
    struct child_wait child_wait;
};
ASYNC_DECLARE(show);

static void heard(struct child *child, const char *piece, size_t size)
{
    (void)child;
    (void)piece;
    (void)size;
}

ASYNC(show)
{
    static const char *const argv[] = { "sh", "-c",
        "head -c 1000000 /dev/zero >&2; echo done", NULL };

    BEGIN;
    if (child_start(&self->child, task_loop(task), argv, &task->error) != 0)
        RERAISE(task->error.code);
    self->sock_recv = (struct sock_recv){ CORO(sock_recv),
        .fd = self->child.fd, .buffer = self->bytes,
        .size = sizeof self->bytes };
    CATCH_AWAIT(timeout, .delay_ns = SECONDS(.5),
                .body = &self->sock_recv.coro);
    printf("the answer, within 500 ms: %s\n",
           error_name(self->timeout.coro.error));
    child_kill(&self->child);
    child_close(&self->child);
    AWAIT(child_wait, .child = &self->child, .heard = heard);
    END;
}

int main(void)
{
    static struct show show = { CORO(show) };
    struct loop_options options = { .poller = NULL };
    struct loop loop;
    struct error error;
    int code;

    if (loop_open(&loop, &options, &error) != 0)
        return 2;
    code = loop_run(&loop, &show.coro);
    loop_close(&loop);
    return code == 0 ? 1 : 2;
}
