/* MISTAKE: it swaps the done ones to the front. */
/* SEEN: the pending ones have changed places */
#define OWN_PARTITION
#include "given.h"

static void partition(struct wait *self)
{
    for (size_t i = 0; i < self->count; i++) {
        struct future *future = self->futures[i];

        if (future_done(future)) {
            self->futures[i] = self->futures[self->done];
            self->futures[self->done++] = future;
        }
    }
}
