/* MISTAKE: nobody remembers that the gather was cancelled. */
/* SEEN: nobody remembers the request */
#define OWN_CANCEL_CHILDREN
#include "given.h"

static bool cancel_children(struct future *future)
{
    struct gather *self = CONTAINER(future, struct gather, outer.future);
    bool any = false;

    if (future_done(future))
        return false;
    for (size_t i = 0; i < self->count; i++)
        any = future_cancel(self->slots[i].child) || any;
    return any;
}
