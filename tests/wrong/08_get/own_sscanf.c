/* MISTAKE: the head is collected and read by hand: the first status line is
   the answer. */
/* SEEN: the first status line that comes */
#define OWN_GET
#include "given.h"

#include <stdio.h>

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
    self->length = 0;
    do {
        AWAIT(sock_recv, .fd = self->socket.fd,
              .buffer = self->bytes + self->length,
              .size = sizeof self->bytes - 1 - self->length);
        if (self->sock_recv.received == 0)
            RAISE(E_DISCONNECTED, "%s: closed", self->url);
        self->length += self->sock_recv.received;
        self->bytes[self->length] = '\0';
    } while (strstr(self->bytes, "\r\n\r\n") == NULL);
    if (sscanf(self->bytes, "HTTP/1.1 %d", &self->status) != 1)
        RAISE(E_PROTOCOL, "%s: not HTTP", self->url);
    END;
}
