/* MISTAKE: task->error is raised, which may be an earlier try's. */
/* SEEN: an earlier try's error is raised though the last one had an */
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
        AWAIT(sleep, .delay_ns = pause_ns(self));
    }
    self->status = self->fetch_once.status;
    self->bytes = self->fetch_once.bytes;
    RERAISE(task->error.code);
    END;
}
