/* MISTAKE: tries counts the retries: the first is none. */
/* SEEN: tries counts the retries alone */
#define OWN_FETCH_RETRY
#include "given.h"

ASYNC(fetch_retry)
{
    BEGIN;
    for (;;) {
        TRY_AWAIT(fetch_once, .ask = self->ask);
        if (!try_again(self))
            break;
        self->tries++;
        AWAIT(sleep, .delay_ns = pause_ns(self));
    }
    self->status = self->fetch_once.status;
    self->bytes = self->fetch_once.bytes;
    RERAISE(self->fetch_once.coro.error);
    END;
}
