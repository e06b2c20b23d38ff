/* MISTAKE: failures that come while it aborts are dropped. */
/* SEEN: only the first failure is kept */
#define OWN_CHILD_DONE
#include "given.h"

static void child_done(struct callback *callback)
{
    struct group_child *child = CONTAINER(callback, struct group_child, done);
    struct task_group *self = child->group;

    list_remove(&child->link);
    if (self->waiting && list_empty(&self->unfinished)
        && !future_done(&self->all_done))
        future_set_result(&self->all_done);
    future_look(&child->task.future);
    if (child->task.future.state != FUTURE_ERROR)
        return;
    if (self->aborting || self->parent_cancel_requested)
        return;
    list_add(&self->errors, &child->link);
    abort_children(self);
    self->parent_cancel_requested = true;
    task_cancel(self->parent);
}
