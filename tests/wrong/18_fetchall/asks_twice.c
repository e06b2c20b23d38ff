/* MISTAKE: it asks whether to sleep, and after the sleep whether to go on. */
/* SEEN: and then asks whether to */
#define OWN_FETCH_RETRY
#include "given.h"

ASYNC(fetch_retry)
{
    BEGIN;
    do {
        self->tries++;
        TRY_AWAIT(fetch_once, .ask = self->ask);
        if (try_again(self))
            AWAIT(sleep, .delay_ns = pause_ns(self));
    } while (try_again(self));
    self->status = self->fetch_once.status;
    self->bytes = self->fetch_once.bytes;
    if (self->fetch_once.coro.error != 0)
        RERAISE(self->fetch_once.coro.error);
    END;
}
