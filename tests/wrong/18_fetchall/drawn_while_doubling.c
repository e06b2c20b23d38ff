/* MISTAKE: a draw for each doubling. */
/* SEEN: asked more than once a pause */
#define OWN_PAUSE_NS
#include "given.h"

static int64_t pause_ns(const struct fetch_retry *self)
{
    const struct retry *retry = &self->retry;
    int64_t backoff = retry->first_ns;
    int64_t asked = self->fetch_once.retry_after_ns;

    for (int i = 1; i < self->tries && backoff < retry->most_ns; i++) {
        backoff *= 2;
        (void)retry->jitter->draw(retry->jitter);
    }
    if (backoff > retry->most_ns)
        backoff = retry->most_ns;
    if (asked > retry->most_ns)
        asked = retry->most_ns;
    return (int64_t)(retry->jitter->draw(retry->jitter) * (double)backoff)
        + asked;
}
