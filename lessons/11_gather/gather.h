/* gather.h - many at once, results in the order of the arguments.
 *
 *     AWAIT_FUTURE(gather(&self->gather, task_loop(task), self->slots,
 *                         self->futures, 3, GATHER_RAISE));
 */
#ifndef LAB_GATHER_H
#define LAB_GATHER_H

#include "loop/loop.h"

enum gather_errors {
    GATHER_RAISE,  /* the first failure in time is ours, at once          */
    GATHER_RETURN  /* return_exceptions=True: wait for all, ask each child */
};

struct gather;

/* One per argument; the caller's storage. */
struct gather_slot {
    struct callback done;
    struct gather *gather;
    struct future *child;
};

struct gather {
    struct outer_future outer;
    struct gather_slot *slots;
    size_t count, distinct, finished;
    enum gather_errors errors;
    bool cancel_requested;
    struct error error;
};

/* asyncio.gather(*children): a future that is done when all of them are;
 * slots[i].child is children[i], and its outcome is the i-th result (rows
 * G01, G11). GATHER_RAISE: fails with the first child that fails, and the
 * others run on (G03); how they end is never heard of (G04). Cancelling it
 * cancels every child; it ends when the first of them has, with
 * GATHER_RETURN when all have (G08, G09). No children: done already (G02).
 *
 * Nothing is allocated. children[] may go at once. *gather and
 * slots[0..count) must stay until all the children are done, also when the
 * gather failed long before that, or until gather_close. The children's own
 * frames are none of its business: see cancel_rest.h. */
struct future *gather(struct gather *gather, struct loop *loop,
                      struct gather_slot *slots,
                      struct future *const *children, size_t count,
                      enum gather_errors errors);

/* Lets go of children that are still running, which it does not cancel;
 * after that *gather and its slots are free, and a failure of theirs is
 * again one that nobody looked at (F10). Nobody may be waiting for the
 * gather. Idempotent; a cleanup: DEFER(&n, gather_close, &self->gather). */
void gather_close(void *gather);

#endif
