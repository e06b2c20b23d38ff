/* cancel_rest.h - nobody leaves before the children do.
 *
 *     for task in tasks: task.cancel()
 *     await asyncio.gather(*tasks, return_exceptions=True)
 *
 * For a parent whose frame holds its children's frames: a gather that
 * failed at its first child has left the others running, and they must be
 * over before the parent's frame goes. As a cleanup, for every way out:
 *
 *     DEFER_AWAIT(&self->leaving, CALL(cancel_rest,
 *         .futures = self->futures, .count = 3));
 */
#ifndef LAB_CANCEL_REST_H
#define LAB_CANCEL_REST_H

#include "loop/loop.h"

/* Requests cancellation of those that are not done, and returns when all
 * are, whatever they ended with; what they failed with counts as looked at.
 * Being cancelled meanwhile breaks off the cleanup of the child that is
 * waited for, never the waiting; it is raised at the end. */
struct cancel_rest {
    struct coro coro;
    struct future *const *futures;
    size_t count;
    size_t i;
    unsigned requests;
};
ASYNC_DECLARE(cancel_rest);

#endif
