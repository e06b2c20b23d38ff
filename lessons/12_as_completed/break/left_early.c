/* left_early.c - one result is enough, says the parent, and goes.
 *
 *     tasks:   A 2 s    B 1 s    C 3 s        owned by main, they may run on
 *                \       |       /
 *     parent:   slots of an as_completed, on the heap with the parent
 *
 * The parent takes the first result and returns; its frame is freed, and
 * with it the slots. Each task still has a callback that points into one.
 */
#include "12_as_completed/as_completed.h"

#include <stdlib.h>

enum { N = 3 };

struct answer {
    struct coro coro;
    double seconds;
    struct sleep sleep;
};
ASYNC_DECLARE(answer);

ASYNC(answer)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = SECONDS(self->seconds));
    END;
}

struct first {
    struct coro coro;
    struct future **futures;
    struct completed slots[N];
    struct as_completed it;
    struct next_completed next_completed;
};
ASYNC_DECLARE(first);

ASYNC(first)
{
    BEGIN;
    if (as_completed(&self->it, task_loop(task), self->slots, self->futures,
                     N, (struct limit){ .set = false }) != 0)
        RAISE(ENOMEM, "as_completed");
    /* The line that is missing here:
     * DEFER(&self->closing, as_completed_close, &self->it); */
    AWAIT(next_completed, .from = &self->it);
    END;
}

struct show {
    struct coro coro;
    struct answer answers[N];
    struct task tasks[N];
    struct future *futures[N];
    struct first *first;
    struct sleep sleep;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    static const char *const names[N] = { "A", "B", "C" };

    BEGIN;
    for (int i = 0; i < N; i++)
        self->futures[i] = task_create(task_loop(task), &self->tasks[i],
                                       names[i], &self->answers[i].coro);
    self->first = malloc(sizeof *self->first);
    if (self->first == NULL)
        RAISE(ENOMEM, "a frame");
    *self->first = (struct first){ CORO(first), .futures = self->futures };
    TRY_AWAIT_CORO(&self->first->coro);
    printf("%g s: one result is enough\n",
           (double)loop_now(task_loop(task)) / 1e9);
    fflush(stdout);
    free(self->first);
    AWAIT(sleep, .delay_ns = SECONDS(5));
    printf("all is well, it seems\n");
    END;
}

int main(void)
{
    struct loop_options options = { .virtual_time = true };
    struct show show = { CORO(show), .answers = {
        { CORO(answer), .seconds = 2 }, { CORO(answer), .seconds = 1 },
        { CORO(answer), .seconds = 3 } } };
    struct loop loop;
    struct error error;

    if (loop_open(&loop, &options, &error) != 0)
        return 2;
    loop_run(&loop, &show.coro);
    loop_close(&loop);
    return 0;
}
