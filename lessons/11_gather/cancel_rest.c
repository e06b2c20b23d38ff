/* cancel_rest.c - cancel all, then await one after the other: they end at
 * the same time, so it takes as long as the slowest of their cleanups. */
#include "11_gather/cancel_rest.h"

ASYNC(cancel_rest)
{
    BEGIN;
    self->requests = task->cancelling;
    for (self->i = 0; self->i < self->count; self->i++)
        future_cancel(self->futures[self->i]);
    for (self->i = 0; self->i < self->count; self->i++)
        CATCH_AWAIT_FUTURE(self->futures[self->i]);
    /* Whatever came out of these awaits was the children's, or ours and
     * passed down to one of them (row T12): the count can tell. */
    if (task->cancelling > self->requests) {
        task->error = error_cancelled;
        RERAISE(E_CANCELLED);
    }
    END;
}
