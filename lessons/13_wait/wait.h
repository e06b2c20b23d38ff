/* wait.h - who is done, who is pending: wait judges nobody.
 *
 *     AWAIT(wait, .futures = self->futures, .count = 3,
 *           .slots = self->slots, .until = FIRST_EXCEPTION);
 *     // futures[0 .. self->wait.done) are done, the rest is pending
 *
 * Left out: a set as the result. Both halves keep the order of the list
 * that was given, so a program prints the same thing each time.
 */
#ifndef LAB_WAIT_H
#define LAB_WAIT_H

#include "10_timeout/timeout.h"

/* asyncio's return_when. */
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
 * cancelled itself (W05, W10): what is pending runs on, so its frames must
 * stay. futures[] is sorted in place: duplicates collapse (W09), the done
 * ones come first, both in their old order. timeout <= 0 gives the others
 * one turn (W11). Raises E_VALUE for no futures at all or an unknown
 * `until` (W08), ENOMEM, and E_CANCELLED when we are cancelled. */
struct wait {
    struct coro coro;
    struct future **futures;
    size_t count;           /* out: distinct ones */
    struct wait_slot *slots;
    enum wait_until until;
    struct limit timeout;
    size_t done;            /* out: how many of futures[] are done */
    size_t left;
    struct future waiter;
    struct timer timer;
};
ASYNC_DECLARE(wait);

#endif
