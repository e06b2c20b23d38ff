/* MISTAKE: it reads from the list that it is overwriting. */
/* SEEN: the list is overwritten while it is still read */
#define OWN_PARTITION
#include "given.h"

static void partition(struct wait *self)
{
    size_t n = 0;

    for (size_t i = 0; i < self->count; i++)
        if (future_done(self->futures[i]))
            self->futures[n++] = self->futures[i];
    self->done = n;
    for (size_t i = 0; i < self->count; i++)
        if (!future_done(self->futures[i]))
            self->futures[n++] = self->futures[i];
}
