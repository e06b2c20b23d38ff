/* exercise.c - asyncio.timeout, by you. timeout.h has the contract.
 *
 * A timer of our own cancels the task that we run in. Given: how the timer
 * is started. Yours: what it does when it fires, and the way out, where a
 * cancellation has come out of the body, or not, and was ours, or not.
 * About 15 lines.
 */
#include "10_timeout/timeout.h"

#include "stage/todo.h"

/* Time is up: ask self->task to end, and remember that it was we. */
static void fire(struct callback *callback)
{
    struct timeout *self = CONTAINER(callback, struct timeout,
                                     timer.callback);

    (void)self;
    TODO("cancel the task, and remember that time was up");
}

/* Not by a timer of 0: that would come after what is ready (row L03). */
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

ASYNC(timeout)
{
    BEGIN;
    self->task = task;
    self->base = task->cancelling; /* requests that are not ours */
    if (arm(self) != 0)
        RAISE(ENOMEM, "timeout: no memory for one more timer");
    /* Run self->body in this task, and be there however it ends. Nobody may
     * call into our frame afterwards. If time was up, our request is taken
     * back from the count, whatever came of it (task_uncancel gives what is
     * left). A cancellation that nobody else asked for as well becomes
     * E_TIMEOUT, "timeout: not done within %.3f s"; all else goes on as it
     * came. */
    TODO("await the body, stop the timer, tell our cancellation from theirs");
    END;
}
