/* MISTAKE: the waiter keeps the address of a job that is freed. */
/* SEEN: the waiter keeps the address of a job */
#define OWN_FINISH
#include "given.h"

static void finish(struct job *job, int refused)
{
    if (job->waiter == NULL) {
        job->discard(job->arg);
    } else {
        job->waiter->refused = refused;
        if (!future_done(&job->waiter->done))
            future_set_result(&job->waiter->done);
    }
    free(job);
}
