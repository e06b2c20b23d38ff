/* way_3_coroutine.c - one GET as a coroutine: the order of the lines is the
 * order of what happens, and every error leaves by the same door. */
#include "06_await/ways.h"

#include <string.h>

ASYNC(coroutine_get)
{
    BEGIN;
    AWAIT(sock_connect, .fd = self->fd, .address = self->address);
    AWAIT(sock_sendall, .fd = self->fd, .data = self->request,
          .size = strlen(self->request));
    while (self->status == 0) {
        AWAIT(sock_recv, .fd = self->fd,
              .buffer = self->answer + self->used,
              .size = ANSWER_SIZE - self->used);
        if (self->sock_recv.received == 0)
            RAISE(E_DISCONNECTED, "GET: closed without an answer");
        self->used += self->sock_recv.received;
        self->status = status_of(self->answer, self->used);
    }
    END;
}
