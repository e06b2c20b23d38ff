/* frame_dies.c - who owns the frame of a task that outlives its gather?
 *
 *     parent (on the heap) --- gather --- quick: fails after 1 s
 *        |                        `------ slow:  ends  after 2 s
 *        `-- the frames of quick and slow are in here
 *
 * The gather raises at 1 s, the parent returns, main frees it. Nobody told
 * slow. Python keeps a frame as long as anybody refers to it; C does not.
 */
#include "11_gather/gather.h"

#include <stdlib.h>

struct child {
    struct coro coro;
    double seconds;
    bool fails;
    struct sleep sleep;
};
ASYNC_DECLARE(child);

ASYNC(child)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = SECONDS(self->seconds));
    if (self->fails)
        RAISE(E_VALUE, "quick failed");
    printf("slow is done\n");
    END;
}

struct parent {
    struct coro coro;
    struct child quick, slow;
    struct task tasks[2];
    struct future *futures[2];
    struct gather_slot slots[2];
    struct gather gather;
};
ASYNC_DECLARE(parent);

ASYNC(parent)
{
    struct loop *loop = task_loop(task);

    BEGIN;
    self->quick = (struct child){ CORO(child), .seconds = 1, .fails = true };
    self->slow = (struct child){ CORO(child), .seconds = 2 };
    self->futures[0] = task_create(loop, &self->tasks[0], "quick",
                                   &self->quick.coro);
    self->futures[1] = task_create(loop, &self->tasks[1], "slow",
                                   &self->slow.coro);
    AWAIT_FUTURE(gather(&self->gather, loop, self->slots, self->futures, 2,
                        GATHER_RAISE));
    END;
}

struct show {
    struct coro coro;
    struct parent *parent;
    struct sleep sleep;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    BEGIN;
    self->parent = malloc(sizeof *self->parent);
    if (self->parent == NULL)
        RAISE(ENOMEM, "a parent");
    *self->parent = (struct parent){ CORO(parent) };
    TRY_AWAIT_CORO(&self->parent->coro);
    printf("the parent ended: %s\n", task->error.text);
    fflush(stdout);
    free(self->parent);
    AWAIT(sleep, .delay_ns = SECONDS(5));
    END;
}

int main(void)
{
    struct loop_options options = { .virtual_time = true };
    struct show show = { CORO(show) };
    struct loop loop;
    struct error error;
    int code;

    if (loop_open(&loop, &options, &error) != 0)
        return 2;
    code = loop_run(&loop, &show.coro);
    loop_close(&loop);
    return code != 0;
}
