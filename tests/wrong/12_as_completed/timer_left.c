/* MISTAKE: the last result does not stop the timer. */
/* SEEN: nobody stops the timer after the last result */
#define OWN_FUTURE_FINISHED
#include "given.h"

static void future_finished(struct callback *callback)
{
    struct completed *slot = CONTAINER(callback, struct completed, done);
    struct as_completed *self = slot->from;

    list_remove(&slot->link);
    list_add(&self->finished, &slot->link);
    wake_getter(self);
}
