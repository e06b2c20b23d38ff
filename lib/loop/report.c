/* report.c - what a program forgot, told by name. Python leaves it to its
 * garbage collector; here it is reported when the loop is closed. */
#include "loop/loop.h"

#include <stdlib.h>

static void dump_wait(const struct task *task, FILE *out)
{
    struct future *on = task->waiting_on;

    if (task == task_loop(task)->current)
        fprintf(out, "is running\n");
    else if (on == NULL)
        fprintf(out, "is ready to run\n");
    else if (on->kind == FUTURE_TASK)
        fprintf(out, "waits for task %s\n",
                CONTAINER(on, struct task, future)->name);
    else if (on->kind == FUTURE_TIMER)
        fprintf(out, "waits for a timer\n");
    else if (on->kind == FUTURE_FD)
        fprintf(out, "waits for fd %d\n",
                CONTAINER(on, struct watch, ready)->fd);
    else if (on->kind == FUTURE_OUTER)
        fprintf(out, "waits for %s\n",
                CONTAINER(on, struct outer_future, future)->name);
    else
        fprintf(out, "waits for a future that nobody has completed\n");
}

static void dump_task(const struct task *task, FILE *out)
{
    const struct coro *coro = task->coro;
    bool runs = task == task_loop(task)->current;
    int depth = 1;

    fprintf(out, "  task %s ", task->name);
    dump_wait(task, out);
    /* A callee that has ended is nobody's business any more. */
    for (; coro != NULL && coro->pc != CORO_DONE; coro = coro->callee) {
        bool innermost = coro->callee == NULL
            || coro->callee->pc == CORO_DONE;

        fprintf(out, "%*s%s (%s", 4 * depth, "", coro->type->name,
                coro->type->file);
        if (coro->pc > 0)
            fprintf(out, ":%d)%s\n", coro->pc,
                    runs && innermost ? " and on from there" : "");
        else
            fprintf(out, "), %s\n", coro->pc == CORO_LEAVING
                    ? "in its cleanup"
                    : runs ? "in its first step" : "not started");
        depth++;
    }
}

void loop_dump(const struct loop *loop, FILE *out)
{
    fprintf(out, "deadlock: nothing is ready, no timer is set");
    if (loop_fds(loop) > 0)
        fprintf(out, ", and nobody writes to the sockets watched");
    fprintf(out, "; unfinished tasks:\n");
    LIST_EACH(&loop->tasks, link)
        dump_task(CONTAINER(link, struct task, link), out);
}

int loop_close(struct loop *loop)
{
    int reports = 0;

    LIST_EACH(&loop->failed, link) {
        struct task *task = CONTAINER(link, struct task, link);

        fprintf(loop->log, "task %s failed and nobody looked: %s\n",
                task->name, task->error.text);
        future_look(&task->future);
        reports++;
    }
    LIST_EACH(&loop->tasks, link) {
        struct task *task = CONTAINER(link, struct task, link);

        fprintf(loop->log, "task %s was destroyed but it is pending:\n",
                task->name);
        dump_task(task, loop->log);
        reports++;
    }
    signals_close(loop);
    poller_close(&loop->poller);
    free(loop->timers.at);
    loop->timers = (struct timer_heap){ .at = NULL };
    return reports;
}
