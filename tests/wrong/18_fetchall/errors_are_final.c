/* MISTAKE: an error is final, only statuses are tried again. */
/* SEEN: an error is final */
#define OWN_TRY_AGAIN
#include "given.h"

static bool try_again(const struct fetch_retry *self)
{
    const struct fetch_once *last = &self->fetch_once;

    if (self->tries > self->retry.more || !ask_is_idempotent(self->ask))
        return false;
    return last->coro.error != 0 ? false
                                 : status_passes(last->status);
}
