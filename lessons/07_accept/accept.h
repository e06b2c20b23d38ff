/* accept.h - accept with cleanup: `async with ConnectedSocket(server)`.
 *
 *     AWAIT(connected_socket, .listener = fd, .fd = &self->fd,
 *           .body = CALL(talk));
 *
 * Entering waits for a connection; leaving closes it, on return, on error
 * and on cancellation, exactly once (row C01). Cancelled while it still
 * waits, it has nothing to close (row C02).
 *
 * Left out: more than one connection; that is server.h.
 */
#ifndef LAB_ACCEPT_H
#define LAB_ACCEPT_H

#include "loop/loop.h"
#include "loop/net.h"

/* Raises what accept says, or what `body` or `bye` raise. The listener and
 * the frames of body and bye stay the caller's; the connection is ours. */
struct connected_socket {
    struct coro coro;
    int listener;
    int *fd;           /* out: the connection, for the body; -1 after it */
    struct coro *body; /* runs inside; its error goes on after the exit  */
    struct coro *bye;  /* what __aexit__ awaits before it closes, or
                          NULL. A second cancellation interrupts it (C04),
                          the socket is closed all the same; an error of
                          its own replaces the body's (C05).             */
    bool suppress;     /* __aexit__ returns True: the body's error or
                          cancellation ends here (C06), not that of bye  */
    void (*say)(void *arg, const char *line); /* the five lines; or NULL */
    void *arg;
    struct open_socket socket;
    struct cleanup exiting, closing;
    struct async_cleanup parting;
    struct sock_accept sock_accept;
};
ASYNC_DECLARE(connected_socket);

#endif
