/* MISTAKE: `running` is never counted down. */
/* SEEN: collect counts each off executor->running */
#define OWN_COLLECT
#include "given.h"

static void collect(struct executor *executor)
{
    struct job *job;

    while (read(executor->pipe[0], &job, sizeof job) == sizeof job) {
        pthread_join(job->thread, NULL);
        finish(job, 0);
    }
}
