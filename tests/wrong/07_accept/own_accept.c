/* MISTAKE: accept is called once, by hand: nobody has connected yet. */
/* SEEN: EAGAIN is taken for a failure */
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
    self->socket.loop = task_loop(task);
    self->socket.fd = accept(self->listener, NULL, NULL);
    if (self->socket.fd < 0)
        RAISE_ERRNO("accept");
    DEFER(&self->closing, close_connection, self);
    if (self->bye != NULL)
        DEFER_AWAIT(&self->parting, self->bye);
    DEFER(&self->exiting, begin_exit, self);
    say(self, "Accepted a connection");
    *self->fd = self->socket.fd;
    CATCH_AWAIT_CORO(self->body);
    RERAISE(self->suppress ? 0 : self->body->error);
    END;
}
