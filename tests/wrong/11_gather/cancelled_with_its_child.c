/* MISTAKE: a child is cancelled, and it marks itself cancelled. */
/* SEEN: nobody has cancelled the gather itself */
#define OWN_CHILD_DONE
#include "given.h"

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
        if (slot->child->state == FUTURE_CANCELLED)
            future_set_cancelled(&self->outer.future);
        else
            fail(self, error);
    } else if (self->finished == self->distinct) {
        finish(self);
    }
}
