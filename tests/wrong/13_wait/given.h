/* given.h - exercise.c of lesson 13, written right. A wrong answer defines
 * OWN_ and the name of each function that it gets wrong, and writes that.
 */
#include "13_wait/wait.h"

static void child_done(struct callback *callback);
static void time_is_up(struct callback *callback);
static void let_go(struct wait *self);
#ifndef OWN_WAIT /* that may do without partition */
static void partition(struct wait *self);
#endif

static void release(struct future *waiter)
{
    if (!future_done(waiter))
        future_set_result(waiter);
}

#ifndef OWN_CHILD_DONE
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
#endif

#ifndef OWN_TIME_IS_UP
static void time_is_up(struct callback *callback)
{
    release(&CONTAINER(callback, struct wait, timer.callback)->waiter);
}
#endif

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

#ifndef OWN_LET_GO
static struct callback *last_of(const struct wait *self,
                                const struct queue *queue)
{
    struct callback *last = NULL, *at = queue->tail;

    if (at == NULL)
        return NULL;
    do {
        at = at->next;
        if (at->run == child_done
            && CONTAINER(at, struct wait_slot, done)->wait == self)
            last = at;
    } while (at != queue->tail);
    return last;
}

static void let_go(struct wait *self)
{
    struct loop *loop = self->waiter.loop;
    struct callback *last = last_of(self, &loop->ready);

    if (last == NULL)
        last = last_of(self, &loop->batch);
    timer_stop(loop, &self->timer);
    for (size_t i = 0; i < self->count; i++) {
        struct wait_slot *slot = &self->slots[i];

        if (future_remove_callback(slot->future, &slot->done)
            && future_done(slot->future) && &slot->done != last)
            child_done(&slot->done);
    }
    if (last != NULL)
        child_done(last);
}
#endif

#ifndef OWN_PARTITION
static void partition(struct wait *self)
{
    size_t pending = 0;

    for (size_t i = 0; i < self->count; i++)
        if (future_done(self->slots[i].future))
            self->futures[self->done++] = self->slots[i].future;
    for (size_t i = 0; i < self->count; i++)
        if (!future_done(self->slots[i].future))
            self->futures[self->done + pending++] = self->slots[i].future;
}
#endif

#ifndef OWN_WAIT
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
#endif
