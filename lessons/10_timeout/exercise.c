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
static int arm(struct timeout *self)
{
    struct loop *loop = task_loop(self->task);

    if (self->delay_ns > 0)
        return timer_start(loop, &self->timer, self->delay_ns, fire);
    self->timer.callback.run = fire;
    loop_call_soon(loop, &self->timer.callback);
    return 0;
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
     * E_TIMEOUT; everything else goes on as it came. */
    TODO("await the body, stop the timer, tell our cancellation from theirs");
    END;
}
