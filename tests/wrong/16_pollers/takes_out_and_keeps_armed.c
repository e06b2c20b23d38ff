/* MISTAKE: DEL, and armed still says what was armed. */
/* SEEN: the fd is out of the epoll */
#define OWN_HOLD
#include "given.h"

static int hold(struct poller *poller, int fd, int events)
{
    struct epoll_event event = { .events = (uint32_t)events, .data.fd = fd };
    short *armed = &poller->on_fd[fd].armed;

    if (events == *armed)
        return 0;
    if (events == 0) {
        epoll_ctl(poller->fd, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    if (epoll_ctl(poller->fd, *armed == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
                  fd, &event) != 0)
        return errno;
    *armed = (short)events;
    return 0;
}
