/* MISTAKE: epoll_create1 is taken to succeed. */
/* SEEN: open does not look at */
#define OWN_OPEN
#include "given.h"

static int open_kept(struct poller *poller)
{
    poller->fd = epoll_create1(EPOLL_CLOEXEC);
    return 0;
}
