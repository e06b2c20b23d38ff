/* MISTAKE: open returns the epoll, as epoll_create1 does. */
/* SEEN: open says that it failed */
#define OWN_OPEN
#include "given.h"

static int open_kept(struct poller *poller)
{
    poller->fd = epoll_create1(EPOLL_CLOEXEC);
    return poller->fd;
}
