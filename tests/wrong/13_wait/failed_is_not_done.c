/* MISTAKE: only those with a result count as done. */
/* SEEN: one that failed does not count as done */
#define OWN_PARTITION
#include "given.h"

static void partition(struct wait *self)
{
    size_t pending = 0;

    for (size_t i = 0; i < self->count; i++)
        if (self->slots[i].future->state == FUTURE_RESULT)
            self->futures[self->done++] = self->slots[i].future;
    for (size_t i = 0; i < self->count; i++)
        if (self->slots[i].future->state != FUTURE_RESULT)
            self->futures[self->done + pending++] = self->slots[i].future;
}
