/* MISTAKE: The connections are not made non-blocking: select says who is
   ready. */
/* SEEN: a connection still sleeps, in send */
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
    if (fd >= FD_SETSIZE) {
        close(fd); /* FD_SET would write behind the end of the set */
        return;
    }
    server->fds[server->count++] = fd;
}
