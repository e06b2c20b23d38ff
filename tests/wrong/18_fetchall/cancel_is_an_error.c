/* MISTAKE: CATCH_AWAIT, and a cancellation is tried again like a timeout. */
/* SEEN: a cancellation is tried again like an error */
#define OWN_FETCH_RETRY
#include "given.h"

ASYNC(fetch_retry)
{
    BEGIN;
    for (;;) {
        self->tries++;
        CATCH_AWAIT(fetch_once, .ask = self->ask);
        if (!try_again(self) && (self->fetch_once.coro.error != E_CANCELLED
                                 || self->tries > self->retry.more))
            break;
        AWAIT(sleep, .delay_ns = pause_ns(self));
    }
    self->status = self->fetch_once.status;
    self->bytes = self->fetch_once.bytes;
    RERAISE(self->fetch_once.coro.error);
    END;
}
