/* MISTAKE: the exit stands after the body: an error and a cancellation pass it
   by. */
/* SEEN: the exit stands behind the body */
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
    AWAIT_CORO(self->body);
    say(self, "Exiting context manager");
    if (self->bye != NULL)
        AWAIT_CORO(self->bye);
    close_socket(&self->socket);
    *self->fd = -1;
    say(self, "Closed connection");
    END;
}
