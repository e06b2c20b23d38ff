/* MISTAKE: cancelled, it discards the argument while the thread works on it. */
/* SEEN: while the thread still works on it */
#define OWN_LET_GO
#include "given.h"

static void let_go(struct in_thread *self)
{
    struct job *job = self->job;

    if (job != NULL && job->link.next == NULL) {
        job->waiter = NULL;
        self->discard(self->arg);
        return;
    }
    if (job != NULL) {
        list_remove(&job->link);
        free(job);
    }
    self->discard(self->arg);
}
