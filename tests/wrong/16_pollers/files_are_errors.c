/* MISTAKE: EPERM is raised: a regular file cannot be waited for. */
/* SEEN: EPERM is raised */
#define OWN_ARM
#include "given.h"

static int arm_kept(struct poller *poller, int fd, struct error *error)
{
    int armed = poller->on_fd[fd].armed;
    int number = hold(poller, fd, armed | poller_events(poller, fd));

    return number == 0 ? 0 : error_set_errno(error, number, "wait for fd %d",
                                             fd);
}
