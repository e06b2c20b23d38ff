/* MISTAKE: the thread tells the loop before it does the work. */
/* SEEN: the write comes last */
#define OWN_RUN
#include "given.h"

static void *run(void *arg)
{
    struct job *job = arg;
    int report = job->executor->pipe[1];

    while (write(report, &job, sizeof job) == -1 && errno == EINTR)
        continue;
    job->work(job->arg);
    return NULL;
}
