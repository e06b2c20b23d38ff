/* given.h - exercise.c of lesson 12, written right. A wrong answer defines
 * OWN_ and the name of each function that it gets wrong, and writes that.
 */
#include "12_as_completed/as_completed.h"

#include <assert.h>

static void future_finished(struct callback *callback);
static void time_is_up(struct callback *callback);
static void take(struct next_completed *self);

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

#ifndef OWN_FUTURE_FINISHED
static void future_finished(struct callback *callback)
{
    struct completed *slot = CONTAINER(callback, struct completed, done);
    struct as_completed *self = slot->from;

    list_remove(&slot->link);
    list_add(&self->finished, &slot->link);
    if (list_empty(&self->todo))
        timer_stop(self->loop, &self->timer);
    wake_getter(self);
}
#endif

#ifndef OWN_TIME_IS_UP
static void time_is_up(struct callback *callback)
{
    struct as_completed *self = CONTAINER(callback, struct as_completed,
                                          timer.callback);

    LIST_EACH(&self->todo, link) {
        struct completed *slot = CONTAINER(link, struct completed, link);

        future_remove_callback(slot->future, &slot->done);
        list_remove(link);
        self->timed_out++;
        wake_getter(self);
    }
}
#endif

#ifndef OWN_AS_COMPLETED
int as_completed(struct as_completed *self, struct loop *loop,
                 struct completed *slots, struct future **futures,
                 size_t count, struct limit timeout)
{
    *self = (struct as_completed){ .loop = loop };
    list_init(&self->todo);
    list_init(&self->finished);
    list_init(&self->getters);
    self->turns = future_unique(futures, count);
    for (size_t i = 0; i < self->turns; i++) {
        slots[i] = (struct completed){ { .run = future_finished }, self,
                                       futures[i], { NULL, NULL } };
        list_add(&self->todo, &slots[i].link);
        future_add_callback(futures[i], &slots[i].done);
    }
    if (!timeout.set || self->turns == 0)
        return 0;
    if (timer_start(loop, &self->timer, timeout.ns, time_is_up) == 0)
        return 0;
    as_completed_close(self);
    return ENOMEM;
}
#endif

void as_completed_close(void *as_completed)
{
    struct as_completed *self = as_completed;

    if (self->loop == NULL)
        return;
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

static void give_up(struct next_completed *self)
{
    if (!future_set_cancelled(&self->getter)
        && self->getter.state == FUTURE_RESULT && !nothing_yet(self->from))
        wake_getter(self->from);
    if (self->link.next != NULL)
        list_remove(&self->link);
    self->from->turns++;
}

#ifndef OWN_TAKE
static void take(struct next_completed *self)
{
    struct as_completed *from = self->from;

    if (list_empty(&from->finished)) {
        from->timed_out--;
        return;
    }
    self->future = CONTAINER(from->finished.next, struct completed,
                             link)->future;
    list_remove(from->finished.next);
}
#endif

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
