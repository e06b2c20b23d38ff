/* given.h - exercise.c of lesson 08, written right. A wrong answer defines
 * OWN_ and the name of each function that it gets wrong, and writes that.
 */
#include "08_get/get.h"

#include <string.h>

enum http_event feed(struct get *self);
int fail(struct get *self, struct task *task);

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

#ifndef OWN_FEED
enum http_event feed(struct get *self)
{
    struct http_span body;
    size_t used;

    if (self->sock_recv.received == 0)
        return http_parser_eof(&self->parser);
    return http_parser_feed(&self->parser, self->bytes,
                            self->sock_recv.received, &used, &body);
}
#endif

int fail(struct get *self, struct task *task)
{
    return client_error(&task->error, self->url, self->parser.error,
                        self->parser.why);
}

#ifndef OWN_GET
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
    } while (event == HTTP_NEED_MORE);
    if (event == HTTP_FAILED)
        RERAISE(fail(self, task));
    self->status = self->parser.status;
    END;
}
#endif
