/* cancel_is_a_request.c - cancelled, and not waited for.
 *
 * The notebook's way to tidy up: `for task in pending: task.cancel()`, and
 * the program is over. But each child has a goodbye to say, which takes a
 * second, and nobody gives it that second.
 */
#include "13_wait/wait.h"

#include <stdio.h>

struct child {
    struct coro coro;
    const char *name;
    int seconds;
    struct async_cleanup leaving;
    struct sleep sleep;
    struct goodbye {
        struct coro coro;
        const char *name;
        struct sleep sleep;
    } goodbye;
};
ASYNC_DECLARE(child);
ASYNC_DECLARE(goodbye);

ASYNC(goodbye)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = SECONDS(1));
    printf("%s has said goodbye\n", self->name);
    END;
}

ASYNC(child)
{
    BEGIN;
    DEFER_AWAIT(&self->leaving, CALL(goodbye, .name = self->name));
    AWAIT(sleep, .delay_ns = SECONDS(self->seconds));
    END;
}

struct show {
    struct coro coro;
    struct child children[2];
    struct task tasks[2];
    struct future *futures[2];
    struct wait_slot slots[2];
    struct wait wait;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    static const char *const names[] = { "A", "B" };

    BEGIN;
    for (int i = 0; i < 2; i++) {
        self->children[i] = (struct child){ CORO(child), .name = names[i],
            .seconds = 1 + 4 * i };
        self->futures[i] = task_create(task_loop(task), &self->tasks[i],
                                       names[i], &self->children[i].coro);
    }
    AWAIT(wait, .futures = self->futures, .count = 2, .slots = self->slots,
          .until = FIRST_COMPLETED);
    for (size_t i = self->wait.done; i < 2; i++)
        printf("cancel -> %d, cancelled() -> %d\n",
               future_cancel(self->futures[i]),
               self->futures[i]->state == FUTURE_CANCELLED);
    END;
}

int main(void)
{
    struct loop loop;
    struct error error;
    struct show show = { CORO(show), .wait = { .count = 0 } };
    struct task task;
    int reports;

    if (loop_open(&loop, &(struct loop_options){ .virtual_time = true,
                  .log = stdout }, &error) != 0)
        return 2;
    /* Not loop_run: that would cancel, and wait, for us (row L11). */
    loop_run_until(&loop, task_create(&loop, &task, "main", &show.coro));
    reports = loop_close(&loop);
    return reports != 0;
}
