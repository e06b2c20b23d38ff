/* MISTAKE: TRY_AWAIT keeps the error of dial, and nobody looks at it. */
/* SEEN: nobody looked at the error of dial */
#define OWN_GET
#include "given.h"

ASYNC(get)
{
    enum http_event event;

    BEGIN;
    if (prepare(self, &task->error) != 0)
        RERAISE(task->error.code);
    self->socket.loop = task_loop(task);
    TRY_AWAIT(dial, .address = &self->address, .fd = &self->socket.fd);
    DEFER(&self->closing, close_socket, &self->socket);
    AWAIT(sock_sendall, .fd = self->socket.fd, .data = self->bytes,
          .size = self->length);
    do {
        AWAIT(sock_recv, .fd = self->socket.fd, .buffer = self->bytes,
              .size = sizeof self->bytes);
        event = feed(self);
    } while (event == HTTP_NEED_MORE);
    if (event == HTTP_FAILED)
        RERAISE(fail(self, task));
    self->status = self->parser.status;
    END;
}
