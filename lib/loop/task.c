/* task.c - asyncio's Task.__step and cancel, line by line.
 *
 * Cancellation is two booleans and one rule: a request goes to the future
 * the task is parked on; if that will not take it, must_cancel remembers it
 * for the next step, where it beats whatever the task was woken with.
 */
#include "loop/task.h"

#include "loop/loop.h"

#include <assert.h>
#include <string.h>

/* Overwrites the dead stack below us, so that a local that was used across
 * an await is wrong in every run, not in one of ten. (A sanitizer would keep
 * `dead` somewhere else.) */
#ifdef LAB_DEBUG
__attribute__((noinline, no_sanitize("address")))
static void scribble(void)
{
    volatile char dead[1024];

    for (size_t i = 0; i < sizeof dead; i++)
        dead[i] = (char)0xa5;
}
#else
#define scribble() ((void)0)
#endif

/* The coroutine ended: the task is done (rows T09, T11, T17). */
static void finish(struct task *task)
{
    int code = task->coro->error;

    if (task_loop(task)->last_closing == &task->link)
        task_loop(task)->last_closing = task->link.prev;
    list_remove(&task->link);
    if (code == 0 && task->must_cancel)
        code = E_CANCELLED;
    task->must_cancel = false;
    if (code == 0)
        future_set_result(&task->future);
    else if (code == E_CANCELLED)
        future_set_cancelled(&task->future);
    else
        future_set_error(&task->future, &task->error);
    if (task->future.unlooked)
        list_add(&task_loop(task)->failed, &task->link);
    LOOP_EVENT(task_loop(task), EVENT_TASK_DONE, .task = task, .code = code);
}

/* The words are copied, because that future may go before we do. */
int task_collect(struct task *task, struct future *future)
{
    const struct error *error = future_error(future);

    if (error != NULL)
        task->error = *error;
    return future_outcome(future);
}

/* What the await that the task is parked at is going to give it. If it waits
 * for no future, task_yield or task_park has said so already. */
static int take_outcome(struct task *task)
{
    int outcome = task->waiting_on == NULL ? task->outcome
        : task_collect(task, task->waiting_on);

    if (task->must_cancel) {
        outcome = E_CANCELLED;
        task->error = error_cancelled;
    }
    task->must_cancel = false;
    task->waiting_on = NULL;
    return outcome;
}

/* Runs the coroutine to its next suspension. One that never ran ends with
 * the error at once: cancelled before its start, not a line of it runs
 * (row T04). */
static void step(struct callback *callback)
{
    struct task *task = CONTAINER(callback, struct task, wakeup);
    struct loop *loop = task_loop(task);
    bool done;

    assert(!future_done(&task->future) && loop->current == NULL);
    task->outcome = take_outcome(task);
    loop->current = task;
    loop->budget = LOOP_BUDGET;
    LOOP_EVENT(loop, EVENT_STEP, .task = task);
    if (task->outcome != 0 && task->coro->pc == CORO_FRESH)
        done = coro_leave(task->coro, task, task->outcome).done;
    else
        done = coro_poll(task->coro, task).done;
    loop->current = NULL;
    scribble();
    if (done)
        finish(task);
    else
        LOOP_EVENT(loop, EVENT_PARKED, .task = task, .on = task->waiting_on);
}

struct future *task_create(struct loop *loop, struct task *task,
                           const char *name, struct coro *coro)
{
    assert(coro->pc == CORO_FRESH && name != NULL);
#ifdef LAB_DEBUG
    /* It still runs: the list would be torn. (A walk: 100,000 take 78 s.) */
    LIST_EACH(&loop->tasks, link)
        assert(link != &task->link && "task_create: that task still runs");
    /* Or its failure is still to be reported. */
    LIST_EACH(&loop->failed, link)
        assert(link != &task->link && "task_create: nobody saw it fail");
#endif
    memset(task, 0, sizeof *task);
    future_init(&task->future, loop, FUTURE_TASK);
    task->name = name;
    task->coro = coro;
    list_add(&loop->tasks, &task->link);
    task->wakeup.run = step;
    loop_call_soon(loop, &task->wakeup);
    LOOP_EVENT(loop, EVENT_TASK_CREATED, .task = task);
    return &task->future;
}

/* Passes a request down to what we are parked on; true if it was taken and
 * we still are (see break_ring). */
static bool pass_on(struct task *task)
{
    bool taken;

    task->passing_on = true;
    taken = task->waiting_on != NULL && future_cancel(task->waiting_on);
    task->passing_on = false;
    return taken && task->waiting_on != NULL;
}

/* The request that we pass on has come round to us: we await a task that
 * awaits us. Nobody would ever wake one of the ring, so our await ends here.
 * (CPython's goes round until it gives up with a RecursionError.) */
static void break_ring(struct task *task)
{
    if (task->waiting_on == NULL)
        return;
    future_remove_callback(task->waiting_on, &task->wakeup);
    task->waiting_on = NULL;
    loop_call_soon(task_loop(task), &task->wakeup);
}

bool task_cancel(struct task *task)
{
    future_look(&task->future);
    if (future_done(&task->future))
        return false;
    if (task->passing_on) {
        break_ring(task);
        return true;
    }
    LOOP_EVENT(task_loop(task), EVENT_CANCEL, .task = task);
    task->cancelling++;
    if (!pass_on(task))
        task->must_cancel = true;
    return true;
}

unsigned task_uncancel(struct task *task)
{
    if (task->cancelling > 0)
        task->cancelling--;
    return task->cancelling;
}

bool task_park(struct task *task, struct coro *coro, struct future *future)
{
    assert(task_loop(task)->current == task);
    coro->callee = NULL;
    if (future_done(future)) {
        task->outcome = task_collect(task, future);
        return false;
    }
    if (future == &task->future) { /* told in the next turn (row T19) */
        task_yield(task, coro);
        task->outcome = error_set(&task->error, E_RUNTIME, "task %s cannot "
                                  "await itself", task->name);
        return true;
    }
    future_add_callback(future, &task->wakeup);
    task->waiting_on = future;
    if (task->must_cancel && pass_on(task))
        task->must_cancel = false;
    return true;
}

void task_yield(struct task *task, struct coro *coro)
{
    assert(task_loop(task)->current == task && task->waiting_on == NULL);
    coro->callee = NULL;
    task->outcome = 0;
    loop_call_soon(task_loop(task), &task->wakeup);
}

static void elapse(struct callback *callback)
{
    struct sleep *self = CONTAINER(callback, struct sleep, timer.callback);

    /* No effect if it was cancelled in this very turn (row F09). */
    future_set_result(&self->elapsed);
}

ASYNC(sleep)
{
    BEGIN;
    if (self->delay_ns <= 0) {
        YIELD();
        RETURN();
    }
    future_init(&self->elapsed, task_loop(task), FUTURE_TIMER);
    if (timer_start(task_loop(task), &self->timer, self->delay_ns, elapse))
        RAISE(ENOMEM, "sleep: no memory for one more timer");
    CATCH_AWAIT_FUTURE(&self->elapsed);
    timer_stop(task_loop(task), &self->timer);
    if (task->outcome != 0)
        RERAISE(task->outcome);
    END;
}
