/* MISTAKE: three members of a slot are set, the others stay as they are. */
/* SEEN: assign slots[i] as a whole */
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
        slots[i].done.run = future_finished;
        slots[i].from = self;
        slots[i].future = futures[i];
        list_add(&self->todo, &slots[i].link);
        future_add_callback(futures[i], &slots[i].done);
    }
    if (!timeout.set || self->turns == 0)
        return 0;
    if (timer_start(loop, &self->timer, timeout.ns, time_is_up) == 0)
        return 0;
    as_completed_close(self);
    return ENOMEM;
}
