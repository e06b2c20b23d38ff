/* MISTAKE: the body's error is copied after the wait. */
/* SEEN: the words of the body's error are gone */
#define OWN_BEGIN_EXIT
#define OWN_TASK_GROUP
#include "given.h"

static void begin_exit(struct task_group *self, int error)
{
    self->state = GROUP_EXITING;
    self->cancelled = error == E_CANCELLED;
    if (self->parent_cancel_requested && task_uncancel(self->parent) == 0)
        self->cancelled = false;
    if (error != 0 && error != E_CANCELLED)
        self->body_error.code = error;
    if (error != 0 && !self->aborting)
        abort_children(self);
}

ASYNC(task_group)
{
    BEGIN;
    enter(self, task);
    if (self->body != NULL)
        CATCH_AWAIT_CORO(self->body);
    begin_exit(self, self->body != NULL ? self->body->error : 0);
    while (!list_empty(&self->unfinished)) {
        future_init(&self->all_done, task_loop(task), FUTURE_PLAIN);
        self->waiting = true;
        CATCH_AWAIT_FUTURE(&self->all_done);
        self->waiting = false;
        if (task->outcome == E_CANCELLED && !self->aborting) {
            self->cancelled = true;
            abort_children(self);
        }
    }
    if (self->body_error.code != 0)
        self->body_error = task->error;
    if (count_errors(self) > 0)
        RAISE(E_GROUP, "task group: %d failed", count_errors(self));
    if (self->cancelled)
        RERAISE(E_CANCELLED);
    END;
}
