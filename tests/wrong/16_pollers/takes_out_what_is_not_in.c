/* MISTAKE: forget tells the kernel of every close. */
/* SEEN: every close costs a DEL */
#define OWN_FORGET
#include "given.h"

static void forget_kept(struct poller *poller, int fd)
{
    epoll_ctl(poller->fd, EPOLL_CTL_DEL, fd, NULL);
    poller->on_fd[fd].armed = 0;
}
