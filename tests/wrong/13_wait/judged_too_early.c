/* MISTAKE: the halves are made by the child that releases, not when we wake. */
/* SEEN: the halves were made before we woke */
#define OWN_CHILD_DONE
#define OWN_TIME_IS_UP
#define OWN_WAIT
#include "given.h"

static void child_done(struct callback *callback)
{
    struct wait_slot *slot = CONTAINER(callback, struct wait_slot, done);
    struct wait *self = slot->wait;

    self->left--;
    if (self->left == 0 || self->until == FIRST_COMPLETED
        || (self->until == FIRST_EXCEPTION
            && slot->future->state == FUTURE_ERROR
            && future_outcome(slot->future) != 0)) {
        if (!future_done(&self->waiter))
            partition(self);
        release(&self->waiter);
    }
}

static void time_is_up(struct callback *callback)
{
    struct wait *self = CONTAINER(callback, struct wait, timer.callback);

    if (!future_done(&self->waiter))
        partition(self);
    release(&self->waiter);
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
    CATCH_AWAIT_FUTURE(&self->waiter);
    let_go(self);
    if (task->outcome != 0)
        RERAISE(task->outcome);
    END;
}
