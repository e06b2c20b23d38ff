/* MISTAKE: a local is set before the await and used after it. */
/* SEEN: a local does not survive an await */
#define OWN_PARTITION
#define OWN_WAIT
#include "given.h"

ASYNC(wait)
{
    size_t pending;

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
    pending = 0;
    CATCH_AWAIT_FUTURE(&self->waiter);
    let_go(self);
    if (task->outcome != 0)
        RERAISE(task->outcome);
    for (size_t i = 0; i < self->count; i++)
        if (future_done(self->slots[i].future))
            self->futures[self->done++] = self->slots[i].future;
    for (size_t i = 0; i < self->count; i++)
        if (!future_done(self->slots[i].future))
            self->futures[self->done + pending++] = self->slots[i].future;
    END;
}
