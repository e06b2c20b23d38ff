/* MISTAKE: what epoll_ctl says is not looked at. */
/* SEEN: nobody looks at what epoll_ctl returns */
#define OWN_HOLD
#include "given.h"

static int hold(struct poller *poller, int fd, int events)
{
    struct epoll_event event = { .events = (uint32_t)events, .data.fd = fd };
    short *armed = &poller->on_fd[fd].armed;
    int how = events == 0 ? EPOLL_CTL_DEL
        : *armed == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;

    if (events != *armed)
        epoll_ctl(poller->fd, how, fd, &event);
    *armed = (short)events;
    return 0;
}
