/* MISTAKE: The listener goes into the set, whatever its number. */
/* SEEN: a listener of FD_SETSIZE or more */
#define OWN_SERVE_SELECT
#include "given.h"

int serve_select(int listener, int clients)
{
    struct server server = { .listener = listener, .clients = clients };
    fd_set in;

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
        if (FD_ISSET(listener, &in))
            welcome(&server);
    }
    return 0;
}
