/* MISTAKE: time is up, and it raises E_TIMEOUT, as wait_for does. */
/* SEEN: a timeout is an ordinary return */
#define OWN_WAIT
#include "given.h"

ASYNC(wait)
{
    BEGIN;
    if (self->count == 0)
        RAISE(E_VALUE, "wait: no futures to wait for");
    if (self->until > FIRST_EXCEPTION)
        RAISE(E_VALUE, "wait: until %d: no such mode", (int)self->until);
    future_init(&self->waiter, task_loop(task), FUTURE_PLAIN);
    if (self->timeout.set && timer_start(task_loop(task), &self->timer,
                                         self->timeout.ns, time_is_up))
        RAISE(ENOMEM, "wait: no memory for one more timer");
    listen_to_all(self);
    CATCH_AWAIT_FUTURE(&self->waiter);
    let_go(self);
    if (task->outcome != 0)
        RERAISE(task->outcome);
    if (self->timeout.set && self->left > 0
        && loop_now(task_loop(task)) >= self->timer.when)
        RAISE(E_TIMEOUT, "wait: time is up");
    partition(self);
    END;
}
