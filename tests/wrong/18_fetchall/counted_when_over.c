/* MISTAKE: a try is counted when it is over: one that is cancelled is none. */
/* SEEN: a try is counted when it is over */
#define OWN_FETCH_RETRY
#include "given.h"

ASYNC(fetch_retry)
{
    BEGIN;
    for (;;) {
        TRY_AWAIT(fetch_once, .ask = self->ask);
        self->tries++;
        if (!try_again(self))
            break;
        AWAIT(sleep, .delay_ns = pause_ns(self));
    }
    self->status = self->fetch_once.status;
    self->bytes = self->fetch_once.bytes;
    RERAISE(self->fetch_once.coro.error);
    END;
}
