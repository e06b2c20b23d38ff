/* MISTAKE: one byte into the pipe, as the Python on the page writes. */
/* SEEN: the loop hears something and does not know what */
#define OWN_RUN
#include "given.h"

static void *run(void *arg)
{
    struct job *job = arg;
    int report = job->executor->pipe[1];

    job->work(job->arg);
    while (write(report, "!", 1) == -1 && errno == EINTR)
        continue;
    return NULL;
}
