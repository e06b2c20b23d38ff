/* MISTAKE: a later failure takes the place of the first. */
/* SEEN: a later failure overwrites the first */
#define OWN_CHILD_DONE
#include "given.h"

static void child_done(struct callback *callback)
{
    struct gather_slot *slot = CONTAINER(callback, struct gather_slot, done);
    struct gather *self = slot->gather;
    const struct error *error = future_error(slot->child);

    self->finished++;
    if (self->errors == GATHER_RAISE && error != NULL) {
        future_look(slot->child);
        fail(self, error);
    } else if (self->finished == self->distinct) {
        finish(self);
    }
}
