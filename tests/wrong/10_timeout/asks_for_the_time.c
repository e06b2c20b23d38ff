/* MISTAKE: after the body it asks again and again whether time is up. */
/* SEEN: timeout goes round at asks_for_the_time.c */
#define OWN_TIMEOUT
#include "given.h"

ASYNC(timeout)
{
    BEGIN;
    self->task = task;
    self->base = task->cancelling;
    if (arm(self) != 0)
        RAISE(ENOMEM, "timeout: no memory for one more timer");
    CATCH_AWAIT_CORO(self->body);
    while (!self->expired)
        continue;
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
