/* MISTAKE: select gets a timeout, to be on the safe side. */
/* SEEN: select has a timeout */
#define OWN_WAIT_READABLE
#include "given.h"

static bool wait_readable(const struct server *server, fd_set *in)
{
    int highest = -1;

    FD_ZERO(in);
    if (accepting(server)) {
        FD_SET(server->listener, in);
        highest = server->listener;
    }
    for (int i = 0; i < server->count; i++) {
        FD_SET(server->fds[i], in);
        if (server->fds[i] > highest)
            highest = server->fds[i];
    }
    return select(highest + 1, in, NULL, NULL,
                  &(struct timeval){ .tv_sec = 1 }) > 0;
}
