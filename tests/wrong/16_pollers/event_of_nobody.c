/* MISTAKE: the event that epoll is told has no data. */
/* SEEN: event.data.fd says whose it is */
#define OWN_HOLD
#include "given.h"

static int hold(struct poller *poller, int fd, int events)
{
    struct epoll_event event = { .events = (uint32_t)events };
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
