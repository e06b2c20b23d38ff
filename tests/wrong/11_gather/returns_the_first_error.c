/* MISTAKE: it raises with return_exceptions, too. */
/* SEEN: RETURN means that errors are results */
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
    } else if (error != NULL) {
        future_look(slot->child);
        fail(self, error);
    } else if (self->finished == self->distinct) {
        finish(self);
    }
}
