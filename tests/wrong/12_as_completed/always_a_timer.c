/* MISTAKE: no timeout is taken for a timeout of 0. */
/* SEEN: a timer is started though no timeout was given */
#define OWN_AS_COMPLETED
#include "given.h"

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
        list_add(&self->todo, &slots[i].link);
        future_add_callback(futures[i], &slots[i].done);
    }
    if (self->turns == 0)
        return 0;
    if (timer_start(loop, &self->timer, timeout.ns, time_is_up) == 0)
        return 0;
    as_completed_close(self);
    return ENOMEM;
}
