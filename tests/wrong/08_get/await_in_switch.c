/* MISTAKE: the loop over the events is a switch with an AWAIT inside. */
/* SEEN: an AWAIT stands inside a switch */
#define OWN_GET
#include "given.h"

ASYNC(get)
{
    BEGIN;
    if (prepare(self, &task->error) != 0)
        RERAISE(task->error.code);
    self->socket.loop = task_loop(task);
    AWAIT(dial, .address = &self->address, .fd = &self->socket.fd);
    DEFER(&self->closing, close_socket, &self->socket);
    AWAIT(sock_sendall, .fd = self->socket.fd, .data = self->bytes,
          .size = self->length);
    for (;;) {
        switch ((int)self->parser.status) {
        case 0:
            AWAIT(sock_recv, .fd = self->socket.fd, .buffer = self->bytes,
                  .size = sizeof self->bytes);
            if (feed(self) == HTTP_FAILED)
                RERAISE(fail(self, task));
            break;
        default:
            self->status = self->parser.status;
            RETURN();
        }
    }
    END;
}
