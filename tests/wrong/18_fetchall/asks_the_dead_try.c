/* MISTAKE: it sleeps first, and asks the last try then: the sleep has its memory. */
/* SEEN: it sleeps, and then asks whether to */
#define OWN_FETCH_RETRY
#include "given.h"

ASYNC(fetch_retry)
{
    BEGIN;
    for (;;) {
        self->tries++;
        TRY_AWAIT(fetch_once, .ask = self->ask);
        AWAIT(sleep, .delay_ns = pause_ns(self));
        if (!try_again(self))
            break;
    }
    self->status = self->fetch_once.status;
    self->bytes = self->fetch_once.bytes;
    RERAISE(self->fetch_once.coro.error);
    END;
}
