/* timeout.c - the scope: a timer that cancels its owner, and a count that
 * tells our cancellation from everybody else's. */
#include "10_timeout/timeout.h"

static void fire(struct callback *callback)
{
    struct timeout *self = CONTAINER(callback, struct timeout,
                                     timer.callback);

    task_cancel(self->task);
    self->expired = true;
}

/* Not by a timer of 0: that would come after what is ready (row L03). */
static int arm(struct timeout *self)
{
    struct loop *loop = task_loop(self->task);

    if (self->delay_ns > 0)
        return timer_start(loop, &self->timer, self->delay_ns, fire);
    self->timer.callback.run = fire;
    loop_call_soon(loop, &self->timer.callback);
    return 0;
}

ASYNC(timeout)
{
    BEGIN;
    self->task = task;
    self->base = task->cancelling;
    if (arm(self) != 0)
        RAISE(ENOMEM, "timeout: no memory for one more timer");
    CATCH_AWAIT_CORO(self->body);
    timer_stop(task_loop(task), &self->timer);
    /* More requests than at our entry: somebody else asked too, and a
     * cancellation is what they get (row TO06). */
    if (self->expired && task_uncancel(task) <= self->base
        && self->body->error == E_CANCELLED)
        RAISE(E_TIMEOUT, "timeout: not done within %.3f s",
              (double)self->delay_ns / 1e9);
    if (self->body->error != 0)
        RERAISE(self->body->error);
    END;
}
