/* MISTAKE: the socket is a local of the body, and locals die at every await.
   */
/* SEEN: a local of the body is used across an await */
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

/* Feeds what sock_recv brought into self->bytes, or that it was the end. */
static enum http_event feed(struct get *self)
{
    struct http_span body;
    size_t used;

    if (self->sock_recv.received == 0)
        return http_parser_eof(&self->parser);
    return http_parser_feed(&self->parser, self->bytes,
                            self->sock_recv.received, &used, &body);
}

/* The parser's complaint as ours. */
static int fail(struct get *self, struct task *task)
{
    return client_error(&task->error, self->url, self->parser.error,
                        self->parser.why);
}

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
