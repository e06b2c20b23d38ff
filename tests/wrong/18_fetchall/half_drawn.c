/* MISTAKE: half of the backoff in any case, and the jitter draws of the rest. */
/* SEEN: a part of the backoff is slept */
#define OWN_PAUSE_NS
#include "given.h"

static int64_t pause_ns(const struct fetch_retry *self)
{
    const struct retry *retry = &self->retry;
    int64_t backoff = retry->first_ns;
    int64_t asked = self->fetch_once.retry_after_ns;

    for (int i = 1; i < self->tries && backoff < retry->most_ns; i++)
        backoff *= 2;
    if (backoff > retry->most_ns)
        backoff = retry->most_ns;
    if (asked > retry->most_ns)
        asked = retry->most_ns;
    return backoff / 2 + asked
        + (int64_t)(retry->jitter->draw(retry->jitter) / 2 * (double)backoff);
}
