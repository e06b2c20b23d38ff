/* MISTAKE: the first child's error goes up. */
/* SEEN: the error of a child goes up as it is */
#define OWN_TASK_GROUP
#include "given.h"

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
    if (count_errors(self) > 0) {
        struct group_child *first = CONTAINER(self->errors.next,
                                              struct group_child, link);

        RERAISE(future_outcome(&first->task.future));
    }
    if (self->cancelled)
        RERAISE(E_CANCELLED);
    END;
}
