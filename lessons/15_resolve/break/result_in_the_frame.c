/* result_in_the_frame.c - the thread's result goes where the waiter wants
 * it: into his frame. Then he is cancelled, his frame is freed, and the
 * thread, which nobody can cancel, writes into it all the same.
 *
 * AddressSanitizer sees it; without, it is one of the other tasks that gets
 * an address for no reason.
 */
#include "15_resolve/in_thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int gate[2]; /* the lookup is over when a byte is in it */

struct asker {
    struct coro coro;
    struct executor *executor;
    char found[32];
    struct in_thread in_thread;
};
ASYNC_DECLARE(asker);

static void lookup(void *found)
{
    char byte;

    while (read(gate[0], &byte, 1) == -1)
        continue;
    snprintf(found, 32, "127.0.0.1");
}

static void nothing(void *arg)
{
    (void)arg;
}

ASYNC(asker)
{
    BEGIN;
    AWAIT(in_thread, .executor = self->executor, .work = lookup,
          .discard = nothing, .arg = self->found);
    printf("found %s\n", self->found);
    END;
}

struct show {
    struct coro coro;
    struct executor executor;
    struct cleanup closing;
    struct asker *asker;
    struct task task;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    BEGIN;
    if (executor_open(&self->executor, task_loop(task), 1, &task->error) != 0)
        RERAISE(task->error.code);
    DEFER(&self->closing, executor_close, &self->executor);
    self->asker = malloc(sizeof *self->asker);
    if (self->asker == NULL)
        RAISE(ENOMEM, "no memory");
    *self->asker = (struct asker){ CORO(asker),
                                   .executor = &self->executor };
    task_create(task_loop(task), &self->task, "asker", &self->asker->coro);
    YIELD();
    task_cancel(&self->task);
    CATCH_AWAIT_FUTURE(&self->task.future);
    printf("asker: %s, its frame is freed\n", error_name(task->outcome));
    fflush(stdout);
    free(self->asker);
    if (write(gate[1], "", 1) != 1)
        RAISE_ERRNO("write");
    executor_settle(&self->executor);
    END;
}

int main(void)
{
    static struct show show = { CORO(show) };
    struct loop_options options = { .virtual_time = true };
    struct loop loop;
    struct error error;

    if (pipe(gate) != 0 || loop_open(&loop, &options, &error) != 0)
        return 2;
    loop_run(&loop, &show.coro);
    loop_close(&loop);
    return 0;
}
