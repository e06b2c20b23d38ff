/* MISTAKE: it waits by giving up its turn until the time has come. */
/* SEEN: it waits for the pause by giving up its turn */
#define OWN_FETCH_RETRY
#include "given.h"

ASYNC(fetch_retry)
{
    BEGIN;
    for (;;) {
        self->tries++;
        TRY_AWAIT(fetch_once, .ask = self->ask);
        if (!try_again(self))
            break;
        self->bytes = (size_t)(loop_now(task_loop(task)) + pause_ns(self));
        while (loop_now(task_loop(task)) < (int64_t)self->bytes)
            YIELD();
    }
    self->status = self->fetch_once.status;
    self->bytes = self->fetch_once.bytes;
    RERAISE(self->fetch_once.coro.error);
    END;
}
