/* blocking_lookup.c - one call that waits without awaiting.
 *
 * lookup stands for getaddrinfo on a slow day: 300 ms inside one function,
 * and no file descriptor to poll meanwhile. It runs in a task of its own, in
 * a group with everything nice; the loop still has one thread, and the
 * ticker, due every 50 ms, does not tick. Lesson 15 lends it a thread.
 */
#include "14_task_group/task_group.h"

#include <stdio.h>
#include <time.h>

enum { TICK_MS = 50, LOOKUP_MS = 300, TICKS_DUE = LOOKUP_MS / TICK_MS };

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
        AWAIT(sleep, .delay_ns = MILLISECONDS(TICK_MS));
        self->ticks++;
    }
    END;
}

static void lookup(const char *host)
{
    struct timespec left = { 0, LOOKUP_MS * 1000000L };

    printf("getaddrinfo(%s) ...\n", host);
    while (nanosleep(&left, &left) != 0) /* EINTR: sleep the rest */
        continue;
}

struct resolve {
    struct coro coro;
    const struct ticker *ticker;
    int seen;
};
ASYNC_DECLARE(resolve);

ASYNC(resolve)
{
    BEGIN;
    lookup("www.example.com");
    self->seen = self->ticker->ticks;
    printf("found after %d ms: %d ticks were due, %d came\n", LOOKUP_MS,
           TICKS_DUE, self->seen);
    END;
}

struct show {
    struct coro coro;
    struct ticker ticker;
    struct resolve resolve;
    struct group_child first, second;
    struct body {
        struct coro coro;
        struct show *show;
    } body;
    struct task_group task_group;
};
ASYNC_DECLARE(body);
ASYNC_DECLARE(show);

ASYNC(body)
{
    struct show *show;

    BEGIN;
    show = self->show;
    show->ticker = (struct ticker){ CORO(ticker) };
    show->resolve = (struct resolve){ CORO(resolve),
                                      .ticker = &show->ticker };
    task_group_create_task(&show->task_group, &show->first, "ticker",
                           &show->ticker.coro, &task->error);
    task_group_create_task(&show->task_group, &show->second, "resolve",
                           &show->resolve.coro, &task->error);
    AWAIT_FUTURE(&self->show->second.task.future);
    task_cancel(&self->show->first.task);
    END;
}

ASYNC(show)
{
    BEGIN;
    AWAIT(task_group, .body = CALL(body, .show = self));
    END;
}

int main(void)
{
    struct loop loop;
    struct error error;
    struct show show = { CORO(show), .resolve = { .seen = -1 } };

    if (loop_open(&loop, &(struct loop_options){ .poller = NULL }, &error)
        != 0)
        return 2;
    loop_run(&loop, &show.coro);
    loop_close(&loop);
    return show.resolve.seen < TICKS_DUE - 1;
}
