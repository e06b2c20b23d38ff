/* MISTAKE: only those with a result count as done. */
/* SEEN: one that failed does not count as done */
#include "13_wait/wait.h"

static void release(struct future *waiter)
{
    if (!future_done(waiter))
        future_set_result(waiter);
}

static bool failed(struct future *future)
{
    return future->state == FUTURE_ERROR && future_outcome(future) != 0;
}

static void child_done(struct callback *callback)
{
    struct wait_slot *slot = CONTAINER(callback, struct wait_slot, done);
    struct wait *self = slot->wait;

    self->left--;
    if (self->left == 0 || self->until == FIRST_COMPLETED
        || (self->until == FIRST_EXCEPTION && failed(slot->future)))
        release(&self->waiter);
}

static void time_is_up(struct callback *callback)
{
    release(&CONTAINER(callback, struct wait, timer.callback)->waiter);
}

static void listen_to_all(struct wait *self)
{
    self->count = future_unique(self->futures, self->count);
    self->left = self->count;
    for (size_t i = 0; i < self->count; i++) {
        self->slots[i] = (struct wait_slot){ { .run = child_done }, self,
                                             self->futures[i] };
        future_add_callback(self->futures[i], &self->slots[i].done);
    }
}

static void let_go(struct wait *self)
{
    timer_stop(self->waiter.loop, &self->timer);
    for (size_t i = 0; i < self->count; i++) {
        struct wait_slot *slot = &self->slots[i];

        if (future_remove_callback(slot->future, &slot->done)
            && future_done(slot->future))
            child_done(&slot->done);
    }
}

static void partition(struct wait *self)
{
    size_t pending = 0;

    for (size_t i = 0; i < self->count; i++)
        if (self->slots[i].future->state == FUTURE_RESULT)
            self->futures[self->done++] = self->slots[i].future;
    for (size_t i = 0; i < self->count; i++)
        if (self->slots[i].future->state != FUTURE_RESULT)
            self->futures[self->done + pending++] = self->slots[i].future;
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
    partition(self);
    END;
}
