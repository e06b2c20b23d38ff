/* kept.c - see kept.h. What is armed grows as soon as somebody wants more,
 * and shrinks when the kernel tells what nobody wants: not before, because
 * whoever read a word will most likely wait for the next. */
#include "16_pollers/kept.h"

#include <errno.h>

#ifdef __linux__
#include <sys/epoll.h>

static int open_kept(struct poller *poller)
{
    poller->fd = epoll_create1(EPOLL_CLOEXEC);
    return poller->fd < 0 ? errno : 0;
}

/* The kernel now holds `events` for fd, and nothing else: 0 or errno. If
 * they are none it must let go of fd: MOD to none would still tell of errors
 * and hang-ups, for ever. */
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

static int arm_kept(struct poller *poller, int fd, struct error *error)
{
    int armed = poller->on_fd[fd].armed;
    int number = hold(poller, fd, armed | poller_events(poller, fd));

    if (number == EPERM) { /* a regular file: never not ready */
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

    for (int i = 0; i < n; i++) {
        int fd = events[i].data.fd;
        int revents = (int)events[i].events;
        int wanted = poller_events(poller, fd);

        if (revents & ~wanted)
            (void)hold(poller, fd, wanted); /* to want less is no error */
        poller->fds[i] = (struct pollfd){ fd, 0, (short)revents };
    }
    return n < 0 ? 0 : (size_t)n;
}

static void forget_kept(struct poller *poller, int fd)
{
    hold(poller, fd, 0);
}
#else
static int open_kept(struct poller *poller)
{
    (void)poller;
    return ENOSYS;
}

#define arm_kept NULL
#define wait_kept NULL
#define forget_kept NULL
#endif

const struct poller_type poller_kept = {
    "kept", open_kept, arm_kept, wait_kept, forget_kept
};
