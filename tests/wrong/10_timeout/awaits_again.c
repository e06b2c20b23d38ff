/* MISTAKE: the body is awaited a second time, to pass its error on. */
/* SEEN: awaited a second time */
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
    if (self->expired && task_uncancel(task) <= self->base
        && self->body->error == E_CANCELLED)
        RAISE(E_TIMEOUT, "timeout: not done within %.3f s",
              (double)self->delay_ns / 1e9);
    AWAIT_CORO(self->body);
    END;
}
