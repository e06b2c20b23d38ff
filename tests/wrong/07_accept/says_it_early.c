/* MISTAKE: "Closed connection" is said, and then it is closed. */
/* SEEN: is said before it is true */
#include "07_accept/accept.h"

static void say(const struct connected_socket *self, const char *line)
{
    if (self->say != NULL)
        self->say(self->arg, line);
}

static void say_exiting(void *arg)
{
    say(arg, "Exiting context manager");
}

static void leave(void *arg)
{
    struct connected_socket *self = arg;


    *self->fd = -1;
    say(self, "Closed connection");
    close_socket(&self->socket);
}

ASYNC(connected_socket)
{
    BEGIN;
    *self->fd = -1;
    say(self, "Entering context manager, waiting for connection");
    AWAIT(sock_accept, .listener = self->listener);
    self->socket = (struct open_socket){ task_loop(task),
                                         self->sock_accept.fd };
    DEFER(&self->closing, leave, self);
    if (self->bye != NULL)
        DEFER_AWAIT(&self->parting, self->bye);
    DEFER(&self->exiting, say_exiting, self);
    say(self, "Accepted a connection");
    *self->fd = self->socket.fd;
    CATCH_AWAIT_CORO(self->body);
    if (self->body->error != 0 && !self->suppress)
        RERAISE(self->body->error);
    END;
}
