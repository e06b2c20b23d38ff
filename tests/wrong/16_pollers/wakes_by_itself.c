/* MISTAKE: wait wakes the waiters itself and tells poller_wait of nothing. */
/* SEEN: with each wait the fd is disarmed */
#define OWN_WAIT
#include "given.h"

static size_t wait_kept(struct poller *poller, int timeout_ms)
{
    struct epoll_event events[POLLER_ROOM];
    int n = epoll_wait(poller->fd, events, POLLER_ROOM, timeout_ms);

    for (int i = 0; i < n; i++) {
        int fd = events[i].data.fd;

        poller_wake(poller, fd, (short)events[i].events);
        hold(poller, fd, poller_events(poller, fd));
    }
    return 0;
}
