/* given.h - exercise.c of lesson 14, written right. A wrong answer defines
 * OWN_ and the name of each function that it gets wrong, and writes that.
 */
#include "14_task_group/task_group.h"

static void child_done(struct callback *callback);
static void begin_exit(struct task_group *self, int error);

static void abort_children(struct task_group *self)
{
    self->aborting = true;
    LIST_EACH(&self->unfinished, link) {
        struct task *task = &CONTAINER(link, struct group_child, link)->task;

        if (!future_done(&task->future))
            task_cancel(task);
    }
}

#ifndef OWN_CHILD_DONE
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
    list_add(&self->errors, &child->link);
    if (self->aborting || self->parent_cancel_requested)
        return;
    abort_children(self);
    self->parent_cancel_requested = true;
    task_cancel(self->parent);
}
#endif

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

#ifndef OWN_BEGIN_EXIT
static void begin_exit(struct task_group *self, int error)
{
    self->state = GROUP_EXITING;
    self->cancelled = error == E_CANCELLED;
    if (self->parent_cancel_requested && task_uncancel(self->parent) == 0)
        self->cancelled = false;
    if (error != 0 && error != E_CANCELLED)
        self->body_error = self->parent->error;
    if (error != 0 && !self->aborting)
        abort_children(self);
}
#endif

static int count_errors(const struct task_group *self)
{
    int n = self->body_error.code != 0;

    LIST_EACH(&self->errors, link)
        n++;
    return n;
}

#ifndef OWN_TASK_GROUP
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
    if (count_errors(self) > 0)
        RAISE(E_GROUP, "task group: %d failed", count_errors(self));
    if (self->cancelled)
        RERAISE(E_CANCELLED);
    END;
}
#endif
