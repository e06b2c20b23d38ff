/* MISTAKE: cancelled in the turn in which the result came, it forgets it. */
/* SEEN: the job was over in the turn of the cancellation */
#define OWN_LET_GO
#include "given.h"

static void let_go(struct in_thread *self)
{
    struct job *job = self->job;

    if (job == NULL)
        return;
    if (job->link.next == NULL) {
        job->waiter = NULL;
        return;
    }
    list_remove(&job->link);
    free(job);
    self->discard(self->arg);
}
