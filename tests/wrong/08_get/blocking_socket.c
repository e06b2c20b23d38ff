/* MISTAKE: it makes a blocking socket of its own: recv sleeps, and the server,
   in the same thread, never runs. */
/* SEEN: a system call of the body's own sleeps */
#define OWN_GET
#include "given.h"

ASYNC(get)
{
    enum http_event event;
    ssize_t n;

    BEGIN;
    if (prepare(self, &task->error) != 0)
        RERAISE(task->error.code);
    self->socket.loop = task_loop(task);
    self->socket.fd = socket(AF_INET, SOCK_STREAM, 0);
    DEFER(&self->closing, close_socket, &self->socket);
    if (connect(self->socket.fd, (struct sockaddr *)&self->address.storage,
                self->address.length) != 0)
        RAISE_ERRNO("connect");
    AWAIT(sock_sendall, .fd = self->socket.fd, .data = self->bytes,
          .size = self->length);
    do {
        n = recv(self->socket.fd, self->bytes, sizeof self->bytes, 0);
        if (n < 0)
            RAISE_ERRNO("recv");
        self->sock_recv.received = (size_t)n;
        event = feed(self);
    } while (event == HTTP_NEED_MORE);
    if (event == HTTP_FAILED)
        RERAISE(fail(self, task));
    self->status = self->parser.status;
    END;
}
