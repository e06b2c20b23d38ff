/* MISTAKE: > for >=: FD_SETSIZE itself is let in. */
/* SEEN: an fd of FD_SETSIZE or more is not closed at once */
#define OWN_WELCOME
#include "given.h"

static void welcome(struct server *server)
{
    int fd = wire_accept(server->listener);

    if (fd < 0) {
        server->paused = !wire_again();
        return;
    }
    server->clients--;
    if (fd > FD_SETSIZE) {
        close(fd);
        return;
    }
    wire_nonblocking(fd);
    server->fds[server->count++] = fd;
}
