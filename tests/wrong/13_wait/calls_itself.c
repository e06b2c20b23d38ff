/* MISTAKE: child_done calls itself for the children to come. */
/* SEEN: nothing ends the calls of child_done */
#define OWN_CHILD_DONE
#include "given.h"

static void child_done(struct callback *callback)
{
    struct wait_slot *slot = CONTAINER(callback, struct wait_slot, done);
    struct wait *self = slot->wait;

    self->left--;
    child_done(callback);
    if (self->left == 0 || self->until == FIRST_COMPLETED
        || (self->until == FIRST_EXCEPTION
            && slot->future->state == FUTURE_ERROR
            && future_outcome(slot->future) != 0))
        release(&self->waiter);
}
