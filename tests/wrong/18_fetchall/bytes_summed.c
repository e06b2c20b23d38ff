/* MISTAKE: the bytes of all tries are summed up. */
/* SEEN: the bytes of all tries are summed up */
#define OWN_FETCH_RETRY
#include "given.h"

ASYNC(fetch_retry)
{
    BEGIN;
    for (;;) {
        self->tries++;
        TRY_AWAIT(fetch_once, .ask = self->ask);
        self->bytes += self->fetch_once.bytes;
        if (!try_again(self))
            break;
        AWAIT(sleep, .delay_ns = pause_ns(self));
    }
    self->status = self->fetch_once.status;
    RERAISE(self->fetch_once.coro.error);
    END;
}
