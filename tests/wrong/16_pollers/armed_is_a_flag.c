/* MISTAKE: what is armed is left alone: interest that grows is not told. */
/* SEEN: an fd that is armed is left as it is */
#define OWN_ARM
#include "given.h"

static int arm_kept(struct poller *poller, int fd, struct error *error)
{
    int number;

    if (poller->on_fd[fd].armed != 0)
        return 0;
    number = hold(poller, fd, poller_events(poller, fd));
    if (number == EPERM) {
        poller_wake(poller, fd, POLLIN | POLLOUT);
        return 0;
    }
    return number == 0 ? 0 : error_set_errno(error, number, "wait for fd %d",
                                             fd);
}
