/* in_thread.c - one thread a call, and a pipe that tells the loop.
 *
 * What the thread and the loop share is the job, and it belongs to neither's
 * stack: the one who awaits may be cancelled and his frame gone while the
 * thread still works. So a job is on the heap and knows who waits for it,
 * or that nobody does; whoever comes last frees it, and that is always the
 * loop: when it has heard from the thread.
 *
 * A thread a call costs some 20 us. A pool that keeps them spares that, and
 * needs a lock, a condition variable and a way to end.
 */
#include "15_resolve/in_thread.h"

#include "loop/net.h"

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

/* All that ever runs in another thread, and what it calls. */
static void *run(void *arg)
{
    struct job *job = arg;
    int report = job->executor->pipe[1];
    ssize_t n;

    job->work(job->arg);
    do { /* from the last byte on, *job is the loop's */
        n = write(report, &job, sizeof job);
    } while (n == -1 && errno == EINTR);
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

/* The work is over, or will never begin (refused != 0). */
static void finish(struct job *job, int refused)
{
    struct in_thread *waiter = job->waiter;

    if (waiter == NULL) {
        job->discard(job->arg);
    } else {
        waiter->job = NULL;
        waiter->refused = refused;
        if (!future_done(&waiter->done)) /* cancelled in this very turn */
            future_set_result(&waiter->done);
    }
    free(job);
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

/* Every thread that has told us so has ended, or does in a moment. */
static void collect(struct executor *executor)
{
    struct job *job;

    while (read(executor->pipe[0], &job, sizeof job) == sizeof job) {
        pthread_join(job->thread, NULL);
        executor->running--;
        finish(job, 0);
    }
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

/* Cancelled. Over in this very turn: the result is ours to throw away. Not
 * begun: it never will be. At work: collect finds that nobody waits. */
static void let_go(struct in_thread *self)
{
    struct job *job = self->job;

    if (job != NULL && job->link.next == NULL) {
        job->waiter = NULL;
        return;
    }
    if (job != NULL)
        list_remove(&job->link);
    free(job);
    self->discard(self->arg);
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
