/* cancelled_is_no_error.c - a cancelled task taken for a failed one.
 *
 * A polite program: wait never raises, so look into each task that is done.
 * Then somebody cancels one of them, and awaiting it raises E_CANCELLED in
 * us, whom nobody cancelled. FIRST_EXCEPTION knew the difference.
 */
#include "13_wait/wait.h"

#include <stdio.h>

struct show {
    struct coro coro;
    struct sleep naps[2];
    struct task tasks[2];
    struct future *futures[2];
    struct wait_slot slots[2];
    struct wait wait;
    size_t i;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    BEGIN;
    for (int i = 0; i < 2; i++) {
        self->naps[i] = (struct sleep){ CORO(sleep),
            .delay_ns = SECONDS(i + 1) };
        self->futures[i] = task_create(task_loop(task), &self->tasks[i],
                                       i == 0 ? "A" : "B",
                                       &self->naps[i].coro);
    }
    task_cancel(&self->tasks[0]);
    AWAIT(wait, .futures = self->futures, .count = 2, .slots = self->slots,
          .until = FIRST_EXCEPTION);
    printf("%.0f s: wait saw no exception: %zu done, %zu pending\n",
           (double)loop_now(task_loop(task)) / 1e9, self->wait.done,
           self->wait.count - self->wait.done);
    for (self->i = 0; self->i < 2; self->i++) {
        AWAIT_FUTURE(self->futures[self->i]);
        printf("a result\n");
    }
    printf("both looked at\n");
    END;
}

int main(void)
{
    struct loop loop;
    struct error error;
    struct show show = { CORO(show), .i = 0 };
    int code;

    if (loop_open(&loop, &(struct loop_options){ .virtual_time = true },
                  &error) != 0)
        return 2;
    code = loop_run(&loop, &show.coro);
    printf("main ended with %s, cancelled by %u requests\n",
           error_name(code), (unsigned)loop.main.cancelling);
    loop_close(&loop);
    return code != 0;
}
