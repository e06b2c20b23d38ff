/* MISTAKE: the first child's error goes up. */
/* SEEN: the error of a child goes up as it is */
#include "14_task_group/task_group.h"

static void abort_children(struct task_group *self)
{
    self->aborting = true;
    LIST_EACH(&self->unfinished, link) {
        struct group_child *child = CONTAINER(link, struct group_child, link);

        if (!future_done(&child->task.future))
            task_cancel(&child->task);
    }
}

static void child_done(struct callback *callback)
{
    struct group_child *child = CONTAINER(callback, struct group_child, done);

    list_remove(&child->link);
    struct task_group *self = child->group;

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
    self->state = GROUP_EXITING;
    if (self->body != NULL && self->body->error != 0
        && self->body->error != E_CANCELLED)
        self->body_error = task->error;
    if (self->body != NULL && self->body->error == E_CANCELLED)
        self->cancelled = true;
    if (self->parent_cancel_requested && task_uncancel(task) == 0)
        self->cancelled = false;
    if (self->body != NULL && self->body->error != 0 && !self->aborting)
        abort_children(self);
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
