/* MISTAKE: FIRST_EXCEPTION is released by a failure, never by the last. */
/* SEEN: if nobody fails, nobody releases */
#define OWN_CHILD_DONE
#include "given.h"

static void child_done(struct callback *callback)
{
    struct wait_slot *slot = CONTAINER(callback, struct wait_slot, done);
    struct wait *self = slot->wait;

    self->left--;
    if ((self->left == 0 && self->until == ALL_COMPLETED)
        || self->until == FIRST_COMPLETED
        || (self->until == FIRST_EXCEPTION
            && slot->future->state == FUTURE_ERROR
            && future_outcome(slot->future) != 0))
        release(&self->waiter);
}
