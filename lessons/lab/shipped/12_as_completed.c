/* exercise.c - write as_completed (lesson 12).
 *
 *     todo --(done)--> finished --> next_completed
 *       \--(time is up)--> timed_out --/
 *
 * A slot is in one list at a time: todo from the beginning, finished when
 * its future is done, none once it is handed out or its time was up.
 * Callers wait in `getters`; wake_getter(self) wakes one of them, and
 * whoever adds a result or a timeout calls it once for each. What waits and
 * what gives up waiting is written for you; four functions are not:
 *
 *     future_finished: todo -> finished; the last one stops the timer
 *     time_is_up:      nobody in todo counts any more, but as a timeout;
 *                      nobody is cancelled
 *     as_completed:    the slots (whole: they may be garbage), the
 *                      callbacks, the timer (none if there is no turn)
 *     take:            what next_completed gives: a result before a timeout
 *
 * About 25 lines; list.h has list_add, list_remove, LIST_EACH.
 */
#include "12_as_completed/as_completed.h"

#include "stage/todo.h"

#include <assert.h>

/* Somebody waits and something is there: wake the first who still wants
 * it. */
static void wake_getter(struct as_completed *self)
{
    while (!list_empty(&self->getters)) {
        struct next_completed *getter = CONTAINER(self->getters.next,
            struct next_completed, link);

        list_remove(&getter->link);
        if (future_set_result(&getter->getter) == 0)
            return;
    }
}

static void future_finished(struct callback *callback)
{
    struct completed *slot = CONTAINER(callback, struct completed, done);
    struct as_completed *self = slot->from;

    (void)self;
    TODO("move the slot, stop the timer if it was the last, wake one");
}

static void time_is_up(struct callback *callback)
{
    struct as_completed *self = CONTAINER(callback, struct as_completed,
                                          timer.callback);

    (void)self;
    TODO("for each in todo: stop listening, take it out, count it, wake");
}

int as_completed(struct as_completed *self, struct loop *loop,
                 struct completed *slots, struct future **futures,
                 size_t count, struct limit timeout)
{
    *self = (struct as_completed){ .loop = loop };
    list_init(&self->todo);
    list_init(&self->finished);
    list_init(&self->getters);
    self->turns = future_unique(futures, count);
    (void)slots;
    (void)timeout;
    (void)future_finished;
    (void)time_is_up;
    TODO("fill and list each slot, listen to its future; if there are turns, "
         "start the timer");
}

void as_completed_close(void *as_completed)
{
    struct as_completed *self = as_completed;

    if (self->loop == NULL)
        return; /* never begun: a cleanup may be deferred before that */
    timer_stop(self->loop, &self->timer);
    LIST_EACH(&self->todo, link) {
        struct completed *slot = CONTAINER(link, struct completed, link);

        future_remove_callback(slot->future, &slot->done);
        list_remove(link);
    }
}

static bool nothing_yet(const struct as_completed *self)
{
    return list_empty(&self->finished) && self->timed_out == 0;
}

/* Our wait was broken off: what we were woken for is for the next, and our
 * turn can be asked for again. */
static void give_up(struct next_completed *self)
{
    if (!future_set_cancelled(&self->getter)
        && self->getter.state == FUTURE_RESULT && !nothing_yet(self->from))
        wake_getter(self->from);
    if (self->link.next != NULL)
        list_remove(&self->link);
    self->from->turns++;
}

/* There is something: hand it out. A timeout leaves self->future NULL. */
static void take(struct next_completed *self)
{
    struct as_completed *from = self->from;

    (void)from;
    TODO("the oldest of `finished` into self->future; or one timeout less");
}

ASYNC(next_completed)
{
    BEGIN;
    assert(self->from->turns > 0);
    self->from->turns--;
    while (nothing_yet(self->from)) {
        future_init(&self->getter, task_loop(task), FUTURE_PLAIN);
        list_add(&self->from->getters, &self->link);
        CATCH_AWAIT_FUTURE(&self->getter);
        if (task->outcome != 0) {
            give_up(self);
            RERAISE(task->outcome);
        }
    }
    take(self);
    if (self->future == NULL)
        RAISE(E_TIMEOUT, "as_completed: time was up");
    task->outcome = task_collect(task, self->future);
    if (task->outcome != 0)
        RERAISE(task->outcome);
    END;
}
