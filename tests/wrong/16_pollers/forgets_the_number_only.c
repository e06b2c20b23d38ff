/* MISTAKE: forget clears armed, and leaves it to close to tell the kernel. */
/* SEEN: the kernel was not told */
#define OWN_FORGET
#include "given.h"

static void forget_kept(struct poller *poller, int fd)
{
    poller->on_fd[fd].armed = 0;
}
