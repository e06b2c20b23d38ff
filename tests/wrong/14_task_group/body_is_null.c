/* MISTAKE: a group without a body is not thought of. */
/* SEEN: self->body may be NULL */
#define OWN_TASK_GROUP
#include "given.h"

ASYNC(task_group)
{
    BEGIN;
    enter(self, task);
    if (self->body != NULL)
        CATCH_AWAIT_CORO(self->body);
    begin_exit(self, self->body->error);
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
    if (count_errors(self) > 0)
        RAISE(E_GROUP, "task group: %d failed", count_errors(self));
    if (self->cancelled)
        RERAISE(E_CANCELLED);
    END;
}
