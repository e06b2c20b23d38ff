/* timer_left_running.c - a scope that forgets its timer.
 *
 * `hasty` is timeout without timer_stop. Its body is done in 1 s of 2, so
 * all looks well and the frame is freed. But the loop still holds the timer
 * in it: to look at, to move in its heap, and at 2 s to call.
 */
#include "loop/loop.h"

#include <stdio.h>
#include <stdlib.h>

struct hasty {
    struct coro coro;
    int64_t delay_ns;
    struct coro *body;
    struct task *task;
    bool expired;
    struct timer timer;
};
ASYNC_DECLARE(hasty);

static void fire(struct callback *callback)
{
    struct hasty *self = CONTAINER(callback, struct hasty, timer.callback);

    task_cancel(self->task);
    self->expired = true;
}

ASYNC(hasty)
{
    BEGIN;
    self->task = task;
    if (timer_start(task_loop(task), &self->timer, self->delay_ns, fire))
        RAISE(ENOMEM, "no memory for one timer");
    CATCH_AWAIT_CORO(self->body);
    RERAISE(self->body->error);
    END;
}

struct show {
    struct coro coro;
    struct hasty *hasty;
    struct sleep body, sleep;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    BEGIN;
    self->body = (struct sleep){ CORO(sleep), .delay_ns = SECONDS(1) };
    self->hasty = calloc(1, sizeof *self->hasty);
    if (self->hasty == NULL)
        RAISE(ENOMEM, "no memory for one frame");
    *self->hasty = (struct hasty){ CORO(hasty), .delay_ns = SECONDS(2),
                                   .body = &self->body.coro };
    CATCH_AWAIT_CORO(&self->hasty->coro);
    free(self->hasty);
    printf("1 s: done in time, the frame is freed\n");
    fflush(stdout);
    AWAIT(sleep, .delay_ns = SECONDS(3));
    printf("4 s: nothing happened\n");
    END;
}

int main(void)
{
    struct loop loop;
    struct error error;
    struct show show = { CORO(show), .hasty = NULL };
    int code;

    if (loop_open(&loop, &(struct loop_options){ .virtual_time = true },
                  &error) != 0)
        return 2;
    code = loop_run(&loop, &show.coro);
    printf("main ended with %s\n", error_name(code));
    loop_close(&loop);
    return code != 0;
}
