/* MISTAKE: gather of nothing waits for a child that does not exist. */
/* SEEN: without children nobody calls child_done */
#define OWN_GATHER
#include "given.h"

struct future *gather(struct gather *self, struct loop *loop,
                      struct gather_slot *slots,
                      struct future *const *children, size_t count,
                      enum gather_errors errors)
{
    *self = (struct gather){ .slots = slots, .count = count,
                             .errors = errors };
    future_init(&self->outer.future, loop, FUTURE_OUTER);
    self->outer.cancel = cancel_children;
    self->outer.name = "gather";
    for (size_t i = 0; i < count; i++) {
        slots[i] = (struct gather_slot){ { .run = child_done }, self,
                                         children[i] };
        if (children[i]->marked)
            continue;
        children[i]->marked = true;
        self->distinct++;
        future_add_callback(children[i], &slots[i].done);
    }
    for (size_t i = 0; i < count; i++)
        children[i]->marked = false;
    return &self->outer.future;
}
