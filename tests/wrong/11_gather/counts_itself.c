/* MISTAKE: child_done calls itself for the children to come. */
/* SEEN: nothing ends the calls of child_done */
#define OWN_CHILD_DONE
#include "given.h"

static void child_done(struct callback *callback)
{
    struct gather_slot *slot = CONTAINER(callback, struct gather_slot, done);
    struct gather *self = slot->gather;
    const struct error *error = future_error(slot->child);

    self->finished++;
    if (self->finished > 0)
        child_done(callback);
    if (future_done(&self->outer.future)) {
        future_look(slot->child);
    } else if (self->errors == GATHER_RAISE && error != NULL) {
        future_look(slot->child);
        fail(self, error);
    } else if (self->finished == self->distinct) {
        finish(self);
    }
}
