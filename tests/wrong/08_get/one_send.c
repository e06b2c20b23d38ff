/* MISTAKE: one send is taken for the whole request: what the kernel did not
   take is lost. */
/* SEEN: one send is taken for the whole request */
#define OWN_GET
#include "given.h"

#include "sys.h"

ASYNC(get)
{
    enum http_event event;
    ssize_t n;

    BEGIN;
    if (prepare(self, &task->error) != 0)
        RERAISE(task->error.code);
    self->socket.loop = task_loop(task);
    AWAIT(dial, .address = &self->address, .fd = &self->socket.fd);
    DEFER(&self->closing, close_socket, &self->socket);
    n = task_loop(task)->sys->send(self->socket.fd, self->bytes,
                                   self->length, MSG_NOSIGNAL);
    if (n < 0)
        RAISE_ERRNO("send on fd %d", self->socket.fd);
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
