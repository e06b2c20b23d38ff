/* MISTAKE: finish counts on somebody else to wake the waiter. */
/* SEEN: finish wakes nobody */
#define OWN_FINISH
#include "given.h"

static void finish(struct job *job, int refused)
{
    if (job->waiter == NULL) {
        job->discard(job->arg);
    } else {
        job->waiter->job = NULL;
        job->waiter->refused = refused;
    }
    free(job);
}
