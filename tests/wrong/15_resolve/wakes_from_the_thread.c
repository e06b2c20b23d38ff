/* MISTAKE: the thread sets the future itself, without the pipe. */
/* SEEN: each thread's last act is to write */
#define OWN_RUN
#include "given.h"

static void *run(void *arg)
{
    struct job *job = arg;

    job->work(job->arg);
    if (job->waiter != NULL)
        future_set_result(&job->waiter->done);
    return NULL;
}
