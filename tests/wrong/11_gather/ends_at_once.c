/* MISTAKE: cancelled, it ends at once, before its children have. */
/* SEEN: the gather ends before its children have */
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
    self->cancel_requested = self->cancel_requested || any;
    if (any)
        fail(self, &error_cancelled);
    return any;
}
