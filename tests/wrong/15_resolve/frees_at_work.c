/* MISTAKE: cancelled, it frees the job while the thread works on it. */
/* SEEN: works on a job that is gone */
#define OWN_LET_GO
#include "given.h"

static void let_go(struct in_thread *self)
{
    struct job *job = self->job;

    if (job != NULL && job->link.next == NULL) {
        free(job);
        return;
    }
    if (job != NULL) {
        list_remove(&job->link);
        free(job);
    }
    self->discard(self->arg);
}
