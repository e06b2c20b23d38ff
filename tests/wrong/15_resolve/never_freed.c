/* MISTAKE: nobody frees the job. */
/* SEEN: the job is never freed */
#define OWN_FINISH
#include "given.h"

static void finish(struct job *job, int refused)
{
    if (job->waiter == NULL) {
        job->discard(job->arg);
    } else {
        job->waiter->job = NULL;
        job->waiter->refused = refused;
        if (!future_done(&job->waiter->done))
            future_set_result(&job->waiter->done);
    }
}
