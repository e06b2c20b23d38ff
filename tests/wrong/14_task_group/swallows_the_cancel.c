/* MISTAKE: cancelled from outside, it ends as if nothing was. */
/* SEEN: the cancellation from outside is swallowed */
#define OWN_BEGIN_EXIT
#include "given.h"

static void begin_exit(struct task_group *self, int error)
{
    self->state = GROUP_EXITING;
    self->cancelled = false;
    if (self->parent_cancel_requested)
        task_uncancel(self->parent);
    if (error != 0 && error != E_CANCELLED)
        self->body_error = self->parent->error;
    if (error != 0 && !self->aborting)
        abort_children(self);
}
