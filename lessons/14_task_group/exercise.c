/* exercise.c - asyncio.TaskGroup, by you. task_group.h has the contract.
 *
 * Given: how a child enters, and how the group is left once everybody has
 * ended. Yours is the heart: what a child's end means for the others, and
 * the wait that lets nobody out before everybody is. About 40 lines.
 * shield.c is not part of it.
 */
#include "14_task_group/task_group.h"

#include "stage/todo.h"

/* child->task has ended. It is unfinished no longer; the last one out wakes
 * the parent, if that waits (child->group->waiting): future_set_result of
 * all_done. Then look at how it ended (future_look): a result or a
 * cancellation is nobody's trouble. A failure (FUTURE_ERROR) joins
 * group->errors, and the first one aborts: cancel each unfinished child,
 * once, and the parent's task, which is in the body or waits below; remember
 * that you did (parent_cancel_requested). */
static void child_done(struct callback *callback)
{
    struct group_child *child = CONTAINER(callback, struct group_child, done);

    list_remove(&child->link);
    TODO("wake the parent after the last; abort after the first failure");
}

int task_group_create_task(struct task_group *self, struct group_child *child,
                           const char *name, struct coro *coro,
                           struct error *error)
{
    const char *why = NULL;

    if (self->state == GROUP_FRESH)
        why = "has not been entered";
    else if (self->state == GROUP_EXITING && list_empty(&self->unfinished))
        why = "is finished";
    else if (self->aborting)
        why = "is shutting down";
    if (why != NULL) {
        error_set(error, E_RUNTIME, "create task %s: the group %s", name, why);
        return E_RUNTIME;
    }
    child->group = self;
    child->done = (struct callback){ .run = child_done };
    task_create(task_loop(self->parent), &child->task, name, coro);
    list_add(&self->unfinished, &child->link);
    future_add_callback(&child->task.future, &child->done);
    return 0;
}

static void enter(struct task_group *self, struct task *task)
{
    list_init(&self->errors);
    list_init(&self->unfinished);
    self->parent = task;
    self->state = GROUP_OPEN;
}

static int count_errors(const struct task_group *self)
{
    int n = self->body_error.code != 0;

    LIST_EACH(&self->errors, link)
        n++;
    return n;
}

ASYNC(task_group)
{
    BEGIN;
    enter(self, task);
    if (self->body != NULL)
        CATCH_AWAIT_CORO(self->body);
    /* The body has ended, with self->body->error. state is GROUP_EXITING
     * now. Our own request, if we made one, is taken back (task_uncancel),
     * whatever the body made of it. If the body was cancelled, so are we,
     * unless that request was ours alone: none is left. Any other error is
     * kept in body_error (task->error has it). Either way the children are
     * cancelled, if they have not been. Then, while there are unfinished
     * ones: wait on all_done, a fresh future each time (FUTURE_PLAIN).
     * Cancelled while waiting? Remember it and cancel the children; if they
     * have been, just wait on. */
    TODO("judge the body's end; wait until nobody is unfinished");
    if (count_errors(self) > 0)
        RAISE(E_GROUP, "task group: %d failed", count_errors(self));
    if (self->cancelled)
        RERAISE(E_CANCELLED);
    END;
}
