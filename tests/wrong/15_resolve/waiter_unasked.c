/* MISTAKE: finish wakes the waiter without a look whether there is one. */
/* SEEN: look whether anybody waits */
#define OWN_FINISH
#include "given.h"

static void finish(struct job *job, int refused)
{
    job->waiter->job = NULL;
    job->waiter->refused = refused;
    if (!future_done(&job->waiter->done))
        future_set_result(&job->waiter->done);
    free(job);
}
