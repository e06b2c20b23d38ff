/* MISTAKE: a loop over the tries, with the pause at its end. */
/* SEEN: it sleeps after the last try */
#define OWN_FETCH_RETRY
#include "given.h"

ASYNC(fetch_retry)
{
    BEGIN;
    while (self->tries <= self->retry.more) {
        self->tries++;
        TRY_AWAIT(fetch_once, .ask = self->ask);
        self->status = self->fetch_once.status;
        self->bytes = self->fetch_once.bytes;
        if (self->tries <= self->retry.more && !try_again(self))
            RERAISE(self->fetch_once.coro.error);
        AWAIT(sleep, .delay_ns = pause_ns(self));
    }
    RERAISE(self->status != 0 ? 0 : task->error.code);
    END;
}
