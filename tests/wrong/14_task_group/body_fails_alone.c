/* MISTAKE: the body fails, and the children run on. */
/* SEEN: the body fails and its children are not cancelled */
#define OWN_BEGIN_EXIT
#include "given.h"

static void begin_exit(struct task_group *self, int error)
{
    self->state = GROUP_EXITING;
    self->cancelled = error == E_CANCELLED;
    if (self->parent_cancel_requested && task_uncancel(self->parent) == 0)
        self->cancelled = false;
    if (error != 0 && error != E_CANCELLED)
        self->body_error = self->parent->error;
    if (error == E_CANCELLED && !self->aborting)
        abort_children(self);
}
