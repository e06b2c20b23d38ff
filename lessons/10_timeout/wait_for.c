/* wait_for.c - a race between a future and a timer, and then patience.
 *
 * The waiter is released by whichever comes first. If it was the timer, or
 * if we are cancelled, the future is cancelled and its end is awaited.
 */
#include "10_timeout/timeout.h"

static void release(struct future *waiter)
{
    if (!future_done(waiter))
        future_set_result(waiter);
}

static void time_is_up(struct callback *callback)
{
    struct wait_for *self = CONTAINER(callback, struct wait_for,
                                      timer.callback);

    /* While the end is awaited, only the end will do. */
    if (!self->ending)
        release(&self->waiter);
}

static void future_is_done(struct callback *callback)
{
    release(&CONTAINER(callback, struct wait_for, done)->waiter);
}

/* (Again) a fresh waiter, released at the future's end. */
static void listen_to(struct wait_for *self)
{
    future_remove_callback(self->future, &self->done);
    future_init(&self->waiter, self->future->loop, FUTURE_PLAIN);
    self->done.run = future_is_done;
    future_add_callback(self->future, &self->done);
}

static void let_go(struct wait_for *self)
{
    timer_stop(self->future->loop, &self->timer);
    future_remove_callback(self->future, &self->done);
}

/* What to raise when the future has ended after its time. */
static int verdict(struct wait_for *self, struct task *task)
{
    int code = task_collect(task, self->future);

    if (code != E_CANCELLED)
        return code;
    error_set(&task->error, E_TIMEOUT, "wait_for: not done within %.3f s",
              (double)self->timeout.ns / 1e9);
    return E_TIMEOUT;
}

ASYNC(wait_for)
{
    int code;

    BEGIN;
    if (!self->timeout.set) {
        AWAIT_FUTURE(self->future);
        RETURN();
    }
    if (self->timeout.ns > 0) {
        future_init(&self->waiter, task_loop(task), FUTURE_PLAIN);
        if (timer_start(task_loop(task), &self->timer, self->timeout.ns,
                        time_is_up) != 0)
            RAISE(ENOMEM, "wait_for: no memory for one more timer");
        listen_to(self);
        CATCH_AWAIT_FUTURE(&self->waiter);
    } else {
        task->outcome = 0;
    }
    if (future_done(self->future)) {
        let_go(self);
        code = task_collect(task, self->future);
        RERAISE(code);
    }
    self->ending = true;
    self->cancelled = task->outcome != 0;
    listen_to(self);
    future_cancel(self->future);
    CATCH_AWAIT_FUTURE(&self->waiter);
    let_go(self);
    if (task->outcome != 0)
        RERAISE(task->outcome);
    code = self->cancelled ? E_CANCELLED : verdict(self, task);
    RERAISE(code);
    END;
}
