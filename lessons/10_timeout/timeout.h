/* timeout.h - a limit of time around an await, in two shapes.
 *
 *     AWAIT(timeout, .delay_ns = SECONDS(1), .body = CALL(fetch));
 *     AWAIT(wait_for, .future = &self->task.future, .timeout = WITHIN(t));
 *
 * timeout runs the body in this task and, when time is up, cancels this
 * task; wait_for watches another task and cancels that one. Both end only
 * when what they limit has ended: a slow cleanup is waited for.
 */
#ifndef LAB_TIMEOUT_H
#define LAB_TIMEOUT_H

#include "loop/loop.h"

/* An optional limit of time: WITHIN(SECONDS(2)); left out, there is none. */
struct limit {
    bool set;
    int64_t ns;
};
#define WITHIN(limit_ns) ((struct limit){ true, (limit_ns) })

/* async with asyncio.timeout(delay): await body. When time is up the task
 * is cancelled inside the body; if the cancellation comes out of it, and
 * nobody else asked for one, it becomes E_TIMEOUT (rows TO01, TO05, TO06).
 * delay_ns <= 0 strikes at the first await that suspends (TO03). */
struct timeout {
    struct coro coro;
    int64_t delay_ns;
    struct coro *body;
    bool expired;         /* out: time was up, whatever came of it (TO07) */
    struct task *task;
    unsigned base;
    int64_t entered_ns;
    struct timer timer;
};
ASYNC_DECLARE(timeout);

/* timeout.reschedule(when): moves the deadline to when_ns on loop_now's
 * clock; INT64_MAX is never, the past is the next turn (row TO08). 0, or a
 * code with words: E_RUNTIME if the scope has not been entered, has been
 * left, or time is up already; ENOMEM, and the scope has no deadline. */
int timeout_reschedule(struct timeout *timeout, int64_t when_ns,
                       struct error *error);

/* asyncio.wait_for(future, timeout), as in 3.11: its result or error, or,
 * when time is up, it is cancelled, waited for, and E_TIMEOUT is raised
 * (WF01, WF02) - unless it ended otherwise after all (WF03, WF04). Without a
 * timeout: a plain await. timeout <= 0: a task never starts (WF07). A
 * cancellation of the caller goes down to the future (WF05); one that meets
 * a future already done is lost, as in 3.11 (WF06: gone in 3.12). */
struct wait_for {
    struct coro coro;
    struct future *future;
    struct limit timeout;
    bool ending;    /* the future is cancelled, its end awaited */
    bool cancelled; /* ... because we were                      */
    struct future waiter;
    struct callback done;
    struct timer timer;
};
ASYNC_DECLARE(wait_for);

#endif
