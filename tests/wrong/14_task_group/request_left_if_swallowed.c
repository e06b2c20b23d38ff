/* MISTAKE: its own request is taken back where the body was cancelled, only. */
/* SEEN: only if the body ended by it */
#define OWN_BEGIN_EXIT
#include "given.h"

static void begin_exit(struct task_group *self, int error)
{
    self->state = GROUP_EXITING;
    self->cancelled = error == E_CANCELLED
        && (!self->parent_cancel_requested
            || task_uncancel(self->parent) > 0);
    if (error != 0 && error != E_CANCELLED)
        self->body_error = self->parent->error;
    if (error != 0 && !self->aborting)
        abort_children(self);
}
