/* MISTAKE: the thread frees the job when it has told the loop. */
/* SEEN: from the write on it is the loop's */
#define OWN_RUN
#define OWN_FINISH
#include "given.h"

static void *run(void *arg)
{
    struct job *job = arg;
    int report = job->executor->pipe[1];

    job->work(job->arg);
    while (write(report, &job, sizeof job) == -1 && errno == EINTR)
        continue;
    free(job);
    return NULL;
}

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
