/* MISTAKE: a 503 that stays is raised as an error. */
/* SEEN: a 503 that stays is raised */
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
    self->status = self->fetch_once.status;
    self->bytes = self->fetch_once.bytes;
    if (status_passes(self->status))
        RAISE(E_PROTOCOL, "status %d", self->status);
    RERAISE(self->fetch_once.coro.error);
    END;
}
