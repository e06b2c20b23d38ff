/* MISTAKE: the socket is a local of the body, and locals die at every await.
   */
/* SEEN: a local of the body is used across an await */
#define OWN_GET
#include "given.h"

ASYNC(get)
{
    struct open_socket open = { task_loop(task), -1 };
    enum http_event event;

    BEGIN;
    if (prepare(self, &task->error) != 0)
        RERAISE(task->error.code);
    AWAIT(dial, .address = &self->address, .fd = &open.fd);
    DEFER(&self->closing, close_socket, &open);
    AWAIT(sock_sendall, .fd = open.fd, .data = self->bytes,
          .size = self->length);
    do {
        AWAIT(sock_recv, .fd = open.fd, .buffer = self->bytes,
              .size = sizeof self->bytes);
        event = feed(self);
    } while (event == HTTP_NEED_MORE);
    if (event == HTTP_FAILED)
        RERAISE(fail(self, task));
    self->status = self->parser.status;
    END;
}
