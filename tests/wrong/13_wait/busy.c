/* MISTAKE: it yields in a loop until enough are done. */
/* SEEN: asks in a loop instead of waiting */
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
    while (!future_done(&self->waiter))
        YIELD();
    task->outcome = 0;
    let_go(self);
    if (task->outcome != 0)
        RERAISE(task->outcome);
    partition(self);
    END;
}
