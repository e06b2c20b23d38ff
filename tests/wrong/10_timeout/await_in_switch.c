/* MISTAKE: the body is awaited inside a switch on what arm gave. */
/* SEEN: an AWAIT stands inside a switch */
#define OWN_TIMEOUT
#include "given.h"

ASYNC(timeout)
{
    BEGIN;
    self->task = task;
    self->base = task->cancelling;
    switch (arm(self)) {
    case 0:
        CATCH_AWAIT_CORO(self->body);
        break;
    default:
        RAISE(ENOMEM, "timeout: no memory for one more timer");
    }
    timer_stop(task_loop(task), &self->timer);
    if (self->expired && task_uncancel(task) <= self->base
        && self->body->error == E_CANCELLED)
        RAISE(E_TIMEOUT, "timeout: not done within %.3f s",
              (double)self->delay_ns / 1e9);
    if (self->body->error != 0)
        RERAISE(self->body->error);
    END;
}
