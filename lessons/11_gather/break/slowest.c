/* slowest.c - gather shows nothing before the slowest is there.
 *
 * Two answers come after a second, one after ten. Whoever waits for the
 * gather sees the first of them nine seconds late.
 */
#include "11_gather/gather.h"

enum { N = 3 };

struct answer {
    struct coro coro;
    double seconds;
    int64_t came_ns;
    struct sleep sleep;
};
ASYNC_DECLARE(answer);

ASYNC(answer)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = SECONDS(self->seconds));
    self->came_ns = loop_now(task_loop(task));
    END;
}

struct show {
    struct coro coro;
    struct answer answers[N];
    struct task tasks[N];
    struct future *futures[N];
    struct gather_slot slots[N];
    struct gather gather;
    int late;
};
ASYNC_DECLARE(show);

static void say(struct show *self, int64_t now_ns)
{
    for (int i = 0; i < N; i++) {
        int64_t came_ns = self->answers[i].came_ns;

        printf("answer %d came at %2.0f s, seen at %2.0f s\n", i,
               (double)came_ns / 1e9, (double)now_ns / 1e9);
        self->late += now_ns - came_ns > SECONDS(1);
    }
    printf("%d of %d seen too late\n", self->late, N);
}

ASYNC(show)
{
    static const char *const names[N] = { "A", "B", "C" };

    BEGIN;
    for (int i = 0; i < N; i++)
        self->futures[i] = task_create(task_loop(task), &self->tasks[i],
                                       names[i], &self->answers[i].coro);
    AWAIT_FUTURE(gather(&self->gather, task_loop(task), self->slots,
                        self->futures, N, GATHER_RAISE));
    say(self, loop_now(task_loop(task)));
    END;
}

int main(void)
{
    struct loop_options options = { .virtual_time = true };
    struct show show = { CORO(show), .answers = {
        { CORO(answer), .seconds = 1 }, { CORO(answer), .seconds = 1 },
        { CORO(answer), .seconds = 10 } } };
    struct loop loop;
    struct error error;

    if (loop_open(&loop, &options, &error) != 0)
        return 2;
    loop_run(&loop, &show.coro);
    loop_close(&loop);
    return show.late != 0;
}
