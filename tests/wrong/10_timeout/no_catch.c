/* MISTAKE: the body is awaited with AWAIT_CORO: its error leaves at once, past
   all that follows. */
/* SEEN: leaves past the timer_stop */
#define OWN_TIMEOUT
#include "given.h"

ASYNC(timeout)
{
    BEGIN;
    self->task = task;
    self->base = task->cancelling;
    if (arm(self) != 0)
        RAISE(ENOMEM, "timeout: no memory for one more timer");
    AWAIT_CORO(self->body);
    timer_stop(task_loop(task), &self->timer);
    if (self->expired && task_uncancel(task) <= self->base
        && self->body->error == E_CANCELLED)
        RAISE(E_TIMEOUT, "timeout: not done within %.3f s",
              (double)self->delay_ns / 1e9);
    END;
}
