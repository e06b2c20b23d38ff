/* MISTAKE: the status is left in fetch_once. */
/* SEEN: status stays in fetch_once */
#define OWN_FETCH_RETRY
#include "given.h"

ASYNC(fetch_retry)
{
    BEGIN;
    for (;;) {
        self->tries++;
        TRY_AWAIT(fetch_once, .ask = self->ask);
        if (!try_again(self))
            break;
        AWAIT(sleep, .delay_ns = pause_ns(self));
    }
    self->bytes = self->fetch_once.bytes;
    if (self->fetch_once.coro.error != 0)
        RERAISE(self->fetch_once.coro.error);
    END;
}
