/* accept.c - __aenter__ is what stands before DEFER, __aexit__ is what was
 * deferred. */
#include "07_accept/accept.h"

static void say(const struct connected_socket *self, const char *line)
{
    if (self->say != NULL)
        self->say(self->arg, line);
}

static void leave(void *connected_socket)
{
    struct connected_socket *self = connected_socket;

    say(self, "Exiting context manager");
    close_socket(&self->socket);
    *self->fd = -1;
    say(self, "Closed connection");
}

ASYNC(connected_socket)
{
    BEGIN;
    *self->fd = -1;
    say(self, "Entering context manager, waiting for connection");
    AWAIT(sock_accept, .listener = self->listener);
    self->socket = (struct open_socket){ task_loop(task),
                                         self->sock_accept.fd };
    DEFER(&self->exiting, leave, self);
    say(self, "Accepted a connection");
    *self->fd = self->socket.fd;
    AWAIT_CORO(self->body);
    END;
}
