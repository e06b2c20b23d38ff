/* MISTAKE: the timer is not stopped when the children are in time. */
/* SEEN: the timer is never stopped */
#define OWN_LET_GO
#include "given.h"

static void let_go(struct wait *self)
{
    for (size_t i = 0; i < self->count; i++) {
        struct wait_slot *slot = &self->slots[i];

        if (future_remove_callback(slot->future, &slot->done)
            && future_done(slot->future))
            child_done(&slot->done);
    }
}
