/* exercise.c - write the bridge between a thread and the loop; resolve and
 * the session's resolver then run on yours. in_thread.h has the contract.
 *
 * Given: the executor, its line and its pipe. Yours: what the thread does,
 * what the loop does when the pipe has something to read, and what becomes
 * of a job whose waiter is cancelled. About 25 lines.
 *
 * A job is on the heap, because three have to do with it: the thread, the
 * loop, and a waiter who may be cancelled first. Decide who frees what
 * before you write.
 */
#include "15_resolve/in_thread.h"

#include "loop/net.h"
#include "stage/todo.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

struct job {
    struct link link; /* in executor->waiting */
    struct executor *executor;
    struct in_thread *waiter; /* NULL: nobody waits any more */
    void (*work)(void *arg);
    void (*discard)(void *arg);
    void *arg;
    pthread_t thread;
};

/* All that ever runs in another thread: do the job's work, then write the
 * job's address (sizeof job bytes, all at once) into executor->pipe[1], again
 * if a signal interrupts it (EINTR). From then on *job is not ours. */
static void *run(void *arg)
{
    struct job *job = arg;

    (void)job;
    TODO("work, then tell the loop which job it was");
    return NULL;
}

/* Without signals, so that Ctrl-C is always the loop's. 0, or an errno. */
static int start(struct job *job)
{
    sigset_t all, before;
    int number;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    number = pthread_create(&job->thread, NULL, run, job);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return number;
}

/* The work is over, or will never begin (refused != 0, for the waiter). If
 * somebody waits: he forgets the job, learns `refused`, and his future is
 * done, unless it is already (cancelled in this very turn). If nobody does,
 * the argument is discarded. The job goes in any case. */
static void finish(struct job *job, int refused)
{
    (void)job;
    (void)refused;
    TODO("wake the waiter, or discard what nobody waits for");
}

static void start_waiting(struct executor *executor)
{
    while (executor->running < executor->limit
           && !list_empty(&executor->waiting)) {
        struct job *job = CONTAINER(executor->waiting.next, struct job, link);
        int number;

        list_remove(&job->link);
        number = start(job);
        if (number == 0) {
            executor->running++;
            executor->started++;
        } else {
            finish(job, number);
        }
    }
}

/* Reads addresses of jobs from executor->pipe[0] until there are no more
 * (it does not block). For each: pthread_join its thread, which is about to
 * end, count it off `running`, finish it. */
static void collect(struct executor *executor)
{
    (void)executor;
    TODO("read, join, count, finish");
}

/* One watch while anything runs, none otherwise: a loop with nothing to wait
 * for must be able to see that. */
static int listen_to_pipe(struct executor *executor, struct error *error)
{
    int code;

    if (executor->listening)
        return 0;
    code = watch_start(executor->loop, &executor->watch, executor->pipe[0],
                       POLLIN, error);
    if (code == 0) {
        executor->listening = true;
        future_add_callback(&executor->watch.ready, &executor->arrived);
    }
    return code;
}

static void stop_listening(struct executor *executor)
{
    if (!executor->listening)
        return;
    future_remove_callback(&executor->watch.ready, &executor->arrived);
    watch_stop(&executor->watch);
    executor->listening = false;
}

static void arrived(struct callback *callback)
{
    struct executor *executor = CONTAINER(callback, struct executor, arrived);
    struct error ignored;

    executor->listening = false;
    collect(executor);
    start_waiting(executor);
    /* Without memory for the watch, look again each turn: slow, not lost. */
    if (executor->running > 0 && listen_to_pipe(executor, &ignored) != 0)
        loop_call_soon(executor->loop, callback);
}

static int open_pipe(struct executor *executor)
{
    if (pipe(executor->pipe) != 0)
        return -1;
    /* The loop must not block in read; a thread may, in write, but never
     * does: 64 pointers fit into every pipe. */
    return fcntl(executor->pipe[0], F_SETFL, O_NONBLOCK) == -1
        || fcntl(executor->pipe[0], F_SETFD, FD_CLOEXEC) == -1
        || fcntl(executor->pipe[1], F_SETFD, FD_CLOEXEC) == -1 ? -1 : 0;
}

static void close_pipe(struct executor *executor)
{
    for (int i = 0; i < 2; i++)
        net_close(executor->loop, &executor->pipe[i]);
}

int executor_open(struct executor *executor, struct loop *loop, size_t limit,
                  struct error *error)
{
    assert(limit >= 1 && limit <= 64);
    *executor = (struct executor){ .loop = loop, .limit = limit,
        .pipe = { -1, -1 }, .arrived.run = arrived };
    list_init(&executor->waiting);
    if (open_pipe(executor) == 0)
        return 0;
    error_set_errno(error, errno, "executor: pipe");
    close_pipe(executor);
    executor->closed = true;
    return error->code;
}

void executor_settle(const struct executor *executor)
{
    struct pollfd readable = { .fd = executor->pipe[0], .events = POLLIN };

    while (executor->running > 0 && poll(&readable, 1, -1) == -1
           && errno == EINTR)
        continue;
}

void executor_close(void *arg)
{
    struct executor *executor = arg;

    if (executor->closed)
        return;
    executor->closed = true;
    LIST_EACH(&executor->waiting, link) {
        list_remove(link);
        finish(CONTAINER(link, struct job, link), E_CLOSED);
    }
    while (executor->running > 0) {
        executor_settle(executor);
        collect(executor);
    }
    stop_listening(executor);
    loop_call_cancel(executor->loop, &executor->arrived);
    close_pipe(executor);
}

/* 0, or a code with words; then there is no job. */
static int submit(struct in_thread *self, struct error *error)
{
    struct executor *executor = self->executor;
    struct job *job = malloc(sizeof *job);

    if (job == NULL) {
        error_set(error, ENOMEM, "in_thread: no memory for one more call");
        return ENOMEM;
    }
    if (listen_to_pipe(executor, error) != 0) {
        free(job);
        return error->code;
    }
    *job = (struct job){ .executor = executor, .waiter = self,
        .work = self->work, .discard = self->discard, .arg = self->arg };
    self->job = job;
    future_init(&self->done, executor->loop, FUTURE_PLAIN);
    list_add(&executor->waiting, &job->link);
    start_waiting(executor);
    if (executor->running == 0)
        stop_listening(executor);
    return 0;
}

/* Cancelled. There are three cases: the job is over, in this very turn
 * (self->job is NULL), and its result is ours to discard; it is still in the
 * line (job->link.next is set), and never begins; or a thread is at work on
 * it, and collect has to find that nobody waits any more. */
static void let_go(struct in_thread *self)
{
    (void)self;
    TODO("three cases; discard exactly once, now or later");
}

static int refuse(struct in_thread *self, struct error *error)
{
    if (self->refused == E_CLOSED)
        error_set(error, E_CLOSED, "in_thread: the executor is closed");
    else
        error_set_errno(error, self->refused, "in_thread: pthread_create");
    return self->refused;
}

ASYNC(in_thread)
{
    BEGIN;
    if (self->executor->closed) {
        self->refused = E_CLOSED;
    } else if (submit(self, &task->error) != 0) {
        self->discard(self->arg);
        RERAISE(task->error.code);
    } else {
        CATCH_AWAIT_FUTURE(&self->done);
        if (task->outcome != 0) {
            let_go(self);
            RERAISE(task->outcome);
        }
    }
    if (self->refused != 0) {
        self->discard(self->arg);
        RERAISE(refuse(self, &task->error));
    }
    END;
}
