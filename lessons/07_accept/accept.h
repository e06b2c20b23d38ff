/* accept.h - accept with cleanup: `async with ConnectedSocket(server)`.
 *
 *     AWAIT(connected_socket, .listener = fd, .fd = &self->fd,
 *           .body = CALL(talk));
 *
 * Entering waits for a connection; leaving closes it, on return, on error
 * and on cancellation, exactly once (row C01). Cancelled while it still
 * waits, it has nothing to close (row C02).
 */
#ifndef LAB_ACCEPT_H
#define LAB_ACCEPT_H

#include "loop/loop.h"
#include "loop/net.h"

struct connected_socket {
    struct coro coro;
    int listener;
    int *fd;           /* out: the connection, for the body; -1 after it */
    struct coro *body; /* its error goes on when the socket is closed    */
    void (*say)(void *arg, const char *line); /* the five lines; or NULL */
    void *arg;
    struct open_socket socket;
    struct cleanup exiting;
    struct sock_accept sock_accept;
};
ASYNC_DECLARE(connected_socket);

#endif
