/* MISTAKE: what was armed stays armed, whoever wants it. */
/* SEEN: what nobody wants stays armed */
#define OWN_WAIT
#include "given.h"

static size_t wait_kept(struct poller *poller, int timeout_ms)
{
    struct epoll_event events[POLLER_ROOM];
    int n = epoll_wait(poller->fd, events, POLLER_ROOM, timeout_ms);

    for (int i = 0; i < n; i++)
        poller->fds[i] = (struct pollfd){ events[i].data.fd, 0,
                                          (short)events[i].events };
    return n < 0 ? 0 : (size_t)n;
}
