/* given.h - exercise.c of lesson 18, written right. A wrong answer defines
 * OWN_ and the name of each function that it gets wrong, and writes that.
 */
#include "18_fetchall/fetchall.h"

static inline bool status_passes(int status)
{
    return status == 408 || status == 429 || status == 502 || status == 503
        || status == 504;
}

static inline int64_t at_most(int64_t ns, int64_t most_ns)
{
    return ns < most_ns ? ns : most_ns;
}

static bool try_again(const struct fetch_retry *self);
static int64_t pause_ns(const struct fetch_retry *self);

#ifndef OWN_TRY_AGAIN
static bool try_again(const struct fetch_retry *self)
{
    const struct fetch_once *last = &self->fetch_once;

    if (self->tries > self->retry.more || !ask_is_idempotent(self->ask))
        return false;
    return last->coro.error != 0 ? error_passes(last->coro.error)
                                 : status_passes(last->status);
}
#endif

#ifndef OWN_PAUSE_NS
static int64_t pause_ns(const struct fetch_retry *self)
{
    const struct retry *retry = &self->retry;
    int64_t ns = at_most(retry->first_ns, retry->most_ns);

    for (int i = 1; i < self->tries && ns < retry->most_ns; i++)
        ns = at_most(2 * ns, retry->most_ns);
    return (int64_t)(retry->jitter->draw(retry->jitter) * (double)ns)
        + at_most(self->fetch_once.retry_after_ns, retry->most_ns);
}
#endif

#ifndef OWN_FETCH_RETRY
ASYNC(fetch_retry)
{
    BEGIN;
    for (;;) {
        self->tries++;
        TRY_AWAIT(fetch_once, .ask = self->ask);
        if (!try_again(self))
            break;
        AWAIT(sleep, .delay_ns = pause_ns(self));
    }
    self->status = self->fetch_once.status;
    self->bytes = self->fetch_once.bytes;
    RERAISE(self->fetch_once.coro.error);
    END;
}
#endif

#ifndef OWN_FETCH_WORKER
ASYNC(fetch_worker)
{
    BEGIN;
    for (;;) {
        AWAIT(next_url, .urls = self->all->urls, .url = &self->url);
        if (self->next_url.ended)
            RETURN();
        hire(self->all);
        begin_url(self, task);
        CATCH_AWAIT(fetch_retry, .ask = &self->ask,
                    .retry = self->all->retry);
        end_url(self, task);
        if (self->fetch_retry.coro.error == E_CANCELLED)
            RERAISE(E_CANCELLED);
    }
    END;
}
#endif
