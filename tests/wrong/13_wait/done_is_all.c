/* MISTAKE: `done` is set at the end, to the number of all. */
/* SEEN: all are called done */
#include "13_wait/wait.h"

static void release(struct future *waiter)
{
    if (!future_done(waiter))
        future_set_result(waiter);
}

static void time_is_up(struct callback *callback)
{
    release(&CONTAINER(callback, struct wait, timer.callback)->waiter);
}

static void child_done(struct callback *callback)
{
    struct wait_slot *slot = CONTAINER(callback, struct wait_slot, done);

    slot->wait->left--;
    if (slot->wait->left == 0 || slot->wait->until == FIRST_COMPLETED) {
        release(&slot->wait->waiter);
    } else if (slot->wait->until == FIRST_EXCEPTION
               && slot->future->state == FUTURE_ERROR) {
        future_look(slot->future);
        release(&slot->wait->waiter);
    }
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

static void let_go(struct wait *self, struct loop *loop)
{
    timer_stop(loop, &self->timer);
    for (size_t i = 0; i < self->count; i++)
        if (future_remove_callback(self->slots[i].future,
                                   &self->slots[i].done)
            && future_done(self->slots[i].future))
            child_done(&self->slots[i].done);
}

static void sort(struct wait *self)
{
    size_t n = 0;

    for (size_t i = 0; i < self->count; i++)
        if (future_done(self->slots[i].future))
            self->futures[n++] = self->slots[i].future;
    for (size_t i = 0; i < self->count; i++)
        if (!future_done(self->slots[i].future))
            self->futures[n++] = self->slots[i].future;
    self->done = n;
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
    let_go(self, task_loop(task));
    if (task->outcome != 0)
        RERAISE(task->outcome);
    sort(self);
    END;
}
