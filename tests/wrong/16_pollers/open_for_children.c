/* MISTAKE: an epoll that a program which is executed would inherit. */
/* SEEN: the epoll lives on in a program */
#define OWN_OPEN
#include "given.h"

static int open_kept(struct poller *poller)
{
    poller->fd = epoll_create1(0);
    return poller->fd < 0 ? errno : 0;
}
