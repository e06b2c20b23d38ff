/* not_my_cancellation.c - any cancellation taken for one's own timeout.
 *
 * `greedy` is timeout without the count: E_CANCELLED came out of the body,
 * so it must have been me. Around it, a polite worker that tries again after
 * a timeout. Main cancels the worker, three times, and it works on.
 */
#include "loop/loop.h"

#include <stdio.h>

struct greedy {
    struct coro coro;
    int64_t delay_ns;
    struct coro *body;
    struct task *task;
    struct timer timer;
};
ASYNC_DECLARE(greedy);

static void fire(struct callback *callback)
{
    task_cancel(CONTAINER(callback, struct greedy, timer.callback)->task);
}

ASYNC(greedy)
{
    BEGIN;
    self->task = task;
    if (timer_start(task_loop(task), &self->timer, self->delay_ns, fire))
        RAISE(ENOMEM, "no memory for one timer");
    CATCH_AWAIT_CORO(self->body);
    timer_stop(task_loop(task), &self->timer);
    if (self->body->error == E_CANCELLED)
        RAISE(E_TIMEOUT, "not done in time");
    RERAISE(self->body->error);
    END;
}

struct worker {
    struct coro coro;
    int tries;
    struct sleep sleep;
    struct greedy greedy;
};
ASYNC_DECLARE(worker);

ASYNC(worker)
{
    BEGIN;
    while (self->tries < 4) {
        self->tries++;
        self->sleep = (struct sleep){ CORO(sleep), .delay_ns = SECONDS(5) };
        TRY_AWAIT(greedy, .delay_ns = SECONDS(60),
                  .body = &self->sleep.coro);
        if (self->greedy.coro.error == E_TIMEOUT)
            printf("%.0f s: worker: a timeout, trying again\n",
                   (double)loop_now(task_loop(task)) / 1e9);
    }
    printf("%.0f s: worker: done\n",
           (double)loop_now(task_loop(task)) / 1e9);
    END;
}

struct show {
    struct coro coro;
    int i;
    struct worker worker;
    struct task task;
    struct sleep sleep;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    BEGIN;
    self->worker.coro.type = &worker_type;
    task_create(task_loop(task), &self->task, "worker", &self->worker.coro);
    for (self->i = 1; self->i <= 3; self->i++) {
        AWAIT(sleep, .delay_ns = SECONDS(1));
        printf("%d s: main: worker, please stop\n", self->i);
        task_cancel(&self->task);
    }
    AWAIT_FUTURE(&self->task.future);
    printf("asked %u times, and it ended well\n",
           (unsigned)self->task.cancelling);
    END;
}

int main(void)
{
    struct loop loop;
    struct error error;
    struct show show = { CORO(show), .i = 0 };
    int code;

    if (loop_open(&loop, &(struct loop_options){ .virtual_time = true },
                  &error) != 0)
        return 2;
    code = loop_run(&loop, &show.coro);
    loop_close(&loop);
    return code == 0; /* it was cancelled three times: it must not end well */
}
