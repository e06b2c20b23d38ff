/* MISTAKE: the thread only tells the loop, which does the work. */
/* SEEN: the work is done in the loop's thread */
#define OWN_RUN
#define OWN_COLLECT
#include "given.h"

static void *run(void *arg)
{
    struct job *job = arg;
    int report = job->executor->pipe[1];

    while (write(report, &job, sizeof job) == -1 && errno == EINTR)
        continue;
    return NULL;
}

static void collect(struct executor *executor)
{
    struct job *job;

    while (read(executor->pipe[0], &job, sizeof job) == sizeof job) {
        pthread_join(job->thread, NULL);
        job->work(job->arg);
        executor->running--;
        finish(job, 0);
    }
}
