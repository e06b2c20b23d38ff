/* MISTAKE: rand() instead of the jitter that has a seed. */
/* SEEN: the pause is drawn from something else than retry.jitter */
#define OWN_PAUSE_NS
#include "given.h"

#include <stdlib.h>

static int64_t pause_ns(const struct fetch_retry *self)
{
    const struct retry *retry = &self->retry;
    int64_t ns = at_most(retry->first_ns, retry->most_ns);

    for (int i = 1; i < self->tries && ns < retry->most_ns; i++)
        ns = at_most(2 * ns, retry->most_ns);
    return (int64_t)((rand() / (RAND_MAX + 1.)) * (double)ns)
        + at_most(self->fetch_once.retry_after_ns, retry->most_ns);
}
