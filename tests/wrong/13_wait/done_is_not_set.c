/* MISTAKE: it sorts futures[], and forgets to say how many are done. */
/* SEEN: nobody sets self->done */
#define OWN_PARTITION
#include "given.h"

static void partition(struct wait *self)
{
    size_t n = 0;

    for (size_t i = 0; i < self->count; i++)
        if (future_done(self->slots[i].future))
            self->futures[n++] = self->slots[i].future;
    for (size_t i = 0; i < self->count; i++)
        if (!future_done(self->slots[i].future))
            self->futures[n++] = self->slots[i].future;
}
