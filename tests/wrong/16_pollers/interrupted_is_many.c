/* MISTAKE: -1 of epoll_wait becomes a number of events. */
/* SEEN: -1 is taken for a number of events */
#define OWN_WAIT
#include "given.h"

static size_t wait_kept(struct poller *poller, int timeout_ms)
{
    struct epoll_event events[POLLER_ROOM];
    int n = epoll_wait(poller->fd, events, POLLER_ROOM, timeout_ms);

    for (int i = 0; i < n; i++) {
        int fd = events[i].data.fd;
        int wanted = poller_events(poller, fd);

        if ((int)events[i].events & ~wanted)
            hold(poller, fd, wanted);
        poller->fds[i] = (struct pollfd){ fd, 0, (short)events[i].events };
    }
    return (size_t)n;
}
