/* exercise.c - yours: two coroutines.
 *
 * The same three sleeps, one by one and all at once. The difference is not
 * in create_task and not in await: it is in which of them comes first.
 *
 *     one_by_one:  create A, await A, create B, await B, ...
 *     all_at_once: create A, create B, ..., await A, await B, ...
 *
 * Read before you write: README.md, whose table says what CALL, CORO,
 * task_create and AWAIT_FUTURE do; await.h, for what each frame holds; and
 * `delay` below, which is complete. macros.md and lib/loop/coro.h and
 * task.h tell the rest; macros.md also what a compiler's words mean.
 */
#include "06_await/await.h"

#include "stage/todo.h"

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

/* [await create_task(delay(s)) for s in seconds]
 *
 * One frame for a delay and one task are enough: self->delay, self->task.
 * A local variable dies at every await; the loop's counter is self->i. */
ASYNC(one_by_one)
{
    BEGIN;
    TODO("one_by_one: the pair of lines below is for one; make it a loop");
    task_create(task_loop(task), &self->task, "delay",
                CALL(delay, .stage = self->stage,
                     .seconds = self->seconds[0]));
    AWAIT_FUTURE(&self->task.future);
    END;
}

/* tasks = [create_task(delay(s)) for s in seconds]
 * [await task for task in tasks]
 *
 * Each task needs a frame and a struct task of its own, in self->delays
 * and self->tasks: nothing here is copied and nothing allocated. */
ASYNC(all_at_once)
{
    BEGIN;
    TODO("all_at_once: create them all, then await them in order");
    END;
}
