/* poller_epoll.c - Linux: the kernel keeps the list, and a turn costs what
 * is ready, not what is watched.
 *
 * memory[fd] is the chain of watches on that fd. Each watch is one
 * epoll_ctl: EPOLLONESHOT disarms the fd with its event, so that nothing
 * fires without a watch and a closed fd's number can be used again without
 * telling us. (Cost: one system call a wait. Keeping fds armed saves it and
 * must then be told of every close.)
 */
#ifdef __linux__
#include "loop/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

static int open_epoll(struct poller *poller, struct error *error)
{
    poller->fd = epoll_create1(EPOLL_CLOEXEC);
    if (poller->fd < 0) {
        error_set_errno(error, errno, "epoll_create1");
        return error->code;
    }
    return 0;
}

static void close_epoll(struct poller *poller)
{
    if (poller->fd >= 0)
        close(poller->fd);
    poller->fd = -1;
    free(poller->memory);
    poller->memory = NULL;
}

static struct watch **chain(const struct poller *poller, int fd)
{
    return (struct watch **)poller->memory + fd;
}

/* Arms fd for all that its watches want. */
static int arm(const struct poller *poller, int fd)
{
    struct epoll_event event = { .events = EPOLLONESHOT, .data.fd = fd };
    const struct watch *watch = *chain(poller, fd);

    for (; watch != NULL; watch = watch->next_same_fd) {
        if (watch->events & POLLIN)
            event.events |= EPOLLIN;
        if (watch->events & POLLOUT)
            event.events |= EPOLLOUT;
    }
    if (epoll_ctl(poller->fd, EPOLL_CTL_MOD, fd, &event) == 0)
        return 0;
    if (errno == ENOENT
        && epoll_ctl(poller->fd, EPOLL_CTL_ADD, fd, &event) == 0)
        return 0;
    return errno;
}

static int watch_epoll(struct poller *poller, struct watch *watch,
                       struct error *error)
{
    int code = poller_reserve(poller, (size_t)watch->fd + 1,
                              sizeof(struct watch *), error);
    struct watch **at;

    if (code != 0)
        return code;
    at = chain(poller, watch->fd);
    while (*at != NULL)
        at = &(*at)->next_same_fd;
    *at = watch;
    code = arm(poller, watch->fd);
    if (code == EPERM) {
        /* A regular file: never not ready, as poll() would say. */
        poller_wake(poller, watch, watch->events);
        return 0;
    }
    if (code != 0)
        error_set_errno(error, code, "wait for fd %d", watch->fd);
    return code;
}

/* The fd stays armed: an event without a watch finds an empty chain. */
static void unwatch_epoll(struct poller *poller, struct watch *watch)
{
    struct watch **at;

    if ((size_t)watch->fd >= poller->capacity)
        return;
    at = chain(poller, watch->fd);
    while (*at != NULL && *at != watch)
        at = &(*at)->next_same_fd;
    if (*at != NULL)
        *at = watch->next_same_fd;
}

static void dispatch(struct poller *poller, const struct epoll_event *event)
{
    int fd = event->data.fd;
    struct watch *watch, *next;
    short revents = 0;

    if (event->events & EPOLLIN)
        revents |= POLLIN;
    if (event->events & EPOLLOUT)
        revents |= POLLOUT;
    if (event->events & (EPOLLERR | EPOLLHUP))
        revents |= POLLHUP; /* as good as both: the system call will tell */
    for (watch = *chain(poller, fd); watch != NULL; watch = next) {
        next = watch->next_same_fd;
        if ((revents & (watch->events | POLLHUP)) != 0)
            poller_wake(poller, watch, revents);
    }
    if (*chain(poller, fd) != NULL)
        arm(poller, fd);
}

static void wait_epoll(struct poller *poller, int64_t timeout_ns)
{
    struct epoll_event events[128];
    int n = epoll_wait(poller->fd, events, 128,
                       poller_milliseconds(timeout_ns));

    for (int i = 0; i < n; i++)
        dispatch(poller, &events[i]);
}

const struct poller_type poller_epoll = {
    "epoll", open_epoll, close_epoll, watch_epoll, unwatch_epoll, wait_epoll
};
#else
typedef int poller_epoll_is_linux_only; /* ISO C wants one declaration */
#endif
