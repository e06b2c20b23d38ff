/* MISTAKE: every error is looked at as it comes, whoever takes it. */
/* SEEN: nobody has taken its turn */
#define OWN_FUTURE_FINISHED
#include "given.h"

static void future_finished(struct callback *callback)
{
    struct completed *slot = CONTAINER(callback, struct completed, done);
    struct as_completed *self = slot->from;

    list_remove(&slot->link);
    list_add(&self->finished, &slot->link);
    future_look(slot->future);
    if (list_empty(&self->todo))
        timer_stop(self->loop, &self->timer);
    wake_getter(self);
}
