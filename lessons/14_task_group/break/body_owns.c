/* body_owns.c - the group waits for everybody; but who owns everybody?
 *
 * The body allocates its children and, well brought up, defers their free.
 * That cleanup runs when the body has ended, which is when the group begins
 * to wait: the children sleep in memory that is gone. One line further out,
 * around the group, the same cleanup is right.
 */
#include "14_task_group/task_group.h"

#include <stdio.h>
#include <stdlib.h>

struct child {
    struct coro coro;
    struct group_child member;
    struct sleep sleep;
};
ASYNC_DECLARE(child);

ASYNC(child)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = SECONDS(1));
    printf("the child is done\n");
    END;
}

struct body {
    struct coro coro;
    struct task_group *group;
    struct child *child;
    struct cleanup freeing;
};
ASYNC_DECLARE(body);

ASYNC(body)
{
    BEGIN;
    self->child = calloc(1, sizeof *self->child);
    if (self->child == NULL)
        RAISE(ENOMEM, "no memory for one child");
    DEFER(&self->freeing, free, self->child); /* too early */
    self->child->coro.type = &child_type;
    task_group_create_task(self->group, &self->child->member, "child",
                           &self->child->coro, &task->error);
    printf("the body is done\n");
    fflush(stdout);
    END;
}

struct show {
    struct coro coro;
    struct body body;
    struct task_group task_group;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    BEGIN;
    AWAIT(task_group, .body = CALL(body, .group = &self->task_group));
    printf("the group is over\n");
    END;
}

int main(void)
{
    struct loop loop;
    struct error error;
    struct show show = { CORO(show), .body = { .child = NULL } };

    if (loop_open(&loop, &(struct loop_options){ .virtual_time = true },
                  &error) != 0)
        return 2;
    loop_run(&loop, &show.coro);
    loop_close(&loop);
    return 0;
}
