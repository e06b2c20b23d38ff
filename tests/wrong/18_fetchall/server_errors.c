/* MISTAKE: 5xx is tried again, as if 500 said "not now". */
/* SEEN: 408 and 429 are 4xx */
#define OWN_TRY_AGAIN
#include "given.h"

static bool try_again(const struct fetch_retry *self)
{
    const struct fetch_once *last = &self->fetch_once;

    if (self->tries > self->retry.more || !ask_is_idempotent(self->ask))
        return false;
    return last->coro.error != 0 ? error_passes(last->coro.error)
                                 : last->status >= 500;
}
