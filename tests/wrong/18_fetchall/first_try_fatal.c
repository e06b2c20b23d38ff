/* MISTAKE: AWAIT: the first error goes up. */
/* SEEN: an error is final */
#define OWN_FETCH_RETRY
#include "given.h"

ASYNC(fetch_retry)
{
    BEGIN;
    for (;;) {
        self->tries++;
        AWAIT(fetch_once, .ask = self->ask);
        if (!try_again(self))
            break;
        AWAIT(sleep, .delay_ns = pause_ns(self));
    }
    self->status = self->fetch_once.status;
    self->bytes = self->fetch_once.bytes;
    RERAISE(self->fetch_once.coro.error);
    END;
}
