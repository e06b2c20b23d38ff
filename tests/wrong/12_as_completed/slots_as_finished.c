/* MISTAKE: the slots are in `finished` from the beginning. */
/* SEEN: before it is done */
#define OWN_FUTURE_FINISHED
#define OWN_AS_COMPLETED
#include "given.h"

static void future_finished(struct callback *callback)
{
    struct completed *slot = CONTAINER(callback, struct completed, done);
    struct as_completed *self = slot->from;

    if (list_empty(&self->todo))
        timer_stop(self->loop, &self->timer);
    wake_getter(self);
}

int as_completed(struct as_completed *self, struct loop *loop,
                 struct completed *slots, struct future **futures,
                 size_t count, struct limit timeout)
{
    *self = (struct as_completed){ .loop = loop };
    list_init(&self->todo);
    list_init(&self->finished);
    list_init(&self->getters);
    self->turns = future_unique(futures, count);
    for (size_t i = 0; i < self->turns; i++) {
        slots[i] = (struct completed){ { .run = future_finished }, self,
                                       futures[i], { NULL, NULL } };
        list_add(&self->finished, &slots[i].link);
        future_add_callback(futures[i], &slots[i].done);
    }
    if (!timeout.set || self->turns == 0)
        return 0;
    if (timer_start(loop, &self->timer, timeout.ns, time_is_up) == 0)
        return 0;
    as_completed_close(self);
    return ENOMEM;
}
