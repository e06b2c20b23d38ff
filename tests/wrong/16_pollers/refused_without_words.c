/* MISTAKE: the errno of epoll_ctl is returned, and nobody sets the error. */
/* SEEN: has no words */
#define OWN_ARM
#include "given.h"

static int arm_kept(struct poller *poller, int fd, struct error *error)
{
    int armed = poller->on_fd[fd].armed;
    int number = hold(poller, fd, armed | poller_events(poller, fd));

    (void)error;
    if (number != EPERM)
        return number;
    poller_wake(poller, fd, POLLIN | POLLOUT);
    return 0;
}
