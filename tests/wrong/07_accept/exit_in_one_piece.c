/* MISTAKE: the exit is written out behind a caught body: when bye is cut off,
   the close is skipped. */
/* SEEN: bye was cut off or failed, and took the close with it */
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
    self->socket = (struct open_socket){ task_loop(task),
                                         self->sock_accept.fd };
    say(self, "Accepted a connection");
    *self->fd = self->socket.fd;
    CATCH_AWAIT_CORO(self->body);
    say(self, "Exiting context manager");
    if (self->bye != NULL)
        AWAIT_CORO(self->bye);
    close_socket(&self->socket);
    *self->fd = -1;
    say(self, "Closed connection");
    RERAISE(self->suppress ? 0 : self->body->error);
    END;
}
