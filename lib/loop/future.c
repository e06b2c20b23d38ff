/* future.c - see future.h. The state machine is `finish` and its callers;
 * the rest is the ring that callbacks travel in. */
#include "loop/future.h"

#include "loop/loop.h"

#include <assert.h>

void queue_append(struct queue *queue, struct queue *from)
{
    struct callback *head;

    if (from->tail == NULL)
        return;
    if (queue->tail != NULL) {
        head = queue->tail->next;
        queue->tail->next = from->tail->next;
        from->tail->next = head;
    }
    queue->tail = from->tail;
    from->tail = NULL;
}

void queue_push(struct queue *queue, struct callback *callback)
{
    assert(callback->next == NULL && callback->run != NULL);
    callback->next = callback; /* a ring of one */
    queue_append(queue, &(struct queue){ callback });
}

bool queue_remove(struct queue *queue, struct callback *callback)
{
    struct callback *before = queue->tail;

    if (before == NULL || callback->next == NULL)
        return false;
    while (before->next != callback) {
        before = before->next;
        if (before == queue->tail)
            return false;
    }
    before->next = callback->next;
    if (queue->tail == callback)
        queue->tail = before == callback ? NULL : before;
    callback->next = NULL;
    return true;
}

struct callback *queue_pop(struct queue *queue)
{
    struct callback *head = queue->tail == NULL ? NULL : queue->tail->next;

    if (head != NULL)
        queue_remove(queue, head);
    return head;
}

void future_init(struct future *future, struct loop *loop,
                 enum future_kind kind)
{
    assert(loop != NULL);
    *future = (struct future){ .loop = loop, .kind = (unsigned char)kind };
}

static int finish(struct future *future, enum future_state state)
{
    if (future_done(future))
        return E_INVALID_STATE;
    future->state = (unsigned char)state;
    queue_append(&future->loop->ready, &future->callbacks);
    return 0;
}

int future_set_result(struct future *future)
{
    return finish(future, FUTURE_RESULT);
}

bool future_set_cancelled(struct future *future)
{
    return finish(future, FUTURE_CANCELLED) == 0;
}

int future_set_error(struct future *future, const struct error *error)
{
    assert(error != NULL && error->code != 0);
    if (finish(future, FUTURE_ERROR) != 0)
        return E_INVALID_STATE;
    future->error = error;
    future->unlooked = true;
    return 0;
}

void future_look(struct future *future)
{
    if (future->unlooked && future->kind == FUTURE_TASK) /* in loop->failed */
        list_remove(&CONTAINER(future, struct task, future)->link);
    future->unlooked = false;
}

bool future_cancel(struct future *future)
{
    if (future->kind == FUTURE_TASK)
        return task_cancel(CONTAINER(future, struct task, future));
    if (future->kind == FUTURE_OUTER)
        return CONTAINER(future, struct outer_future, future)->cancel(future);
    future_look(future);
    return future_set_cancelled(future);
}

const struct error *future_error(const struct future *future)
{
    return future->state == FUTURE_CANCELLED ? &error_cancelled
                                             : future->error;
}

int future_outcome(struct future *future)
{
    const struct error *error = future_error(future);

    if (!future_done(future))
        return E_INVALID_STATE;
    future_look(future);
    return error == NULL ? 0 : error->code;
}

void future_add_callback(struct future *future, struct callback *callback)
{
    queue_push(future_done(future) ? &future->loop->ready
                                   : &future->callbacks, callback);
}

bool future_remove_callback(struct future *future, struct callback *callback)
{
    return queue_remove(&future->callbacks, callback)
        || loop_call_cancel(future->loop, callback);
}

size_t future_unique(struct future **list, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (list[i]->marked)
            continue;
        list[i]->marked = true;
        list[kept] = list[i];
        kept++;
    }
    for (size_t i = 0; i < kept; i++)
        list[i]->marked = false;
    return kept;
}
