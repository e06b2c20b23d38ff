/* MISTAKE: the server sleeps in poll. */
/* SEEN: the server sleeps in poll */
#define OWN_WAIT_READABLE
#include "given.h"

#include <poll.h>

static bool polled(fd_set *in, int highest)
{
    struct pollfd fds[FD_SETSIZE];
    nfds_t n = 0;

    for (int fd = 0; fd <= highest; fd++)
        if (FD_ISSET(fd, in))
            fds[n++] = (struct pollfd){ fd, POLLIN, 0 };
    if (poll(fds, n, -1) <= 0)
        return false;
    for (nfds_t i = 0; i < n; i++)
        if (fds[i].revents == 0)
            FD_CLR(fds[i].fd, in);
    return true;
}

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
    return polled(in, highest);
}
