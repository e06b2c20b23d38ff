/* fetchall.h - a list of URLs, a few workers, and tries that give up in the
 * end: what all the lessons before were for.
 *
 *     urls --> worker 1 --> fetch_retry --> fetch_once, sleep, fetch_once
 *          --> worker 2 --> ...                               |
 *          --> worker `limit`                        tell <---+
 *
 * A worker takes a URL when it has nothing else to do. So a list of a
 * hundred thousand costs what `limit` URLs cost, and one that never ends
 * costs no more.
 *
 * Left out: a worker that pauses holds its place, so a hundred dead hosts in
 * a row hold up the rest. The cure is a heap of (when, URL) beside the list.
 * And bodies of more than 16 MiB: that is what the parser takes.
 */
#ifndef LAB_FETCHALL_H
#define LAB_FETCHALL_H

#include "14_task_group/task_group.h"
#include "18_fetchall/fetch.h"
#include "18_fetchall/jitter.h"
#include "18_fetchall/urls.h"

struct retry {
    int more;         /* tries after the first, at most                  */
    int64_t first_ns; /* the pause after the first try is shorter than
                         that; each next one may be twice as long ...    */
    int64_t most_ns;  /* ... up to this, and so may a Retry-After        */
    struct jitter *jitter;
};
#define RETRY_DEFAULT(j) ((struct retry){ .more = 3,                      \
    .first_ns = MILLISECONDS(500), .most_ns = SECONDS(30), .jitter = (j) })

/* Tries until there is an answer that will not change. Tried again, if the
 * method is idempotent: errors that pass (error_passes), and 408, 429, 502,
 * 503, 504. Between two tries it sleeps: draw * min(first * 2^(n-1), most)
 * after the n-th, one draw each, and min(Retry-After, most) on top of that.
 * Raises the last try's error; the last try's status, whatever it says, is
 * a result. Cancelled, it passes that on at once. */
struct fetch_retry {
    struct coro coro;
    const struct ask *ask;
    struct retry retry;
    int tries;    /* out: begun                          */
    int status;   /* out: of the last try; 0: no answer  */
    size_t bytes; /* out: of its body                    */
    union {
        struct fetch_once fetch_once;
        struct sleep sleep;
    };
};
ASYNC_DECLARE(fetch_retry);

/* What became of a URL. `error` has code 0 if there was an answer; its words
 * are good during the call only. */
struct outcome {
    const struct url *url;
    int status, tries;
    size_t bytes;
    int64_t took_ns;
    const struct error *error;
};

struct fetchall;

/* Takes one URL after another and fetches it, until there is none. Who has
 * taken one hires the next worker, so at most one finds nothing to do. Each
 * URL that was taken is told of, once, in whatever way it ended, cancelled
 * included; a URL that fails is that URL's trouble alone. Raises nothing but
 * E_CANCELLED. */
struct fetch_worker {
    struct coro coro;
    struct fetchall *all;
    struct url url;
    struct ask ask;
    struct save save;
    int64_t began_ns;
    struct group_child child;
    char name[16];
    union {
        struct next_url next_url;
        struct fetch_retry fetch_retry;
    };
};
ASYNC_DECLARE(fetch_worker);

/* Fetches all of the list, at most `limit` at once (in the session's pool,
 * too, or some will wait there). Ends when the list has, and every URL of
 * it. Cancelled, it ends when its workers have. Raises ENOMEM and
 * E_CANCELLED. */
struct fetchall {
    struct coro coro;
    struct session *session;
    struct urls *urls;
    size_t limit;
    struct client_timeout limits; /* of each try                     */
    struct retry retry;
    int folder;                   /* for bodies; -1: only counted    */
    void (*tell)(struct fetchall *all, const struct outcome *outcome);
    size_t hired, busy; /* so far; with a URL at the moment */
    struct fetch_worker *workers;
    struct cleanup freeing;
    struct first_worker {
        struct coro coro;
        struct fetchall *all;
    } first_worker;
    struct task_group task_group;
};
ASYNC_DECLARE(first_worker);
ASYNC_DECLARE(fetchall);

/* For the worker (crew.c). One more worker, unless there are `limit`. */
void hire(struct fetchall *all);

/* It has a URL: self->ask is what to ask for. And, with fetch_retry's frame
 * as it ended, the URL is done: tell. */
void begin_url(struct fetch_worker *self, struct task *task);
void end_url(struct fetch_worker *self, struct task *task);

#endif
