/* MISTAKE: the done ones are listed as they ended, not as they were given. */
/* SEEN: the done ones stand in the order in which they ended */
#define OWN_CHILD_DONE
#define OWN_PARTITION
#include "given.h"

static void child_done(struct callback *callback)
{
    struct wait_slot *slot = CONTAINER(callback, struct wait_slot, done);
    struct wait *self = slot->wait;

    self->left--;
    self->futures[self->done++] = slot->future;
    if (self->left == 0 || self->until == FIRST_COMPLETED
        || (self->until == FIRST_EXCEPTION
            && slot->future->state == FUTURE_ERROR
            && future_outcome(slot->future) != 0))
        release(&self->waiter);
}

static void partition(struct wait *self)
{
    size_t pending = 0;

    for (size_t i = 0; i < self->count; i++)
        if (!future_done(self->slots[i].future))
            self->futures[self->done + pending++] = self->slots[i].future;
}
