/* MISTAKE: no DEFER: the body and bye are caught, and the exit is written out below. */
/* SEEN: bye is awaited by hand */
/* exercise.c - write __aenter__ and __aexit__.
 *
 * The contract is in accept.h and in README.md, "Do". In short:
 *
 *   enter    *fd is -1; say "Entering context manager, waiting for
 *            connection"; accept. Cancelled or failed here: nothing was
 *            acquired, so no exit runs and nothing more is said.
 *   inside   say "Accepted a connection"; *fd is the connection; run body.
 *   exit     on return, error and cancellation, once: say "Exiting context
 *            manager"; await bye, if there is one; close the connection,
 *            *fd is -1; say "Closed connection".
 *   then     the body's error goes on, unless `suppress`; an error of bye
 *            goes on in any case. A bye that is interrupted is no reason
 *            to leave the socket open.
 *
 * You need AWAIT, AWAIT_CORO or CATCH_AWAIT_CORO, DEFER, DEFER_AWAIT,
 * RERAISE (lib/loop/coro.h), sock_accept and close_socket (lib/loop/net.h).
 */
#include "07_accept/accept.h"

static void say(const struct connected_socket *self, const char *line)
{
    if (self->say != NULL)
        self->say(self->arg, line);
}

ASYNC(connected_socket)
{
    BEGIN;
    *self->fd = -1;
    say(self, "Entering context manager, waiting for connection");
    AWAIT(sock_accept, .listener = self->listener);
    *self->fd = self->sock_accept.fd;
    self->socket = (struct open_socket){ task_loop(task), *self->fd };
    say(self, "Accepted a connection");
    CATCH_AWAIT_CORO(self->body);
    say(self, "Exiting context manager");
    if (self->bye != NULL)
        CATCH_AWAIT_CORO(self->bye);
    net_close(task_loop(task), &self->socket.fd);
    *self->fd = -1;
    say(self, "Closed connection");
    if (self->bye != NULL && self->bye->error != 0)
        RERAISE(self->bye->error);
    if (!self->suppress)
        RERAISE(self->body->error);
    END;
}
