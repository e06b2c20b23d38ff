/* MISTAKE: the timer is stopped before the body is awaited. */
/* SEEN: runs until the body has ended */
#define OWN_TIMEOUT
#include "given.h"

ASYNC(timeout)
{
    BEGIN;
    self->task = task;
    self->base = task->cancelling;
    if (arm(self) != 0)
        RAISE(ENOMEM, "timeout: no memory for one more timer");
    timer_stop(task_loop(task), &self->timer);
    CATCH_AWAIT_CORO(self->body);
    if (self->expired && task_uncancel(task) <= self->base
        && self->body->error == E_CANCELLED)
        RAISE(E_TIMEOUT, "timeout: not done within %.3f s",
              (double)self->delay_ns / 1e9);
    if (self->body->error != 0)
        RERAISE(self->body->error);
    END;
}
