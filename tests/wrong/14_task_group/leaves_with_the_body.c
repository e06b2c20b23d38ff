/* MISTAKE: the group ends when its body has ended. */
/* SEEN: leaves when its body has ended */
#define OWN_TASK_GROUP
#include "given.h"

ASYNC(task_group)
{
    BEGIN;
    enter(self, task);
    if (self->body != NULL)
        CATCH_AWAIT_CORO(self->body);
    begin_exit(self, self->body != NULL ? self->body->error : 0);
    if (count_errors(self) > 0)
        RAISE(E_GROUP, "task group: %d failed", count_errors(self));
    if (self->cancelled)
        RERAISE(E_CANCELLED);
    END;
}
