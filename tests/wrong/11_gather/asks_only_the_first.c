/* MISTAKE: || skips the rest when one child has taken the request. */
/* SEEN: the || skips the others */
#define OWN_CANCEL_CHILDREN
#include "given.h"

static bool cancel_children(struct future *future)
{
    struct gather *self = CONTAINER(future, struct gather, outer.future);
    bool any = false;

    if (future_done(future))
        return false;
    for (size_t i = 0; i < self->count; i++)
        any = any || future_cancel(self->slots[i].child);
    self->cancel_requested = self->cancel_requested || any;
    return any;
}
