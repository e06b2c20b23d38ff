/* wait.h - who is done, who is pending: wait judges nobody.
 *
 *     AWAIT(wait, .futures = self->futures, .count = 3,
 *           .slots = self->slots, .until = FIRST_EXCEPTION);
 *     // futures[0 .. self->wait.done) are done, the rest is pending
 */
#ifndef LAB_WAIT_H
#define LAB_WAIT_H

#include "loop/loop.h"

enum wait_until { ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION };

struct wait;

/* One per future; the caller's storage, free again when wait ends. */
struct wait_slot {
    struct callback done;
    struct wait *wait;
    struct future *future;
};

/* asyncio.wait: ends when all are done, or the first one is, or the first
 * one fails (a cancelled one has not failed, row W04), or time is up. Never
 * raises their errors (W01), never cancels them, not even when it is
 * cancelled itself (W05, W10). futures[] is sorted in place: duplicates
 * collapse (W09), the done ones come first, both in their old order. Raises
 * E_VALUE for no futures at all (W08). */
struct wait {
    struct coro coro;
    struct future **futures;
    size_t count;           /* out: distinct ones */
    struct wait_slot *slots;
    enum wait_until until;
    struct limit timeout;
    size_t done;            /* out */
    size_t left;
    struct future waiter;
    struct timer timer;
};
ASYNC_DECLARE(wait);

#endif
