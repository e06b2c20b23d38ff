/* MISTAKE: The loop's counter is a local: every step begins it anew. */
/* SEEN: the loop's counter is a local that begins anew */
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
    size_t i = 0;

    BEGIN;
    for (; i < self->count; i++) {
        task_create(task_loop(task), &self->task, "delay",
                    CALL(delay, .stage = self->stage,
                         .seconds = self->seconds[i]));
        AWAIT_FUTURE(&self->task.future);
    }
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
