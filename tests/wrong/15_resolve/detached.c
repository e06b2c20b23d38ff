/* MISTAKE: threads are detached, not joined. */
/* SEEN: nobody joins the threads */
#define OWN_COLLECT
#include "given.h"

static void collect(struct executor *executor)
{
    struct job *job;

    while (read(executor->pipe[0], &job, sizeof job) == sizeof job) {
        pthread_detach(job->thread);
        executor->running--;
        finish(job, 0);
    }
}
