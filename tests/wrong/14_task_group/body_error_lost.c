/* MISTAKE: the body's own error is not kept. */
/* SEEN: the body's own error is lost */
#define OWN_BEGIN_EXIT
#include "given.h"

static void begin_exit(struct task_group *self, int error)
{
    self->state = GROUP_EXITING;
    self->cancelled = error == E_CANCELLED;
    if (self->parent_cancel_requested && task_uncancel(self->parent) == 0)
        self->cancelled = false;
    if (error != 0 && !self->aborting)
        abort_children(self);
}
