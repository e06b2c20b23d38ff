/* MISTAKE: forget does nothing: the kernel drops what is closed by itself. */
/* SEEN: still speaks of the socket that was closed */
#define OWN_FORGET
#include "given.h"

static void forget_kept(struct poller *poller, int fd)
{
    (void)poller;
    (void)fd;
}
