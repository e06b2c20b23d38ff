/* poller_select.c - the oldest. Its sets are bit maps of FD_SETSIZE bits:
 * an fd beyond that would be written behind the end of the set, so it is
 * refused by name. And one closed fd makes the whole call fail with EBADF
 * without saying which: then each is asked. */
#include "loop/loop.h"
#include "sys.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>

static int arm_select(struct poller *poller, int fd, struct error *error)
{
    (void)poller;
    if (fd < FD_SETSIZE)
        return 0;
    return error_set(error, EINVAL, "fd %d is beyond FD_SETSIZE %d (select "
                     "poller)", fd, FD_SETSIZE);
}

static void find_closed(struct pollfd *fds, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (fcntl(fds[i].fd, F_GETFD) == -1 && errno == EBADF)
            fds[i].revents = POLLNVAL;
}

/* select overwrites its sets: filled for each call. */
static size_t wait_select(struct poller *poller, int timeout_ms)
{
    struct timeval timeout = { timeout_ms / 1000, timeout_ms % 1000 * 1000 };
    struct pollfd *fds = poller->fds;
    size_t n = poller_ask(poller);
    int highest = -1, result;
    fd_set in, out;

    FD_ZERO(&in);
    FD_ZERO(&out);
    for (size_t i = 0; i < n; i++) {
        if (fds[i].events & POLLIN)
            FD_SET(fds[i].fd, &in);
        if (fds[i].events & POLLOUT)
            FD_SET(fds[i].fd, &out);
        if (fds[i].fd > highest)
            highest = fds[i].fd;
    }
    result = poller->loop->sys->select(highest + 1, &in, &out, NULL,
                                       timeout_ms < 0 ? NULL : &timeout);
    if (result < 0 && errno == EBADF)
        find_closed(fds, n);
    else
        assert(result >= 0 || errno == EINTR || errno == ENOMEM);
    for (size_t i = 0; i < n && result > 0; i++) {
        if ((fds[i].events & POLLIN) && FD_ISSET(fds[i].fd, &in))
            fds[i].revents |= POLLIN;
        if ((fds[i].events & POLLOUT) && FD_ISSET(fds[i].fd, &out))
            fds[i].revents |= POLLOUT;
    }
    return n;
}

const struct poller_type poller_select = {
    .name = "select", .arm = arm_select, .wait = wait_select
};
