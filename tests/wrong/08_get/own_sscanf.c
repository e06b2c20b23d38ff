/* MISTAKE: the head is collected and read by hand: the first status line is
   the answer. */
/* SEEN: the first status line that comes */
#include "08_get/get.h"

#include <stdio.h>
#include <string.h>

static int write_request(struct get *self, struct error *error)
{
    struct http_writer w;

    http_write_request(&w, self->bytes, sizeof self->bytes,
                       http_text("GET"), &self->parts);
    http_write_field(&w, http_text("Connection"), http_text("close"));
    if (http_write_end(&w, 0) != HTTP_OK)
        return client_error(error, self->url, w.error, w.why);
    self->length = w.len;
    return 0;
}

/* Fills in address, bytes, length and parser. 0, or a code with words. */
static int prepare(struct get *self, struct error *error)
{
    enum http_error class = http_url_parse(&self->parts,
                                           http_text(self->url));
    int code;

    if (class != HTTP_OK)
        return client_error(error, self->url, class, self->parts.why);
    code = client_address(&self->address, &self->parts, error);
    if (code == 0)
        code = write_request(self, error);
    http_response_init(&self->parser, NULL, self->head, sizeof self->head,
                       false);
    return code;
}

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
