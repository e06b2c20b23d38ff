/* MISTAKE: it makes a blocking socket of its own: recv sleeps, and the server,
   in the same thread, never runs. */
/* SEEN: a system call of the body's own sleeps */
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
    enum http_event event;
    ssize_t n;

    BEGIN;
    if (prepare(self, &task->error) != 0)
        RERAISE(task->error.code);
    self->socket.loop = task_loop(task);
    self->socket.fd = socket(AF_INET, SOCK_STREAM, 0);
    DEFER(&self->closing, close_socket, &self->socket);
    if (connect(self->socket.fd, (struct sockaddr *)&self->address.storage,
                self->address.length) != 0)
        RAISE_ERRNO("connect");
    AWAIT(sock_sendall, .fd = self->socket.fd, .data = self->bytes,
          .size = self->length);
    do {
        n = recv(self->socket.fd, self->bytes, sizeof self->bytes, 0);
        if (n < 0)
            RAISE_ERRNO("recv");
        self->sock_recv.received = (size_t)n;
        event = feed(self);
    } while (event == HTTP_NEED_MORE);
    if (event == HTTP_FAILED)
        RERAISE(fail(self, task));
    self->status = self->parser.status;
    END;
}
