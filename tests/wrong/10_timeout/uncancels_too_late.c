/* MISTAKE: the request is taken back only if a cancellation came out. */
/* SEEN: taken back only if the body ended by it */
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
    timer_stop(task_loop(task), &self->timer);
    if (self->expired && self->body->error == E_CANCELLED
        && task_uncancel(task) <= self->base)
        RAISE(E_TIMEOUT, "timeout: not done within %.3f s",
              (double)self->delay_ns / 1e9);
    if (self->body->error != 0)
        RERAISE(self->body->error);
    END;
}
