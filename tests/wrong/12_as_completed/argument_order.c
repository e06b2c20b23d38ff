/* MISTAKE: `finished` is kept in the order of the arguments. */
/* SEEN: results are given in argument order */
#define OWN_FUTURE_FINISHED
#include "given.h"

static void future_finished(struct callback *callback)
{
    struct completed *slot = CONTAINER(callback, struct completed, done);
    struct as_completed *self = slot->from;
    struct link *before;

    list_remove(&slot->link);
    for (before = self->finished.next; before != &self->finished;
         before = before->next)
        if (CONTAINER(before, struct completed, link) > slot)
            break;
    list_add(before, &slot->link);
    if (list_empty(&self->todo))
        timer_stop(self->loop, &self->timer);
    wake_getter(self);
}
