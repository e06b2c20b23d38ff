/* as_completed.h - results in the order in which they come.
 *
 *     as_completed(&self->it, loop, self->slots, self->futures, 3,
 *                  WITHIN(SECONDS(2)));
 *     DEFER(&self->closing, as_completed_close, &self->it);
 *     while (self->it.turns > 0) {
 *         TRY_AWAIT(next_completed, .from = &self->it);
 *         ... self->next_completed.future ...
 *     }
 */
#ifndef LAB_AS_COMPLETED_H
#define LAB_AS_COMPLETED_H

#include "10_timeout/timeout.h"

struct as_completed;

/* One per future; the caller's storage. */
struct completed {
    struct callback done;
    struct as_completed *from;
    struct future *future;
    struct link link; /* todo, then finished; zero: handed out, or timed out */
};

struct as_completed {
    struct loop *loop;
    struct link todo, finished, getters;
    size_t turns;     /* results not asked for yet           */
    size_t timed_out; /* time was up before theirs, not told */
    struct timer timer;
};

/* asyncio.as_completed: one turn per distinct future (row A05). The timeout
 * (left out: `(struct limit){ .set = false }`) counts from here, covers all
 * the turns, and cancels nobody: what is not done by then makes each
 * remaining turn raise E_TIMEOUT at once (A02), after the results that did
 * come in time (A03). Sorts duplicates out of futures[]. 0; or ENOMEM, and
 * nobody is listened to.
 *
 * *self and slots[] must stay until all are done or as_completed_close;
 * futures[] may go at once. */
int as_completed(struct as_completed *self, struct loop *loop,
                 struct completed *slots, struct future **futures,
                 size_t count, struct limit timeout);

/* Stops listening and the timer; the futures run on (A07): leaving the loop
 * early needs it. Nobody may be waiting for a turn. Idempotent, and does
 * nothing to one that is all zero; a cleanup. */
void as_completed_close(void *as_completed);

/* await the next one, in order of completion (A01): its future, and its
 * error raised as ours (A04); a future that was cancelled raises
 * E_CANCELLED, and only task->cancelling tells that from our own. There must
 * be a turn left. Several may wait, each for a turn of its own: first come,
 * first served (A09). Cancelling it cancels no future (A11), and the turn is
 * there to be asked for again. */
struct next_completed {
    struct coro coro;
    struct as_completed *from;
    struct future *future; /* out; NULL: timed out */
    struct future getter;
    struct link link;
};
ASYNC_DECLARE(next_completed);

#endif
