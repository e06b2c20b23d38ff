/* pending_forgotten.c - the frames of those who are still pending die.
 *
 * first_answer starts three children in its own frame, waits for the first
 * and returns. wait does not cancel the other two: they sleep on, and their
 * timers point into a frame that its owner has freed.
 */
#include "13_wait/wait.h"

#include <stdio.h>
#include <stdlib.h>

struct child {
    struct coro coro;
    int seconds;
    struct sleep sleep;
};
ASYNC_DECLARE(child);

ASYNC(child)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = SECONDS(self->seconds));
    printf("%d s: a child is done\n", self->seconds);
    fflush(stdout);
    END;
}

struct first_answer {
    struct coro coro;
    struct child children[3];
    struct task tasks[3];
    struct future *futures[3];
    struct wait_slot slots[3];
    struct wait wait;
};
ASYNC_DECLARE(first_answer);

ASYNC(first_answer)
{
    BEGIN;
    for (int i = 0; i < 3; i++) {
        self->children[i] = (struct child){ CORO(child), .seconds = i + 1 };
        self->futures[i] = task_create(task_loop(task), &self->tasks[i],
                                       "child", &self->children[i].coro);
    }
    AWAIT(wait, .futures = self->futures, .count = 3, .slots = self->slots,
          .until = FIRST_COMPLETED);
    END;
}

struct show {
    struct coro coro;
    struct first_answer *answer;
    struct sleep sleep;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    BEGIN;
    self->answer = calloc(1, sizeof *self->answer);
    if (self->answer == NULL)
        RAISE(ENOMEM, "no memory for one frame");
    self->answer->coro.type = &first_answer_type;
    CATCH_AWAIT_CORO(&self->answer->coro);
    free(self->answer); /* it has returned, so its frame can go: can it? */
    printf("the frame is freed\n");
    fflush(stdout);
    AWAIT(sleep, .delay_ns = SECONDS(4));
    END;
}

int main(void)
{
    struct loop loop;
    struct error error;
    struct show show = { CORO(show), .answer = NULL };

    if (loop_open(&loop, &(struct loop_options){ .virtual_time = true },
                  &error) != 0)
        return 2;
    loop_run(&loop, &show.coro);
    loop_close(&loop);
    return 0;
}
