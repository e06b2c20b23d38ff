/* MISTAKE: epoll_wait may write more events than the array holds. */
/* SEEN: may write more events than the array holds */
#define OWN_WAIT
#include "given.h"

static size_t wait_kept(struct poller *poller, int timeout_ms)
{
    struct epoll_event events[POLLER_ROOM];
    int n = epoll_wait(poller->fd, events, (int)poller->capacity,
                       timeout_ms);

    for (int i = 0; i < n; i++) {
        int fd = events[i].data.fd;
        int wanted = poller_events(poller, fd);

        if ((int)events[i].events & ~wanted)
            hold(poller, fd, wanted);
        poller->fds[i] = (struct pollfd){ fd, 0, (short)events[i].events };
    }
    return n < 0 ? 0 : (size_t)n;
}
