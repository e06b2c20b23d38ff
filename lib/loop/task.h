/* task.h - a coroutine that the loop runs.
 *
 * asyncio.Task: a future that is done when its coroutine is. One step runs
 * the coroutine to its next suspension; the future it parked on wakes it by
 * an ordinary callback, one turn later (row F06).
 *
 *     ready queue --> step: the coroutine runs --> task_park(future)
 *          ^                                           |
 *          +----- future done: its callbacks <---------+
 *
 * The storage of a task and of its frames belongs to whoever declared it
 * and must stay until the task is done; if it failed, until somebody has
 * looked (loop_close does). Nothing is freed here.
 */
#ifndef LAB_TASK_H
#define LAB_TASK_H

#include "loop/coro.h"
#include "loop/future.h"
#include "loop/timer.h"

struct task {
    struct future future;      /* first: done when the coroutine is    */
    struct callback wakeup;    /* in the ready queue, or on waiting_on */
    struct coro *coro;         /* the outermost frame                  */
    const char *name;          /* the caller's, for reports; may not die */
    struct future *waiting_on; /* parked on it; NULL: ready or running */
    struct link link;          /* loop->tasks, or loop->failed         */
    struct error error;        /* the last error met; at the end, ours */
    int outcome;               /* how the last await ended: 0 or code  */
    unsigned short cancelling; /* requests so far (row T07)            */
    bool must_cancel;          /* a request not delivered yet          */
    bool passing_on;           /* a request is on its way down from us */
};

/* asyncio.create_task: schedules the first step, runs nothing yet (T01).
 * Gives &task->future, ready to be awaited or gathered. */
struct future *task_create(struct loop *loop, struct task *task,
                           const char *name, struct coro *coro);

/* Requests cancellation: E_CANCELLED is raised at the await where the task
 * is parked, in the next turn. The request goes down to what it awaits
 * (row T12); of a ring of tasks that await each other, this one's await
 * ends. False if it is done already (row T06). */
bool task_cancel(struct task *task);

/* Takes one request back from the count; the count (row T20). */
unsigned task_uncancel(struct task *task);

static inline struct loop *task_loop(const struct task *task)
{
    return task->future.loop;
}

/* fut.result() as an outcome: 0 or its error's code, the words copied to
 * task->error. The future must be done. */
int task_collect(struct task *task, struct future *future);

/* The two below are what AWAIT_FUTURE and YIELD are made of. */

/* Parks the task on `future`; false if that is done already, and then
 * task->outcome says how (row F05). */
bool task_park(struct task *task, struct coro *coro, struct future *future);

/* Gives up this turn only. */
void task_yield(struct task *task, struct coro *coro);

/* sleep: done `delay_ns` from now, never early; <= 0 yields exactly one
 * turn (row S01). */
struct sleep {
    struct coro coro;
    int64_t delay_ns;
    struct future elapsed;
    struct timer timer;
};
ASYNC_DECLARE(sleep);

#define SECONDS(n) ((int64_t)((n) * 1e9))
#define MILLISECONDS(n) ((int64_t)(n) * 1000000)

#endif
