/* MISTAKE: recv into `bytes` is told the size of `head`. */
/* SEEN: recv is given more room than there is */
#include "08_get/get.h"

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

static int parse_url(struct get *self, struct error *error)
{
    enum http_error class = http_url_parse(&self->parts,
                                           http_text(self->url));

    if (class != HTTP_OK)
        return client_error(error, self->url, class, self->parts.why);
    return client_address(&self->address, &self->parts, error);
}

static enum http_event parse(struct get *self)
{
    struct http_span body;
    size_t used;

    if (self->sock_recv.received == 0)
        return http_parser_eof(&self->parser);
    return http_parser_feed(&self->parser, self->bytes,
                            self->sock_recv.received, &used, &body);
}

ASYNC(get)
{
    enum http_event event;

    BEGIN;
    if (parse_url(self, &task->error) != 0
        || write_request(self, &task->error) != 0)
        RERAISE(task->error.code);
    self->socket = (struct open_socket){ task_loop(task), -1 };
    AWAIT(dial, .address = &self->address, .fd = &self->socket.fd);
    DEFER(&self->closing, close_socket, &self->socket);
    AWAIT(sock_sendall, .fd = self->socket.fd, .data = self->bytes,
          .size = self->length);
    http_response_init(&self->parser, NULL, self->head, sizeof self->head,
                       false);
    do {
        AWAIT(sock_recv, .fd = self->socket.fd, .buffer = self->bytes,
              .size = sizeof self->head);
        event = parse(self);
    } while (event == HTTP_NEED_MORE);
    if (event == HTTP_FAILED)
        RERAISE(client_error(&task->error, self->url, self->parser.error,
                             self->parser.why));
    self->status = self->parser.status;
    END;
}
