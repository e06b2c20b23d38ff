/* MISTAKE: finish discards, whether or not somebody waits. */
/* SEEN: the argument is discarded though somebody waits for it */
#define OWN_FINISH
#include "given.h"

static void finish(struct job *job, int refused)
{
    job->discard(job->arg);
    if (job->waiter != NULL) {
        job->waiter->job = NULL;
        job->waiter->refused = refused;
        if (!future_done(&job->waiter->done))
            future_set_result(&job->waiter->done);
    }
    free(job);
}
