/* given.h - exercise.c of lesson 11, written right. A wrong answer defines
 * OWN_ and the name of each function that it gets wrong, and writes that.
 */
#include "11_gather/gather.h"

static bool cancel_children(struct future *future);
static void fail(struct gather *self, const struct error *error);
static void finish(struct gather *self);
static void child_done(struct callback *callback);

#ifndef OWN_CANCEL_CHILDREN
static bool cancel_children(struct future *future)
{
    struct gather *self = CONTAINER(future, struct gather, outer.future);
    bool any = false;

    if (future_done(future))
        return false;
    for (size_t i = 0; i < self->count; i++)
        any = future_cancel(self->slots[i].child) || any;
    self->cancel_requested = self->cancel_requested || any;
    return any;
}
#endif

#ifndef OWN_FAIL
static void fail(struct gather *self, const struct error *error)
{
    self->error = *error;
    future_set_error(&self->outer.future, &self->error);
}
#endif

#ifndef OWN_FINISH
static void finish(struct gather *self)
{
    for (size_t i = 0; i < self->count; i++)
        future_look(self->slots[i].child);
    if (self->cancel_requested)
        fail(self, &error_cancelled);
    else
        future_set_result(&self->outer.future);
}
#endif

#ifndef OWN_CHILD_DONE
static void child_done(struct callback *callback)
{
    struct gather_slot *slot = CONTAINER(callback, struct gather_slot, done);
    struct gather *self = slot->gather;
    const struct error *error = future_error(slot->child);

    self->finished++;
    if (future_done(&self->outer.future)) {
        future_look(slot->child);
    } else if (self->errors == GATHER_RAISE && error != NULL) {
        future_look(slot->child);
        fail(self, error);
    } else if (self->finished == self->distinct) {
        finish(self);
    }
}
#endif

#ifndef OWN_GATHER
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
    if (count == 0)
        future_set_result(&self->outer.future);
    return &self->outer.future;
}
#endif

#ifndef OWN_GATHER_CLOSE
void gather_close(void *gather)
{
    struct gather *self = gather;

    for (size_t i = 0; i < self->count; i++)
        future_remove_callback(self->slots[i].child, &self->slots[i].done);
}
#endif
