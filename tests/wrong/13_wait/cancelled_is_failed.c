/* MISTAKE: a cancelled child counts as one that failed. */
/* SEEN: cancelled is not failed */
#define OWN_CHILD_DONE
#include "given.h"

static void child_done(struct callback *callback)
{
    struct wait_slot *slot = CONTAINER(callback, struct wait_slot, done);
    struct wait *self = slot->wait;

    self->left--;
    if (self->left == 0 || self->until == FIRST_COMPLETED
        || (self->until == FIRST_EXCEPTION
            && future_error(slot->future) != NULL
            && future_outcome(slot->future) != 0))
        release(&self->waiter);
}
