/* MISTAKE: the job goes into the pipe, not its address. */
/* SEEN: the job itself is written, and not its address */
#define OWN_RUN
#include "given.h"

static void *run(void *arg)
{
    struct job *job = arg;
    int report = job->executor->pipe[1];

    job->work(job->arg);
    while (write(report, job, sizeof job) == -1 && errno == EINTR)
        continue;
    return NULL;
}
