/* MISTAKE: cancelled, it waits for the thread to end. */
/* SEEN: let_go waits for the thread */
#define OWN_LET_GO
#include "given.h"

static void let_go(struct in_thread *self)
{
    struct job *job = self->job;

    if (job != NULL && job->link.next == NULL) {
        pthread_join(job->thread, NULL);
    } else if (job != NULL) {
        list_remove(&job->link);
        free(job);
    }
    self->discard(self->arg);
}
