/* MISTAKE: only a GET is tried again. */
/* SEEN: only a GET is tried again */
#define OWN_TRY_AGAIN
#include "given.h"

static bool try_again(const struct fetch_retry *self)
{
    const struct fetch_once *last = &self->fetch_once;

    if (self->tries > self->retry.more || self->ask->method != NULL)
        return false;
    return last->coro.error != 0 ? error_passes(last->coro.error)
                                 : status_passes(last->status);
}
