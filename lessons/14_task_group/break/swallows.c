/* swallows.c - a child that will not hear of it.
 *
 * A fails at 1 s, the group cancels B. B takes the cancellation for one
 * more failed try, and tries again: cancel is a request, and it is made
 * once. Nobody leaves before everybody has, so the group waits.
 */
#include "14_task_group/task_group.h"

#include <stdio.h>

enum { TRIES = 10 };

struct stubborn {
    struct coro coro;
    int tries;
    struct sleep sleep;
};
ASYNC_DECLARE(stubborn);

ASYNC(stubborn)
{
    BEGIN;
    for (; self->tries < TRIES; self->tries++) {
        CATCH_AWAIT(sleep, .delay_ns = SECONDS(3)); /* except BaseException */
        if (self->sleep.coro.error != 0)
            printf("%.0f s  B: %s, never mind, again\n",
                   (double)loop_now(task_loop(task)) / 1e9,
                   task->error.text);
    }
    END;
}

struct fails {
    struct coro coro;
    struct sleep sleep;
};
ASYNC_DECLARE(fails);

ASYNC(fails)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = SECONDS(1));
    printf("1 s  A fails\n");
    RAISE(E_VALUE, "A failed");
    END;
}

struct show {
    struct coro coro;
    struct stubborn stubborn;
    struct fails fails;
    struct group_child a, b;
    struct body {
        struct coro coro;
        struct show *show;
    } body;
    struct task_group task_group;
    double seconds;
};
ASYNC_DECLARE(body);
ASYNC_DECLARE(show);

ASYNC(body)
{
    struct show *show = self->show;
    struct task_group *group = &show->task_group;

    BEGIN;
    show->fails = (struct fails){ CORO(fails) };
    show->stubborn = (struct stubborn){ CORO(stubborn) };
    task_group_create_task(group, &show->a, "A", &show->fails.coro,
                           &task->error);
    task_group_create_task(group, &show->b, "B", &show->stubborn.coro,
                           &task->error);
    END;
}

ASYNC(show)
{
    BEGIN;
    TRY_AWAIT(task_group, .body = CALL(body, .show = self));
    self->seconds = (double)loop_now(task_loop(task)) / 1e9;
    printf("%.0f s  the group is over: %s\n", self->seconds,
           task->error.text);
    END;
}

int main(void)
{
    struct loop loop;
    struct error error;
    struct show show = { CORO(show), .seconds = 0 };

    if (loop_open(&loop, &(struct loop_options){ .virtual_time = true },
                  &error) != 0)
        return 2;
    loop_run(&loop, &show.coro);
    loop_close(&loop);
    return show.seconds > 2;
}
