/* MISTAKE: every error is worth another try. */
/* SEEN: every error is tried again */
#define OWN_TRY_AGAIN
#include "given.h"

static bool try_again(const struct fetch_retry *self)
{
    const struct fetch_once *last = &self->fetch_once;

    if (self->tries > self->retry.more || !ask_is_idempotent(self->ask))
        return false;
    return last->coro.error != 0 ? true
                                 : status_passes(last->status);
}
