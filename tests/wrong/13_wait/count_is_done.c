/* MISTAKE: `count` becomes the number of those that are done. */
/* SEEN: the pending ones are missing */
#define OWN_PARTITION
#include "given.h"

static void partition(struct wait *self)
{
    size_t pending = 0;

    for (size_t i = 0; i < self->count; i++)
        if (future_done(self->slots[i].future))
            self->futures[self->done++] = self->slots[i].future;
    self->count = self->done;
    for (size_t i = 0; i < self->count; i++)
        if (!future_done(self->slots[i].future))
            self->futures[self->done + pending++] = self->slots[i].future;
}
