/* MISTAKE: finish frees the job first, and then discards what it held. */
/* SEEN: finish uses the job after it was freed */
#define OWN_FINISH
#include "given.h"

static void finish(struct job *job, int refused)
{
    struct in_thread *waiter = job->waiter;

    free(job);
    if (waiter == NULL) {
        job->discard(job->arg);
        return;
    }
    waiter->job = NULL;
    waiter->refused = refused;
    if (!future_done(&waiter->done))
        future_set_result(&waiter->done);
}
