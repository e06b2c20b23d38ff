/* MISTAKE: four statuses are enough. */
/* SEEN: is taken for an */
#define OWN_TRY_AGAIN
#include "given.h"

static bool try_again(const struct fetch_retry *self)
{
    int error = self->fetch_once.coro.error;
    int status = self->fetch_once.status;

    if (self->tries > self->retry.more || !ask_is_idempotent(self->ask))
        return false;
    if (error != 0)
        return error_passes(error);
    return status == 408 || status == 429 || status == 502 || status == 503;
}
