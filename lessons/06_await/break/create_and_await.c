/* create_and_await.c - three tasks, and nothing concurrent about them.
 *
 * The notebook's first comprehension, hoping for 3 seconds: each task is
 * awaited before the next one exists.
 */
#include "loop/loop.h"

struct hopeful {
    struct coro coro;
    int i;
    struct sleep sleep;
    struct task task;
};
ASYNC_DECLARE(hopeful);

ASYNC(hopeful)
{
    BEGIN;
    for (self->i = 0; self->i < 3; self->i++) {
        task_create(task_loop(task), &self->task, "nap",
                    CALL(sleep, .delay_ns = SECONDS(3)));
        AWAIT_FUTURE(&self->task.future);
        printf("%lld s\n", (long long)(loop_now(task_loop(task))
                                       / SECONDS(1)));
    }
    END;
}

int main(void)
{
    struct hopeful hopeful = { CORO(hopeful) };
    struct error error;
    struct loop loop;
    int64_t took;

    if (loop_open(&loop, &(struct loop_options){ .virtual_time = true },
                  &error) != 0)
        return 2;
    (void)loop_run(&loop, &hopeful.coro);
    took = loop_now(&loop);
    loop_close(&loop);
    printf("hoped for 3 s, took %lld s\n", (long long)(took / SECONDS(1)));
    return took > SECONDS(3);
}
