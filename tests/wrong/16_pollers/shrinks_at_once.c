/* MISTAKE: arm also takes away what is not wanted at this moment. */
/* SEEN: arm also takes away */
#define OWN_ARM
#include "given.h"

static int arm_kept(struct poller *poller, int fd, struct error *error)
{
    int number = hold(poller, fd, poller_events(poller, fd));

    if (number == EPERM) {
        poller_wake(poller, fd, POLLIN | POLLOUT);
        return 0;
    }
    return number == 0 ? 0 : error_set_errno(error, number, "wait for fd %d",
                                             fd);
}
