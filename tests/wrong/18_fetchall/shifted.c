/* MISTAKE: first_ns is shifted by the number of tries, whatever comes out. */
/* SEEN: first_ns << tries leaves an int64_t long before it is */
#define OWN_PAUSE_NS
#include "given.h"

static int64_t pause_ns(const struct fetch_retry *self)
{
    const struct retry *retry = &self->retry;
    int64_t ns = at_most(retry->first_ns << (self->tries - 1),
                         retry->most_ns);

    return (int64_t)(retry->jitter->draw(retry->jitter) * (double)ns)
        + at_most(self->fetch_once.retry_after_ns, retry->most_ns);
}
