/* one_left_behind.c - tidying up by hand, and an error on the way there.
 *
 * load does all that this lesson taught: FIRST_EXCEPTION, look into who is
 * done, cancel who is pending, wait for them. One early way out is enough:
 * looking raises, so the lines below it never run, and C works on for a
 * caller who was told that load has failed.
 */
#include "13_wait/wait.h"

#include <stdio.h>

struct step_by_step {
    struct coro coro;
    const char *name;
    int steps, i;
    bool fails;
    struct sleep sleep;
};
ASYNC_DECLARE(step_by_step);

static double now(struct task *task)
{
    return (double)loop_now(task_loop(task)) / 1e9;
}

ASYNC(step_by_step)
{
    BEGIN;
    for (self->i = 0; self->i < self->steps; self->i++) {
        AWAIT(sleep, .delay_ns = SECONDS(1));
        printf("%.0f s  %s writes\n", now(task), self->name);
    }
    if (self->fails)
        RAISE(E_VALUE, "%s failed", self->name);
    END;
}

struct load {
    struct coro coro;
    struct step_by_step children[3];
    struct task tasks[3];
    struct future *futures[3];
    struct wait_slot slots[3];
    struct wait wait;
    size_t i;
};
ASYNC_DECLARE(load);

ASYNC(load)
{
    static const char *const names[] = { "A", "B", "C" };

    BEGIN;
    for (int i = 0; i < 3; i++) {
        self->children[i] = (struct step_by_step){ CORO(step_by_step),
            .name = names[i], .steps = i < 2 ? i + 1 : 5, .fails = i == 1 };
        self->futures[i] = task_create(task_loop(task), &self->tasks[i],
                                       names[i], &self->children[i].coro);
    }
    AWAIT(wait, .futures = self->futures, .count = 3, .slots = self->slots,
          .until = FIRST_EXCEPTION);
    for (self->i = 0; self->i < self->wait.done; self->i++)
        AWAIT_FUTURE(self->futures[self->i]); /* raises B's error: out */
    for (size_t i = self->wait.done; i < self->wait.count; i++)
        future_cancel(self->futures[i]);
    AWAIT(wait, .futures = self->futures, .count = 3, .slots = self->slots);
    END;
}

struct show {
    struct coro coro;
    struct load load; /* kept: the frame is not today's trouble */
    struct sleep sleep;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    BEGIN;
    TRY_AWAIT(load, .i = 0);
    printf("%.0f s  load is over: %s\n", now(task), task->error.text);
    AWAIT(sleep, .delay_ns = SECONDS(2));
    printf("%.0f s  main is over\n", now(task));
    END;
}

int main(void)
{
    struct loop loop;
    struct error error;
    struct show show = { CORO(show), .load = { .i = 0 } };

    if (loop_open(&loop, &(struct loop_options){ .virtual_time = true },
                  &error) != 0)
        return 2;
    loop_run(&loop, &show.coro);
    loop_close(&loop);
    return show.load.children[2].i > 2; /* C went on after load's end */
}
