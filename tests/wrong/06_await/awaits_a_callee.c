/* MISTAKE: one_by_one awaits the delay itself, without a task. */
/* SEEN: a delay is awaited as a callee */
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
    for (self->i = 0; self->i < self->count; self->i++)
        AWAIT(delay, .stage = self->stage,
              .seconds = self->seconds[self->i]);
    END;
}

ASYNC(all_at_once)
{
    BEGIN;
    for (self->i = 0; self->i < self->count; self->i++) {
        self->delays[self->i] = (struct delay){ CORO(delay),
            .stage = self->stage, .seconds = self->seconds[self->i],
            .fails = self->i + 1 == self->failing };
        task_create(task_loop(task), &self->tasks[self->i], "delay",
                    &self->delays[self->i].coro);
    }
    for (self->i = 0; self->i < self->count; self->i++)
        AWAIT_FUTURE(&self->tasks[self->i].future);
    END;
}
