/* MISTAKE: armed is set before epoll_ctl is asked, whatever that says. */
/* SEEN: says so though epoll_ctl refused */
#define OWN_HOLD
#include "given.h"

static int hold(struct poller *poller, int fd, int events)
{
    struct epoll_event event = { .events = (uint32_t)events, .data.fd = fd };
    short *armed = &poller->on_fd[fd].armed;
    int how = events == 0 ? EPOLL_CTL_DEL
        : *armed == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;

    if (events == *armed)
        return 0;
    *armed = (short)events;
    return epoll_ctl(poller->fd, how, fd, &event) == 0 ? 0 : errno;
}
