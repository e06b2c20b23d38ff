/* MISTAKE: a callback that has nothing to do yet is added once more. */
/* SEEN: child_done (added_again.c */
#define OWN_CHILD_DONE
#include "given.h"

static void child_done(struct callback *callback)
{
    struct wait_slot *slot = CONTAINER(callback, struct wait_slot, done);
    struct wait *self = slot->wait;

    if (self->until == ALL_COMPLETED && self->left > 1) {
        future_add_callback(slot->future, callback);
        return;
    }
    self->left--;
    if (self->left == 0 || self->until == FIRST_COMPLETED
        || (self->until == FIRST_EXCEPTION
            && slot->future->state == FUTURE_ERROR
            && future_outcome(slot->future) != 0))
        release(&self->waiter);
}
