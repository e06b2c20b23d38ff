/* MISTAKE: as many bytes are written as the job has, not its address. */
/* SEEN: more is written than the job's address */
#define OWN_RUN
#include "given.h"

static void *run(void *arg)
{
    struct job *job = arg;
    int report = job->executor->pipe[1];

    job->work(job->arg);
    while (write(report, &job, sizeof *job) == -1 && errno == EINTR)
        continue;
    return NULL;
}
