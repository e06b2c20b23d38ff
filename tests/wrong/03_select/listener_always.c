/* MISTAKE: The listener stays in the set when nobody is to come. */
/* SEEN: the listener stays in the set */
#define OWN_WAIT_READABLE
#define OWN_SERVE_SELECT
#include "given.h"

static bool wait_readable(const struct server *server, fd_set *in)
{
    int highest = -1;

    FD_ZERO(in);
    FD_SET(server->listener, in);
    highest = server->listener;
    for (int i = 0; i < server->count; i++) {
        FD_SET(server->fds[i], in);
        if (server->fds[i] > highest)
            highest = server->fds[i];
    }
    return select(highest + 1, in, NULL, NULL, NULL) > 0;
}

int serve_select(int listener, int clients)
{
    struct server server = { .listener = listener, .clients = clients };
    fd_set in;

    if (listener >= FD_SETSIZE) {
        errno = EINVAL;
        return -1;
    }
    wire_nonblocking(listener);
    while (server.clients > 0 || server.count > 0) {
        if (server.paused && server.count == 0)
            return -1;
        if (!wait_readable(&server, &in))
            continue; /* a signal */
        for (int i = 0; i < server.count;) {
            if (!FD_ISSET(server.fds[i], &in) || answer(server.fds[i])) {
                i++;
                continue;
            }
            close(server.fds[i]);
            server.fds[i] = server.fds[--server.count];
            server.paused = false;
        }
        if (FD_ISSET(listener, &in) && server.clients > 0)
            welcome(&server);
    }
    return 0;
}
