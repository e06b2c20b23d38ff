/* signal.c - see signal.h. */
#include "loop/signal.h"

#include "loop/loop.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static volatile sig_atomic_t write_end = -1;

static void handle(int number)
{
    int saved = errno;
    char byte = (char)number;

    /* The pipe cannot block: if it is full, enough bytes are in it. */
    if (write((int)write_end, &byte, 1) != 1)
        errno = saved;
    errno = saved;
}

static void arrived(struct callback *callback);

static int listen_again(struct loop *loop, struct error *error)
{
    struct signals *signals = &loop->signals;
    int code = watch_start(loop, &signals->watch, signals->pipe[0], POLLIN,
                           error);

    if (code == 0) {
        signals->arrived.run = arrived;
        future_add_callback(&signals->watch.ready, &signals->arrived);
    }
    return code;
}

static void arrived(struct callback *callback)
{
    struct signals *signals = CONTAINER(callback, struct signals, arrived);
    struct loop *loop = CONTAINER(signals, struct loop, signals);
    struct error ignored; /* re-arming needs no memory: it had it before */
    char bytes[16];
    ssize_t n = read(signals->pipe[0], bytes, sizeof bytes);

    if (n > 0)
        signals->count += (int)n;
    if (signals->count == 1 && n > 0)
        task_cancel(&loop->main);
    else if (signals->count > 1)
        loop_stop(loop);
    listen_again(loop, &ignored);
}

static int fail(struct loop *loop, struct error *error, const char *what)
{
    error_set_errno(error, errno, "catch SIGINT: %s", what);
    signals_close(loop);
    return error->code;
}

int signals_open(struct loop *loop, struct error *error)
{
    struct signals *signals = &loop->signals;
    struct sigaction action = { .sa_handler = handle };

    assert(write_end == -1);
    if (pipe(signals->pipe) != 0)
        return fail(loop, error, "pipe");
    for (int i = 0; i < 2; i++)
        if (fcntl(signals->pipe[i], F_SETFL, O_NONBLOCK) != 0
            || fcntl(signals->pipe[i], F_SETFD, FD_CLOEXEC) != 0)
            return fail(loop, error, "fcntl");
    write_end = signals->pipe[1];
    sigemptyset(&action.sa_mask);
    /* No SA_RESTART: a system call in progress returns EINTR, and a loop
     * without watches wakes up too. */
    if (sigaction(SIGINT, &action, &signals->before) != 0)
        return fail(loop, error, "sigaction");
    return listen_again(loop, error);
}

void signals_close(struct loop *loop)
{
    struct signals *signals = &loop->signals;

    if (write_end != -1 && write_end == signals->pipe[1]) {
        sigaction(SIGINT, &signals->before, NULL);
        write_end = -1;
    }
    for (int i = 0; i < 2; i++) {
        if (signals->pipe[i] >= 0) {
            watch_stop(&signals->watch);
            close(signals->pipe[i]);
        }
        signals->pipe[i] = -1;
    }
}
