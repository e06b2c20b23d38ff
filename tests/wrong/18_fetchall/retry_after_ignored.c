/* MISTAKE: Retry-After is not looked at. */
/* SEEN: Retry-After is not looked at */
#define OWN_PAUSE_NS
#include "given.h"

static int64_t pause_ns(const struct fetch_retry *self)
{
    const struct retry *retry = &self->retry;
    int64_t ns = at_most(retry->first_ns, retry->most_ns);

    for (int i = 1; i < self->tries && ns < retry->most_ns; i++)
        ns = at_most(2 * ns, retry->most_ns);
    return (int64_t)(retry->jitter->draw(retry->jitter) * (double)ns);
}
