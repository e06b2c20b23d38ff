/* MISTAKE: what nobody waits for is not discarded. */
/* SEEN: and nobody discards */
#define OWN_FINISH
#include "given.h"

static void finish(struct job *job, int refused)
{
    if (job->waiter != NULL) {
        job->waiter->job = NULL;
        job->waiter->refused = refused;
        if (!future_done(&job->waiter->done))
            future_set_result(&job->waiter->done);
    }
    free(job);
}
