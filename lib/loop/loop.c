/* loop.c - one turn, and the runs made of turns.
 *
 * loop_turn is asyncio's _run_once; loop_run is asyncio.run with its
 * shutdown. What a program forgot is reported by report.c.
 */
#include "loop/loop.h"

#include "sys.h"

#include <assert.h>
#include <stdlib.h>

int loop_open(struct loop *loop, const struct loop_options *options,
              struct error *error)
{
    const char *name = options->poller;
    int code;

    *loop = (struct loop){ .signals.pipe = { -1, -1 } };
    list_init(&loop->tasks);
    list_init(&loop->failed);
    list_init(&loop->poller.watches);
    loop->sys = options->sys != NULL ? options->sys : &sys_real;
    loop->log = options->log != NULL ? options->log : stderr;
    loop->virtual_time = options->virtual_time;
    if (name == NULL)
        name = getenv("LAB_POLLER");
    if (name == NULL)
        name = "poll";
    loop->poller.type = poller_find(name);
    loop->poller.loop = loop;
    if (loop->poller.type == NULL) {
        error_set(error, E_VALUE, "poller \"%s\": not one of select, poll, "
                  "epoll", name);
        return error->code;
    }
    code = loop->poller.type->open(&loop->poller, error);
    if (code == 0 && options->catch_sigint)
        code = signals_open(loop, error);
    if (code != 0)
        loop->poller.type->close(&loop->poller);
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
static int64_t patience(const struct loop *loop, bool wait)
{
    int64_t now = loop_now(loop);

    if (!wait || loop->stopping || loop->ready.tail != NULL)
        return 0;
    if (loop->timers.count == 0)
        return -1;
    /* Compared first: a deadline may be too far in the past to subtract. */
    if (loop->timers.at[0]->when <= now)
        return 0;
    return loop->timers.at[0]->when - now;
}

static void poll_for(struct loop *loop, int64_t timeout_ns)
{
    /* Nothing to ask and no time to wait: spare the system call. */
    if (timeout_ns == 0 && loop->poller.count == 0)
        return;
    LOOP_EVENT(loop, EVENT_POLL);
    loop->poller.type->wait(&loop->poller, timeout_ns);
    LOOP_EVENT(loop, EVENT_POLLED);
}

/* Real time for bytes under way; a signal or a stray event may break off
 * one poll, so the clock decides when it is over. */
static void poll_patiently(struct loop *loop, int64_t patience_ns)
{
    int64_t end = loop->sys->now() + patience_ns, left = patience_ns;

    while (left > 0 && loop->ready.tail == NULL) {
        poll_for(loop, left);
        left = end - loop->sys->now();
    }
    if (loop->ready.tail == NULL)
        poll_for(loop, 0);
}

/* Waits without waiting: the clock jumps. False: nothing to jump to. */
static bool poll_virtually(struct loop *loop, int64_t timeout_ns, size_t fds)
{
    if (timeout_ns == 0 || fds == 0)
        poll_for(loop, 0);
    else
        poll_patiently(loop, timeout_ns < 0 ? LOOP_PATIENCE : LOOP_GRACE);
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

    loop->batch = loop->ready;
    loop->ready.tail = NULL;
    for (;;) {
        callback = queue_pop(&loop->batch);
        if (callback == NULL)
            break;
        callback->run(callback);
    }
}

size_t loop_fds(const struct loop *loop)
{
    return loop->poller.count - (loop->signals.pipe[0] >= 0);
}

bool loop_turn(struct loop *loop, bool wait)
{
    int64_t timeout_ns = patience(loop, wait);
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

struct stopper {
    struct callback callback;
    struct loop *loop;
};

static void stop_when_done(struct callback *callback)
{
    loop_stop(CONTAINER(callback, struct stopper, callback)->loop);
}

int loop_run_until(struct loop *loop, struct future *future)
{
    struct stopper stopper = { { .run = stop_when_done }, loop };
    int code = 0;

    future_add_callback(future, &stopper.callback);
    do {
        if (!loop_turn(loop, true))
            code = E_DEADLOCK;
    } while (code == 0 && !loop->stopping);
    future_remove_callback(future, &stopper.callback);
    loop->stopping = false;
    if (code == 0 && !future_done(future))
        code = loop->signals.count > 1 ? E_INTERRUPTED : E_RUNTIME;
    return code;
}

size_t loop_cancel_all(struct loop *loop, const struct task *except)
{
    size_t n = 0;

    LIST_EACH(&loop->tasks, link) {
        struct task *task = CONTAINER(link, struct task, link);

        if (task != except) {
            task_cancel(task);
            n++;
        }
    }
    return n;
}

/* The second half of asyncio.run: nobody is left behind. Only the tasks of
 * this moment are waited for; one that a cleanup creates now is left
 * pending, and reported (row L12). */
static void shut_down(struct loop *loop)
{
    int signals = loop->signals.count;

    loop->closing = 0; /* a former shutdown may have given up on some */
    LIST_EACH(&loop->tasks, link) {
        CONTAINER(link, struct task, link)->closing = true;
        loop->closing++;
    }
    loop_cancel_all(loop, NULL);
    while (loop->closing > 0 && loop->signals.count == signals)
        if (!loop_turn(loop, true))
            break;
    /* What the last of them made ready; asyncio's gather takes two turns
     * to notice, too. */
    loop_turn(loop, false);
    loop_turn(loop, false);
    loop->stopping = false; /* a SIGINT asked for it, and got it */
}

/* Words for what ended the run though main itself ended otherwise. */
static void explain(struct error *error, int code)
{
    if (code == E_DEADLOCK)
        error_set(error, code, "deadlock: nothing can ever happen again");
    else if (code == E_INTERRUPTED)
        error_set(error, code, "interrupted");
}

int loop_run(struct loop *loop, struct coro *main)
{
    struct future *future = &loop->main.future;
    int code;

    assert(loop->main.link.next == NULL); /* the last one has ended */
    task_create(loop, &loop->main, "main", main);
    loop->signals.count = 0;
    code = loop_run_until(loop, future);
    if (code == E_DEADLOCK)
        loop_dump(loop, loop->log);
    if (code == 0)
        code = future_outcome(future);
    if (code == E_CANCELLED && loop->signals.count > 0)
        code = E_INTERRUPTED;
    shut_down(loop);
    future_outcome(future);
    explain(&loop->main.error, code);
    return code;
}
