/* MISTAKE: all that is not 2xx or 3xx is tried again. */
/* SEEN: a 4xx is tried again */
#define OWN_TRY_AGAIN
#include "given.h"

static bool try_again(const struct fetch_retry *self)
{
    const struct fetch_once *last = &self->fetch_once;

    if (self->tries > self->retry.more || !ask_is_idempotent(self->ask))
        return false;
    return last->coro.error != 0 ? error_passes(last->coro.error)
                                 : last->status >= 400;
}
