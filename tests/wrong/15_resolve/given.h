/* given.h - exercise.c of lesson 15, written right. A wrong answer defines
 * OWN_ and the name of each function that it gets wrong, and writes that.
 */
#include "15_resolve/in_thread.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

struct job {
    struct link link;
    struct executor *executor;
    struct in_thread *waiter;
    void (*work)(void *arg);
    void (*discard)(void *arg);
    void *arg;
    pthread_t thread;
};

static void *run(void *arg);
static void finish(struct job *job, int refused);
static void collect(struct executor *executor);
static void let_go(struct in_thread *self);
static void arrived(struct callback *callback);

#ifndef OWN_RUN
static void *run(void *arg)
{
    struct job *job = arg;
    int report = job->executor->pipe[1];

    job->work(job->arg);
    while (write(report, &job, sizeof job) == -1 && errno == EINTR)
        continue;
    return NULL;
}
#endif

#ifndef OWN_FINISH
static void finish(struct job *job, int refused)
{
    if (job->waiter == NULL) {
        job->discard(job->arg);
    } else {
        job->waiter->job = NULL;
        job->waiter->refused = refused;
        if (!future_done(&job->waiter->done))
            future_set_result(&job->waiter->done);
    }
    free(job);
}
#endif

#ifndef OWN_COLLECT
static void collect(struct executor *executor)
{
    struct job *job;

    while (read(executor->pipe[0], &job, sizeof job) == sizeof job) {
        pthread_join(job->thread, NULL);
        executor->running--;
        finish(job, 0);
    }
}
#endif

#ifndef OWN_LET_GO
static void let_go(struct in_thread *self)
{
    struct job *job = self->job;

    if (job != NULL && job->link.next == NULL) {
        job->waiter = NULL;
        return;
    }
    if (job != NULL) {
        list_remove(&job->link);
        free(job);
    }
    self->discard(self->arg);
}
#endif

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

#ifndef OWN_ARRIVED
static void arrived(struct callback *callback)
{
    struct executor *executor = CONTAINER(callback, struct executor, arrived);
    struct error ignored;

    executor->listening = false;
    collect(executor);
    start_waiting(executor);
    if (executor->running > 0 && listen_to_pipe(executor, &ignored) != 0)
        loop_call_soon(executor->loop, callback);
}
#endif

static int open_pipe(struct executor *executor)
{
    if (pipe(executor->pipe) != 0)
        return -1;
    return fcntl(executor->pipe[0], F_SETFL, O_NONBLOCK) == -1
        || fcntl(executor->pipe[0], F_SETFD, FD_CLOEXEC) == -1
        || fcntl(executor->pipe[1], F_SETFD, FD_CLOEXEC) == -1 ? -1 : 0;
}

static void close_pipe(struct executor *executor)
{
    for (int i = 0; i < 2; i++) {
        if (executor->pipe[i] >= 0)
            close(executor->pipe[i]);
        executor->pipe[i] = -1;
    }
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

static int refuse(struct in_thread *self, struct error *error)
{
    if (self->refused == E_CLOSED)
        error_set(error, E_CLOSED, "in_thread: the executor is closed");
    else
        error_set_errno(error, self->refused, "in_thread: pthread_create");
    return self->refused;
}

#ifndef OWN_IN_THREAD
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
#endif
