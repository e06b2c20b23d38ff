/* MISTAKE: the body is given the listener for its connection. */
/* SEEN: that is what accept gave */
#include "07_accept/accept.h"

static void say(const struct connected_socket *self, const char *line)
{
    if (self->say != NULL)
        self->say(self->arg, line);
}

static void begin_exit(void *connected_socket)
{
    say(connected_socket, "Exiting context manager");
}

static void close_connection(void *connected_socket)
{
    struct connected_socket *self = connected_socket;

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
    DEFER(&self->closing, close_connection, self);
    if (self->bye != NULL)
        DEFER_AWAIT(&self->parting, self->bye);
    DEFER(&self->exiting, begin_exit, self);
    say(self, "Accepted a connection");
    *self->fd = self->listener;
    CATCH_AWAIT_CORO(self->body);
    RERAISE(self->suppress ? 0 : self->body->error);
    END;
}
