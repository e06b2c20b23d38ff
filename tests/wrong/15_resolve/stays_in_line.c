/* MISTAKE: a job that will never begin is freed and stays in the line. */
/* SEEN: freed while it stands in the line */
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
        free(job);
    }
    self->discard(self->arg);
}
