/* MISTAKE: it awaits a future of its own for all of them, which nobody
   completes. */
/* SEEN: all_at_once awaits at a_future_for_all.c */
#include "06_await/await.h"

ASYNC(delay)
{
    BEGIN;
    stage_say(self->stage, "sleeping %g", self->seconds);
    AWAIT(sleep, .delay_ns = stage_ns(self->stage, self->seconds));
    if (self->fails)
        RAISE(E_VALUE, "delay %g: told to fail", self->seconds);
    stage_say(self->stage, "finished %g", self->seconds);
    END;
}

ASYNC(one_by_one)
{
    BEGIN;
    for (self->i = 0; self->i < self->count; self->i++) {
        task_create(task_loop(task), &self->task, "delay",
                    CALL(delay, .stage = self->stage,
                         .seconds = self->seconds[self->i]));
        AWAIT_FUTURE(&self->task.future);
    }
    END;
}

ASYNC(all_at_once)
{
    static const char *const names[DELAYS_MAX] = {
        "delay A", "delay B", "delay C", "delay D",
        "delay E", "delay F", "delay G", "delay H"
    };

    BEGIN;
    for (self->i = 0; self->i < self->count; self->i++) {
        self->delays[self->i] = (struct delay){ CORO(delay),
            .stage = self->stage, .seconds = self->seconds[self->i],
            .fails = self->i + 1 == self->failing };
        task_create(task_loop(task), &self->tasks[self->i], names[self->i],
                    &self->delays[self->i].coro);
    }
    static struct future all;
    future_init(&all, task_loop(task), FUTURE_PLAIN);
    AWAIT_FUTURE(&all);
    END;
}
