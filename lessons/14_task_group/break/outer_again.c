/* outer_again.c - asking the shield instead of what is behind it.
 *
 * The save is shielded, we are cancelled in the middle, and wait for the
 * save to end before we give in. But the future that shield gave us was
 * cancelled in the save's stead: it is over, and will never be anything
 * else. What lives on is the inner one.
 */
#include "14_task_group/task_group.h"

#include <stdio.h>

struct show {
    struct coro coro;
    struct sleep sleep;
    struct task save;
    struct shield shield;
    struct cleanup closing;
    struct future *outer;
};
ASYNC_DECLARE(show);

static void say_state(struct task *task, const char *what,
                      const struct future *future)
{
    static const char *const states[] = {
        [FUTURE_PENDING] = "pending", [FUTURE_RESULT] = "done",
        [FUTURE_ERROR] = "failed", [FUTURE_CANCELLED] = "cancelled"
    };

    printf("%.0f s  %s: %s\n", (double)loop_now(task_loop(task)) / 1e9, what,
           states[future->state]);
}

ASYNC(show)
{
    BEGIN;
    DEFER(&self->closing, shield_close, &self->shield);
    task_create(task_loop(task), &self->save, "save",
                CALL(sleep, .delay_ns = SECONDS(3)));
    self->outer = shield(&self->shield, &self->save.future);
    CATCH_AWAIT_FUTURE(self->outer);
    say_state(task, "cancelled; now wait for the save", self->outer);
    CATCH_AWAIT_FUTURE(self->outer); /* &self->save.future is meant */
    say_state(task, "we think the save was", self->outer);
    say_state(task, "the save itself is", &self->save.future);
    END;
}

struct canceller {
    struct coro coro;
    struct loop *loop;
    struct sleep sleep;
};
ASYNC_DECLARE(canceller);

ASYNC(canceller)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = SECONDS(1));
    task_cancel(&self->loop->main);
    END;
}

int main(void)
{
    struct loop loop;
    struct error error;
    struct show show = { CORO(show), .outer = NULL };
    struct canceller canceller = { CORO(canceller), .loop = &loop };
    struct task task;

    if (loop_open(&loop, &(struct loop_options){ .virtual_time = true },
                  &error) != 0)
        return 2;
    task_create(&loop, &task, "canceller", &canceller.coro);
    loop_run(&loop, &show.coro);
    loop_close(&loop);
    return show.save.future.state != FUTURE_RESULT;
}
