/* MISTAKE: any result stops the timer. */
/* SEEN: the timer does not fire when it should */
#define OWN_FUTURE_FINISHED
#include "given.h"

static void future_finished(struct callback *callback)
{
    struct completed *slot = CONTAINER(callback, struct completed, done);
    struct as_completed *self = slot->from;

    list_remove(&slot->link);
    list_add(&self->finished, &slot->link);
    timer_stop(self->loop, &self->timer);
    wake_getter(self);
}
