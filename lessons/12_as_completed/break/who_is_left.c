/* who_is_left.c - the first answer is enough, so cancel the others: which?
 *
 * A library that is given as_completed, and not the list it was made of, can
 * ask for the next result and nothing else. A turn that timed out does not
 * even say whose it was. So the only way to be done is to wait for all.
 */
#include "12_as_completed/as_completed.h"

enum { N = 3 };

struct mirror {
    struct coro coro;
    double seconds;
    struct sleep sleep;
};
ASYNC_DECLARE(mirror);

ASYNC(mirror)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = SECONDS(self->seconds));
    END;
}

static double now(const struct task *task)
{
    return (double)loop_now(task_loop(task)) / 1e9;
}

static const char *whose(struct future *future)
{
    return future == NULL ? "?"
        : CONTAINER(future, struct task, future)->name;
}

/* Knows results only. */
struct fastest {
    struct coro coro;
    struct as_completed *from;
    struct next_completed next_completed;
};
ASYNC_DECLARE(fastest);

ASYNC(fastest)
{
    BEGIN;
    while (self->from->turns > 0) {
        TRY_AWAIT(next_completed, .from = self->from);
        printf("%2.0f s: %s of %s, pending: %zu, but who?\n", now(task),
               self->next_completed.coro.error == 0 ? "result" : "timeout",
               whose(self->next_completed.future), self->from->turns);
    }
    END;
}

struct show {
    struct coro coro;
    struct mirror mirrors[N];
    struct task tasks[N];
    struct future *futures[N];
    struct completed slots[N];
    struct as_completed it;
    struct cleanup closing;
    struct fastest fastest;
    struct sleep sleep;
    int left;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    static const char *const names[N] = { "A", "B", "C" };

    BEGIN;
    for (int i = 0; i < N; i++)
        self->futures[i] = task_create(task_loop(task), &self->tasks[i],
                                       names[i], &self->mirrors[i].coro);
    if (as_completed(&self->it, task_loop(task), self->slots, self->futures,
                     N, WITHIN(SECONDS(2))) != 0)
        RAISE(ENOMEM, "as_completed");
    DEFER(&self->closing, as_completed_close, &self->it);
    AWAIT(fastest, .from = &self->it);
    for (int i = 0; i < N; i++)
        self->left += !future_done(self->futures[i]);
    printf("%2.0f s: nothing left to ask, %d still run\n", now(task),
           self->left);
    END;
}

int main(void)
{
    struct loop_options options = { .virtual_time = true };
    struct show show = { CORO(show), .mirrors = {
        { CORO(mirror), .seconds = 10 }, { CORO(mirror), .seconds = 10 },
        { CORO(mirror), .seconds = 1 } } };
    struct loop loop;
    struct error error;

    if (loop_open(&loop, &options, &error) != 0)
        return 2;
    loop_run(&loop, &show.coro);
    loop_close(&loop);
    return show.left != 0;
}
