/* MISTAKE: the last error is raised with words of its own. */
/* SEEN: the last error has other words than the try's own */
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
    if (self->fetch_once.coro.error != 0)
        RAISE(self->fetch_once.coro.error, "%s: %d tries failed",
              self->ask->url, self->tries);
    END;
}
