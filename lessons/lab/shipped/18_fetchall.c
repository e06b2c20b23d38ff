/* exercise.c - the two loops of the tool, by you: try again, and take the
 * next. fetchall.h has the contract. About 50 lines.
 *
 * Given: fetch_once, one try (fetch.h); next_url, the list (urls.h); and in
 * crew.c hire, begin_url and end_url. The rest you have built before:
 * --mine runs all of this on your own session, timeouts and task group.
 */
#include "18_fetchall/fetchall.h"

#include "stage/todo.h"

/* self->fetch_once has ended, with self->fetch_once.coro.error or with a
 * status, and was try number self->tries. Is there to be another? Not after
 * 1 + retry.more tries; not if a second one could do harm
 * (ask_is_idempotent). Else after an error that passes (error_passes), and
 * after 408, 429, 502, 503 and 504. */
static bool try_again(const struct fetch_retry *self)
{
    (void)self;
    TODO("is there to be another try?");
    return false;
}

/* How long to sleep after try number self->tries. The backoff is first_ns,
 * doubled for each try after the first, never more than most_ns; the
 * jitter's draw (at least 0, less than 1) says how much of it. Once a pause.
 * What the server asks for (fetch_once.retry_after_ns), at most most_ns of
 * it, comes on top: or all whom it has told the same come back at once. */
static int64_t pause_ns(const struct fetch_retry *self)
{
    (void)self;
    TODO("backoff, jitter, Retry-After");
    return 0;
}

/* Tries (fetch_once, .ask = self->ask), counting each as it begins, and
 * sleeps in between. `status` and `bytes` are the last try's, and so is the
 * error that is raised. fetch_once and sleep share their memory: who sleeps
 * has no last try any more. */
ASYNC(fetch_retry)
{
    BEGIN;
    (void)try_again(self);
    (void)pause_ns(self);
    TODO("try, sleep, try again");
    END;
}

/* Takes URLs (next_url, .urls = self->all->urls, .url = &self->url) until
 * `ended`. For each: hire(self->all), so that somebody takes the next one;
 * begin_url(self, task); fetch_retry, .ask = &self->ask and .retry =
 * self->all->retry; end_url(self, task), however that ended. An error is
 * told there, and stops nobody; a cancellation goes up, once it is told, or
 * at once if there is no URL yet. */
ASYNC(fetch_worker)
{
    BEGIN;
    TODO("take, hire, fetch, tell");
    END;
}
