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
 * You need AWAIT, CATCH_AWAIT_CORO, DEFER, DEFER_AWAIT, RERAISE (README.md,
 * "Read"; lib/loop/coro.h), sock_accept and close_socket (lib/loop/net.h).
 * accept.h has a member for each: socket, sock_accept, and the nodes of the
 * stack, closing, parting and exiting. About 30 lines.
 */
#include "07_accept/accept.h"

#include "stage/todo.h"

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
    TODO("accept, promise the cleanup, run the body");
    END;
}
