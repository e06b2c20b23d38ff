/* MISTAKE: the waiter is not told that its work never began. */
/* SEEN: not told that its work never began */
#define OWN_FINISH
#include "given.h"

static void finish(struct job *job, int refused)
{
    if (job->waiter == NULL) {
        job->discard(job->arg);
    } else {
        job->waiter->job = NULL;
        (void)refused;
        if (!future_done(&job->waiter->done))
            future_set_result(&job->waiter->done);
    }
    free(job);
}
