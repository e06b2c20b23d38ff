/* MISTAKE: its own cancellation of the parent is not taken back. */
/* SEEN: own request is not taken back */
#define OWN_BEGIN_EXIT
#include "given.h"

static void begin_exit(struct task_group *self, int error)
{
    self->state = GROUP_EXITING;
    self->cancelled = error == E_CANCELLED;
    if (self->parent_cancel_requested)
        self->cancelled = false;
    if (error != 0 && error != E_CANCELLED)
        self->body_error = self->parent->error;
    if (error != 0 && !self->aborting)
        abort_children(self);
}
