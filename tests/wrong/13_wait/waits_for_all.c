/* MISTAKE: only the last child releases the waiter, in every mode. */
/* SEEN: waits for the last one whatever `until` says */
#define OWN_CHILD_DONE
#include "given.h"

static void child_done(struct callback *callback)
{
    struct wait_slot *slot = CONTAINER(callback, struct wait_slot, done);
    struct wait *self = slot->wait;

    self->left--;
    if (self->left == 0)
        release(&self->waiter);
}
