/* MISTAKE: the child whose error is raised is not looked at. */
/* SEEN: the failure that the gather raises is reported as well */
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
        fail(self, error);
    } else if (self->finished == self->distinct) {
        finish(self);
    }
}
