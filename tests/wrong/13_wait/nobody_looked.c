/* MISTAKE: a failure that ends the wait does not count as looked at. */
/* SEEN: the failure that ended the wait was never looked at */
#define OWN_CHILD_DONE
#include "given.h"

static void child_done(struct callback *callback)
{
    struct wait_slot *slot = CONTAINER(callback, struct wait_slot, done);
    struct wait *self = slot->wait;

    self->left--;
    if (self->left == 0 || self->until == FIRST_COMPLETED
        || (self->until == FIRST_EXCEPTION
            && slot->future->state == FUTURE_ERROR))
        release(&self->waiter);
}
