/* MISTAKE: After select the server asks everybody, not only who is ready. */
/* SEEN: of which select did not say that they are ready */
#define OWN_SERVE_SELECT
#include "given.h"

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
            if (answer(server.fds[i])) {
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
