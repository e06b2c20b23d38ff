/* MISTAKE: POLLOUT stays armed as long as anybody reads. */
/* SEEN: POLLOUT stays armed beside a reader */
#define OWN_WAIT
#include "given.h"

static size_t wait_kept(struct poller *poller, int timeout_ms)
{
    struct epoll_event events[POLLER_ROOM];
    int n = epoll_wait(poller->fd, events, POLLER_ROOM, timeout_ms);

    for (int i = 0; i < n; i++) {
        int fd = events[i].data.fd;

        if (!poller_watches(poller, fd))
            hold(poller, fd, 0);
        poller->fds[i] = (struct pollfd){ fd, 0, (short)events[i].events };
    }
    return n < 0 ? 0 : (size_t)n;
}
