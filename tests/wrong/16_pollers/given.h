/* The exercise's answer, but for what a wrong answer of this folder does
 * its own way (OWN_...). */
#include "16_pollers/kept.h"

#include <errno.h>
#include <sys/epoll.h>

static int open_kept(struct poller *poller);
static int hold(struct poller *poller, int fd, int events);
static int arm_kept(struct poller *poller, int fd, struct error *error);
static size_t wait_kept(struct poller *poller, int timeout_ms);
static void forget_kept(struct poller *poller, int fd);

const struct poller_type poller_kept = {
    "kept", open_kept, arm_kept, wait_kept, forget_kept
};

#ifndef OWN_OPEN
static int open_kept(struct poller *poller)
{
    poller->fd = epoll_create1(EPOLL_CLOEXEC);
    return poller->fd < 0 ? errno : 0;
}
#endif

#ifndef OWN_HOLD
static int hold(struct poller *poller, int fd, int events)
{
    struct epoll_event event = { .events = (uint32_t)events, .data.fd = fd };
    short *armed = &poller->on_fd[fd].armed;
    int how = events == 0 ? EPOLL_CTL_DEL
        : *armed == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;

    if (events == *armed)
        return 0;
    if (epoll_ctl(poller->fd, how, fd, &event) != 0)
        return errno;
    *armed = (short)events;
    return 0;
}
#endif

#ifndef OWN_ARM
static int arm_kept(struct poller *poller, int fd, struct error *error)
{
    int armed = poller->on_fd[fd].armed;
    int number = hold(poller, fd, armed | poller_events(poller, fd));

    if (number == EPERM) {
        poller_wake(poller, fd, POLLIN | POLLOUT);
        return 0;
    }
    return number == 0 ? 0 : error_set_errno(error, number, "wait for fd %d",
                                             fd);
}
#endif

#ifndef OWN_WAIT
static size_t wait_kept(struct poller *poller, int timeout_ms)
{
    struct epoll_event events[POLLER_ROOM];
    int n = epoll_wait(poller->fd, events, POLLER_ROOM, timeout_ms);

    for (int i = 0; i < n; i++) {
        int fd = events[i].data.fd;
        int revents = (int)events[i].events;
        int wanted = poller_events(poller, fd);

        if (revents & ~wanted)
            hold(poller, fd, wanted);
        poller->fds[i] = (struct pollfd){ fd, 0, (short)revents };
    }
    return n < 0 ? 0 : (size_t)n;
}
#endif

#ifndef OWN_FORGET
static void forget_kept(struct poller *poller, int fd)
{
    hold(poller, fd, 0);
}
#endif
