/* MISTAKE: Retry-After takes the place of the backoff. */
/* SEEN: Retry-After takes the place of the backoff */
#define OWN_PAUSE_NS
#include "given.h"

static int64_t pause_ns(const struct fetch_retry *self)
{
    const struct retry *retry = &self->retry;
    int64_t ns = at_most(retry->first_ns, retry->most_ns);

    for (int i = 1; i < self->tries && ns < retry->most_ns; i++)
        ns = at_most(2 * ns, retry->most_ns);
    if (self->fetch_once.retry_after_ns > 0)
        return at_most(self->fetch_once.retry_after_ns, retry->most_ns);
    return (int64_t)(retry->jitter->draw(retry->jitter) * (double)ns)
        + at_most(self->fetch_once.retry_after_ns, retry->most_ns);
}
