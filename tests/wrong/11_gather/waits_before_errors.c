/* MISTAKE: an error is raised when all the children have ended. */
/* SEEN: only when all have ended */
#define OWN_FINISH
#define OWN_CHILD_DONE
#include "given.h"

static void finish(struct gather *self)
{
    for (size_t i = 0; i < self->count; i++)
        future_look(self->slots[i].child);
    for (size_t i = 0; self->errors == GATHER_RAISE && i < self->count; i++) {
        const struct error *error = future_error(self->slots[i].child);

        if (error != NULL) {
            fail(self, error);
            return;
        }
    }
    if (self->cancel_requested)
        fail(self, &error_cancelled);
    else
        future_set_result(&self->outer.future);
}

static void child_done(struct callback *callback)
{
    struct gather_slot *slot = CONTAINER(callback, struct gather_slot, done);
    struct gather *self = slot->gather;

    self->finished++;
    if (future_done(&self->outer.future)) {
        future_look(slot->child);
    } else if (self->finished == self->distinct) {
        finish(self);
    }
}
