/* given.h - exercise.c of lesson 10, written right. A wrong answer defines
 * OWN_ and the name of each function that it gets wrong, and writes that.
 */
#include "10_timeout/timeout.h"

static void fire(struct callback *callback);

#ifndef OWN_FIRE
static void fire(struct callback *callback)
{
    struct timeout *self = CONTAINER(callback, struct timeout,
                                     timer.callback);

    task_cancel(self->task);
    self->expired = true;
}
#endif

static int arm_at(struct timeout *self, int64_t when_ns)
{
    struct loop *loop = task_loop(self->task);
    int64_t now = loop_now(loop);

    if (when_ns > now)
        return timer_start(loop, &self->timer, when_ns - now, fire);
    self->timer.callback.run = fire;
    loop_call_soon(loop, &self->timer.callback);
    return 0;
}

static int arm(struct timeout *self)
{
    int64_t now = loop_now(task_loop(self->task));

    self->entered_ns = now;
    return arm_at(self, self->delay_ns > INT64_MAX - now ? INT64_MAX
                        : now + self->delay_ns);
}

int timeout_reschedule(struct timeout *self, int64_t when_ns,
                       struct error *error)
{
    const char *state = self->expired ? "expiring"
                      : self->coro.pc == CORO_FRESH ? "created" : "finished";

    if (self->expired || self->coro.pc <= CORO_FRESH) {
        error_set(error, E_RUNTIME, "timeout: %s, its deadline stays",
                  state);
        return E_RUNTIME;
    }
    timer_stop(task_loop(self->task), &self->timer);
    self->delay_ns = when_ns - self->entered_ns;
    if (arm_at(self, when_ns) == 0)
        return 0;
    error_set(error, ENOMEM, "timeout: no memory for one more timer");
    return ENOMEM;
}

#ifndef OWN_TIMEOUT
ASYNC(timeout)
{
    BEGIN;
    self->task = task;
    self->base = task->cancelling;
    if (arm(self) != 0)
        RAISE(ENOMEM, "timeout: no memory for one more timer");
    CATCH_AWAIT_CORO(self->body);
    timer_stop(task_loop(task), &self->timer);
    if (self->expired && task_uncancel(task) <= self->base
        && self->body->error == E_CANCELLED)
        RAISE(E_TIMEOUT, "timeout: not done within %.3f s",
              (double)self->delay_ns / 1e9);
    if (self->body->error != 0)
        RERAISE(self->body->error);
    END;
}
#endif
