/* MISTAKE: CATCH_AWAIT keeps the error of recv, a cancellation too, and takes
   it for the end. */
/* SEEN: CATCH_AWAIT keeps a cancellation */
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
        CATCH_AWAIT(sock_recv, .fd = self->socket.fd, .buffer = self->bytes,
                    .size = sizeof self->bytes);
        event = feed(self);
        if (self->sock_recv.coro.error == ECONNRESET)
            RERAISE(ECONNRESET);
    } while (event == HTTP_NEED_MORE);
    if (event == HTTP_FAILED)
        RERAISE(fail(self, task));
    self->status = self->parser.status;
    END;
}
