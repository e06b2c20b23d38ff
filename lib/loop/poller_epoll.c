/* poller_epoll.c - Linux: the kernel keeps the list, and a turn costs what
 * is ready, not what is watched.
 *
 * Each watch is one epoll_ctl: EPOLLONESHOT disarms the fd with its event,
 * so that nothing fires without a watch, and a closed fd's number can be
 * used again without telling us. (Cost: a system call a wait; see lesson 16.)
 */
#include "loop/loop.h"

#ifdef __linux__
#include <errno.h>
#include <sys/epoll.h>

/* On Linux they are the same bits, so that nothing needs translating. */
_Static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT
               && EPOLLERR == POLLERR && EPOLLHUP == POLLHUP, "event bits");

static int open_epoll(struct poller *poller)
{
    poller->fd = epoll_create1(EPOLL_CLOEXEC);
    return poller->fd < 0 ? errno : 0;
}

static int arm_epoll(struct poller *poller, int fd, struct error *error)
{
    struct epoll_event event = {
        .events = EPOLLONESHOT | (uint32_t)poller_events(poller, fd),
        .data.fd = fd
    };

    if (epoll_ctl(poller->fd, EPOLL_CTL_MOD, fd, &event) == 0
        || (errno == ENOENT
            && epoll_ctl(poller->fd, EPOLL_CTL_ADD, fd, &event) == 0))
        return 0;
    if (errno == EPERM) {
        /* A regular file: never not ready, as poll() would say. */
        poller_wake(poller, fd, POLLIN | POLLOUT);
        return 0;
    }
    return error_set_errno(error, errno, "wait for fd %d", fd);
}

static size_t wait_epoll(struct poller *poller, int timeout_ms)
{
    struct epoll_event events[POLLER_ROOM];
    int n = epoll_wait(poller->fd, events, POLLER_ROOM, timeout_ms);

    for (int i = 0; i < n; i++)
        poller->fds[i] = (struct pollfd){ events[i].data.fd, 0,
                                          (short)events[i].events };
    return n < 0 ? 0 : (size_t)n;
}

const struct poller_type poller_epoll = {
    "epoll", open_epoll, arm_epoll, wait_epoll, NULL
};
#else
const struct poller_type poller_epoll = { .name = "epoll, on Linux only" };
#endif
