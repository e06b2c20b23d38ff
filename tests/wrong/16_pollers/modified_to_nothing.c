/* MISTAKE: MOD to no events instead of DEL: a hang-up is told all the same. */
/* SEEN: MOD to no events */
#define OWN_HOLD
#include "given.h"

static int hold(struct poller *poller, int fd, int events)
{
    struct epoll_event event = { .events = (uint32_t)events, .data.fd = fd };
    short *armed = &poller->on_fd[fd].armed;

    if (events == *armed)
        return 0;
    if (epoll_ctl(poller->fd, EPOLL_CTL_MOD, fd, &event) != 0
        && (errno != ENOENT
            || epoll_ctl(poller->fd, EPOLL_CTL_ADD, fd, &event) != 0))
        return errno;
    *armed = (short)events;
    return 0;
}
