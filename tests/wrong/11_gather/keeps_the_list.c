/* MISTAKE: it keeps the address of the list that it was given. */
/* SEEN: the list of children is used after gather has returned */
#define OWN_FINISH
#define OWN_GATHER
#include "given.h"

static struct future *const *list;

static void finish(struct gather *self)
{
    for (size_t i = 0; i < self->count; i++)
        future_look(list[i]);
    if (self->cancel_requested)
        fail(self, &error_cancelled);
    else
        future_set_result(&self->outer.future);
}

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
    list = children;
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
    if (count == 0)
        future_set_result(&self->outer.future);
    return &self->outer.future;
}
