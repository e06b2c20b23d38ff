/* MISTAKE: it awaits the children one after the other. */
/* SEEN: the children are awaited one after the other */
#define OWN_CHILD_DONE
#define OWN_WAIT
#include "given.h"

static void child_done(struct callback *callback)
{
    struct wait_slot *slot = CONTAINER(callback, struct wait_slot, done);
    struct wait *self = slot->wait;

    self->left--;
}

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
    for (self->left = 0; self->left < self->count; self->left++)
        AWAIT_FUTURE(self->slots[self->left].future);
    let_go(self);
    partition(self);
    END;
}
