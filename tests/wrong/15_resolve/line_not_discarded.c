/* MISTAKE: who never began is not discarded. */
/* SEEN: is taken out of the line and not discarded */
#define OWN_LET_GO
#include "given.h"

static void let_go(struct in_thread *self)
{
    struct job *job = self->job;

    if (job != NULL && job->link.next == NULL) {
        job->waiter = NULL;
        return;
    }
    if (job != NULL) {
        list_remove(&job->link);
        free(job);
        return;
    }
    self->discard(self->arg);
}
