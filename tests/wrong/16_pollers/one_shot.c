/* MISTAKE: one-shot, armed anew for each wait, as lib/loop's own does. */
/* SEEN: each wait tells the kernel again */
#define OWN_HOLD
#define OWN_ARM
#define OWN_WAIT
#define OWN_FORGET
#include "given.h"

static int hold(struct poller *poller, int fd, int events)
{
    struct epoll_event event = {
        .events = EPOLLONESHOT | (uint32_t)events, .data.fd = fd
    };

    if (epoll_ctl(poller->fd, EPOLL_CTL_MOD, fd, &event) == 0
        || (errno == ENOENT
            && epoll_ctl(poller->fd, EPOLL_CTL_ADD, fd, &event) == 0))
        return 0;
    return errno;
}

static int arm_kept(struct poller *poller, int fd, struct error *error)
{
    int number = hold(poller, fd, poller_events(poller, fd));

    if (number == EPERM) {
        poller_wake(poller, fd, POLLIN | POLLOUT);
        return 0;
    }
    return number == 0 ? 0 : error_set_errno(error, number, "wait for fd %d",
                                             fd);
}

static size_t wait_kept(struct poller *poller, int timeout_ms)
{
    struct epoll_event events[POLLER_ROOM];
    int n = epoll_wait(poller->fd, events, POLLER_ROOM, timeout_ms);

    for (int i = 0; i < n; i++)
        poller->fds[i] = (struct pollfd){ events[i].data.fd, 0,
                                          (short)events[i].events };
    return n < 0 ? 0 : (size_t)n;
}

static void forget_kept(struct poller *poller, int fd)
{
    (void)poller;
    (void)fd;
}
