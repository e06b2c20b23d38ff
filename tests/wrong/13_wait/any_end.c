/* MISTAKE: any end of a child releases the waiter, whatever `until` says. */
/* SEEN: the first end is enough only for FIRST_COMPLETED */
#define OWN_CHILD_DONE
#include "given.h"

static void child_done(struct callback *callback)
{
    struct wait_slot *slot = CONTAINER(callback, struct wait_slot, done);
    struct wait *self = slot->wait;

    self->left--;
    release(&self->waiter);
}
