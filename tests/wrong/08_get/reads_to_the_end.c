/* MISTAKE: it reads until the server closes, not until the head is there. */
/* SEEN: or for the end of the connection, which may never come */
#define OWN_GET
#include "given.h"

ASYNC(get)
{
    enum http_event event;

    BEGIN;
    if (prepare(self, &task->error) != 0)
        RERAISE(task->error.code);
    self->socket.loop = task_loop(task);
    AWAIT(dial, .address = &self->address, .fd = &self->socket.fd);
    DEFER(&self->closing, close_socket, &self->socket);
    AWAIT(sock_sendall, .fd = self->socket.fd, .data = self->bytes,
          .size = self->length);
    do {
        AWAIT(sock_recv, .fd = self->socket.fd, .buffer = self->bytes,
              .size = sizeof self->bytes);
        event = feed(self);
        if (event == HTTP_GOT_HEAD)
            self->status = self->parser.status;
    } while (self->sock_recv.received > 0);
    if (self->status == 0 && event == HTTP_FAILED)
        RERAISE(fail(self, task));
    END;
}
