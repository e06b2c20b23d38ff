/* MISTAKE: future_finished moves the slot, and wakes nobody. */
/* SEEN: moves a result to `finished` and wakes nobody */
#define OWN_FUTURE_FINISHED
#include "given.h"

static void future_finished(struct callback *callback)
{
    struct completed *slot = CONTAINER(callback, struct completed, done);
    struct as_completed *self = slot->from;

    list_remove(&slot->link);
    list_add(&self->finished, &slot->link);
    if (list_empty(&self->todo))
        timer_stop(self->loop, &self->timer);
}
