/* on_the_loop.c - the same lookup, called where it is so easy to call: in a
 * coroutine, between two awaits. It takes 300 ms and awaits nothing, so for
 * 300 ms there is no loop: a ticker, due each 50 ms, does not tick, and the
 * timeout of 100 ms around the lookup never strikes: when the loop is back,
 * the lookup is over.
 */
#include "10_timeout/timeout.h"
#include "15_resolve/in_thread.h"

#include <stdio.h>
#include <time.h>

struct ticker {
    struct coro coro;
    int ticks;
    struct sleep sleep;
};
ASYNC_DECLARE(ticker);

ASYNC(ticker)
{
    BEGIN;
    for (;;) {
        AWAIT(sleep, .delay_ns = MILLISECONDS(50));
        self->ticks++;
    }
    END;
}

/* What getaddrinfo is like when the name server is slow. */
static void lookup(void *arg)
{
    struct timespec left = { 0, 300 * 1000000L };

    (void)arg;
    while (nanosleep(&left, &left) != 0)
        continue;
}

static void nothing(void *arg)
{
    (void)arg;
}

struct blocks {
    struct coro coro;
};
ASYNC_DECLARE(blocks);

ASYNC(blocks)
{
    BEGIN;
    lookup(NULL);
    YIELD();
    END;
}

struct show {
    struct coro coro;
    struct executor executor;
    struct cleanup closing;
    struct ticker ticker;
    struct task task;
    struct blocks blocks;
    struct in_thread in_thread;
    struct timeout timeout;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    BEGIN;
    if (executor_open(&self->executor, task_loop(task), 1, &task->error) != 0)
        RERAISE(task->error.code);
    DEFER(&self->closing, executor_close, &self->executor);
    self->ticker = (struct ticker){ CORO(ticker) };
    task_create(task_loop(task), &self->task, "ticker", &self->ticker.coro);
    YIELD();
    CATCH_AWAIT(timeout, .delay_ns = MILLISECONDS(100), .body = CALL(blocks));
    printf("on the loop's thread, 300 ms, limit 100 ms: %s, %d ticks\n",
           error_name(self->timeout.coro.error), self->ticker.ticks);
    self->ticker.ticks = 0;
    CATCH_AWAIT(timeout, .delay_ns = MILLISECONDS(100),
                .body = CALL(in_thread, .executor = &self->executor,
                             .work = lookup, .discard = nothing));
    printf("in a thread, 300 ms, limit 100 ms: %s, %s\n",
           error_name(self->timeout.coro.error),
           self->ticker.ticks > 0 ? "ticks" : "no ticks");
    task_cancel(&self->task);
    END;
}

int main(void)
{
    static struct show show = { CORO(show) };
    struct loop_options options = { .poller = NULL };
    struct loop loop;
    struct error error;

    if (loop_open(&loop, &options, &error) != 0)
        return 2;
    loop_run(&loop, &show.coro);
    loop_close(&loop);
    return 1;
}
