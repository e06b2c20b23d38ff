/* MISTAKE: CATCH_AWAIT_FUTURE, and then nobody looks at task->outcome. */
/* SEEN: the cancellation is caught and not passed on */
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
    partition(self);
    END;
}
