/* exercise.c - asyncio.wait, by you. wait.h has the contract.
 *
 * The children and the timer release one future of our own, the waiter; we
 * sleep on it, and when we wake we look who is done. Given: the timer and
 * the listening. Yours: which end of a child releases the waiter, and all
 * that happens once we are awake. About 30 lines.
 */
#include "13_wait/wait.h"

#include "stage/todo.h"

static void release(struct future *waiter)
{
    if (!future_done(waiter))
        future_set_result(waiter);
}

static void time_is_up(struct callback *callback)
{
    release(&CONTAINER(callback, struct wait, timer.callback)->waiter);
}

/* The child slot->future has just ended. One less is left; is that what
 * slot->wait is waiting for? A future's state is FUTURE_RESULT, FUTURE_ERROR
 * or FUTURE_CANCELLED. A failure that ends the wait counts as looked at
 * (future_look), unless it was the last child anyway (row W12). */
static void child_done(struct callback *callback)
{
    struct wait_slot *slot = CONTAINER(callback, struct wait_slot, done);

    slot->wait->left--;
    TODO("release(&slot->wait->waiter) if this end is the one");
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
    /* Sleep on the waiter, and be woken by a cancellation too. However it
     * ended, nobody may call us afterwards: stop the timer, take back the
     * callbacks (of one that was on its way, do what it would have done).
     * Cancelled: pass it on, and cancel nobody. Otherwise sort futures[],
     * the done ones first, both halves in their old order, and set done. */
    TODO("await, let go, and sort futures[] into done and pending");
    END;
}
