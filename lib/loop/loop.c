/* loop.c - one turn, and the runs made of turns. */
#include "loop/loop.h"

#include "sys.h"

#include <assert.h>
#include <limits.h>

int loop_open(struct loop *loop, const struct loop_options *options,
              struct error *error)
{
    int code;

    *loop = (struct loop){ .signals.pipe = { -1, -1 } };
    list_init(&loop->tasks);
    list_init(&loop->failed);
    loop->sys = options->sys != NULL ? options->sys : &sys_real;
    loop->log = options->log != NULL ? options->log : stderr;
    loop->virtual_time = options->virtual_time;
    loop->patience_ns = options->patience_ns != 0 ? options->patience_ns
                                                  : SECONDS(2);
    loop->poller.type = options->poller_type;
    code = poller_open(loop, options->poller, error);
    if (code == 0 && options->catch_sigint)
        code = signals_open(loop, error);
    if (code != 0) {
        signals_close(loop);
        poller_close(&loop->poller);
    }
    return code;
}

int64_t loop_now(const struct loop *loop)
{
    return loop->virtual_time ? loop->now_ns : loop->sys->now();
}

void loop_tell(struct loop *loop, struct loop_event event)
{
    event.time_ns = loop_now(loop);
    loop->hook->tell(loop->hook, loop, &event);
}

void loop_call_soon(struct loop *loop, struct callback *callback)
{
    queue_push(&loop->ready, callback);
}

bool loop_call_cancel(struct loop *loop, struct callback *callback)
{
    return queue_remove(&loop->ready, callback)
        || queue_remove(&loop->batch, callback);
}

void loop_stop(struct loop *loop)
{
    loop->stopping = true;
}

/* How long the poll may last: 0, a time, or -1 for ever. */
static int64_t time_to_wait(const struct loop *loop, bool wait)
{
    int64_t now, when;

    if (!wait || loop->stopping || loop->ready.tail != NULL)
        return 0;
    if (loop->timers.count == 0)
        return -1;
    now = loop_now(loop); /* not before: it is a third of a short turn */
    when = loop->timers.at[0]->when;
    /* Compared first: a deadline may be too far in the past to subtract. */
    return when <= now ? 0 : when - now;
}

/* Rounded up: waking early would spin until the timer is due. Cut to what
 * an int holds: the loop then just takes one more turn in 24 days. */
static int milliseconds(int64_t ns)
{
    int64_t ms = ns / 1000000 + (ns % 1000000 > 0);

    return ns < 0 ? -1 : ms > INT_MAX ? INT_MAX : (int)ms;
}

static void poll_for(struct loop *loop, int64_t timeout_ns)
{
    /* Nothing to ask and no time to wait: spare the system call. */
    if (timeout_ns == 0 && loop->poller.count == 0)
        return;
    LOOP_EVENT(loop, EVENT_POLL);
    poller_wait(&loop->poller, milliseconds(timeout_ns));
    LOOP_EVENT(loop, EVENT_POLLED);
}

/* Waits without waiting: the clock jumps. Bytes under way get some real
 * time first; a signal or a stray event may break off one poll, so the
 * real clock decides when that is over. False: nothing to jump to. */
static bool poll_virtually(struct loop *loop, int64_t timeout_ns, size_t fds)
{
    int64_t left = timeout_ns == 0 || fds == 0 ? 0
        : timeout_ns < 0 ? loop->patience_ns : LOOP_GRACE;
    int64_t end = loop->sys->now() + left;

    poll_for(loop, left);
    while (left > 0 && loop->ready.tail == NULL) {
        left = end - loop->sys->now();
        poll_for(loop, left > 0 ? left : 0);
    }
    if (timeout_ns == 0 || loop->ready.tail != NULL)
        return true;
    if (timeout_ns < 0)
        return false;
    loop->now_ns += timeout_ns;
    return true;
}

static void run_batch(struct loop *loop)
{
    struct callback *callback;

    queue_append(&loop->batch, &loop->ready);
    while (loop->batch.tail != NULL) {
        callback = queue_pop(&loop->batch);
        callback->run(callback);
    }
}

size_t loop_fds(const struct loop *loop)
{
    return loop->poller.count - (loop->signals.pipe[0] >= 0);
}

bool loop_turn(struct loop *loop, bool wait)
{
    int64_t timeout_ns = time_to_wait(loop, wait);
    size_t fds = loop_fds(loop);

    assert(loop->current == NULL && loop->batch.tail == NULL);
    if (timeout_ns < 0 && fds == 0)
        return false;
    if (!loop->virtual_time)
        poll_for(loop, timeout_ns);
    else if (!poll_virtually(loop, timeout_ns, fds))
        return false;
    timer_collect(loop);
    run_batch(loop);
    return true;
}

int loop_run_until(struct loop *loop, struct future *future)
{
    bool last;

    loop->signals.end_run = false;
    do {
        last = future_done(future);
        if (!loop_turn(loop, !last))
            return E_DEADLOCK;
    } while (!last && !loop->stopping);
    loop->stopping = false;
    if (loop->signals.end_run)
        return E_INTERRUPTED;
    return future_done(future) ? 0 : E_RUNTIME;
}

/* The second half of asyncio.run: nobody is left behind. Only the tasks of
 * this moment are waited for; one that a cleanup creates now is left
 * pending, and reported (row L12). A SIGINT ends the waiting. */
static void shut_down(struct loop *loop)
{
    /* What asyncio takes to run its shutdown_asyncgens and _executor, and
     * before, if there were tasks, to notice that they are done. None that
     * is idle: it would be a poll in every picture. */
    int turns = list_empty(&loop->tasks) ? 4 : 6;

    /* From here on a SIGINT cancels nobody. */
    loop->signals.count++;
    loop->last_closing = loop->tasks.prev;
    LIST_EACH(&loop->tasks, link)
        task_cancel(CONTAINER(link, struct task, link));
    while (loop->last_closing != &loop->tasks && !loop->signals.end_run)
        if (!loop_turn(loop, true))
            break;
    for (; turns > 0 && loop->ready.tail != NULL; turns--)
        loop_turn(loop, false);
    loop->stopping = false; /* a SIGINT asked for it, and got it */
}

/* What ended the run, though main itself ended otherwise. */
static void explain(struct error *error, int code)
{
    error_set(error, code, "%s", code == E_DEADLOCK
              ? "deadlock: nothing can ever happen again"
              : code == E_INTERRUPTED ? "interrupted"
              : "the loop was stopped before main had ended");
}

int loop_run(struct loop *loop, struct coro *main)
{
    struct future *future = &loop->main.future;
    int code, ended;

    assert(loop->main.link.next == NULL); /* the last one has ended */
    task_create(loop, &loop->main, "main", main);
    loop->signals.count = 0;
    ended = loop_run_until(loop, future);
    if (ended == E_DEADLOCK)
        loop_dump(loop, loop->log);
    code = future_outcome(future);
    /* Not if somebody else wanted it cancelled, too. */
    if (code == E_CANCELLED && loop->signals.count > 0
        && task_uncancel(&loop->main) == 0)
        ended = E_INTERRUPTED;
    loop->signals.end_run = false;
    shut_down(loop);
    if (loop->signals.end_run)
        ended = E_INTERRUPTED;
    future_outcome(future);
    if (ended == 0)
        return code;
    explain(&loop->main.error, ended);
    return ended;
}
