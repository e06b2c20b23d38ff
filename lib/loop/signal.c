/* signal.c - see signal.h. */
#include "loop/signal.h"

#include "loop/loop.h"
#include "loop/net.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

static volatile sig_atomic_t write_end = -1;

static void handle(int number)
{
    int saved = errno;
    char byte = (char)number;
    ssize_t written = write((int)write_end, &byte, 1);

    (void)written; /* it never blocks; a full pipe has enough bytes */
    errno = saved;
}

static int listen_again(struct loop *loop, struct error *error)
{
    struct signals *signals = &loop->signals;
    int code = watch_start(loop, &signals->watch, signals->pipe[0], POLLIN,
                           error);

    if (code == 0)
        future_add_callback(&signals->watch.ready, &signals->arrived);
    return code;
}

/* False if there is none: not by loop_run, or it has ended. */
static bool cancel_main(struct loop *loop)
{
    return loop->main.link.next != NULL && task_cancel(&loop->main);
}

static void arrived(struct callback *callback)
{
    struct signals *signals = CONTAINER(callback, struct signals, arrived);
    struct loop *loop = CONTAINER(signals, struct loop, signals);
    struct error ignored; /* re-arming needs no memory: it had it before */
    char bytes[16];
    ssize_t n = read(signals->pipe[0], bytes, sizeof bytes);

    /* Readiness is a hint here, too: perhaps nothing has come. */
    if (n > 0)
        signals->count += (int)n;
    if (n > 0 && (signals->count > 1 || !cancel_main(loop))) {
        signals->end_run = true;
        loop_stop(loop);
    }
    listen_again(loop, &ignored);
}

int signals_open(struct loop *loop, struct error *error)
{
    struct signals *signals = &loop->signals;
    /* No SA_RESTART: a system call in progress returns EINTR, and a loop
     * without watches wakes up too. */
    struct sigaction action = { .sa_handler = handle };

    assert(write_end == -1);
    if (pipe(signals->pipe) != 0)
        return error_set_errno(error, errno, "catch SIGINT");
    net_prepare(signals->pipe[0]);
    net_prepare(signals->pipe[1]);
    write_end = signals->pipe[1];
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, &signals->before);
    signals->arrived.run = arrived;
    return listen_again(loop, error);
}

void signals_close(struct loop *loop)
{
    struct signals *signals = &loop->signals;

    if (signals->pipe[0] < 0)
        return;
    watch_stop(&signals->watch);
    sigaction(SIGINT, &signals->before, NULL);
    write_end = -1;
    for (int i = 0; i < 2; i++) {
        close(signals->pipe[i]);
        signals->pipe[i] = -1;
    }
}
