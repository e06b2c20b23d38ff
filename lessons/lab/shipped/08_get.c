/* exercise.c - write the exchange: connect, ask, read the head, hang up.
 *
 * The contract is in get.h and in README.md, "Do". Given: the request as
 * bytes[0..length), the address, and a parser to feed. Yours: the order of
 * the awaits, the promise to close, and the loop that reads until the head
 * is complete, however it is cut.
 *
 *   AWAIT(dial, ...)          a connected socket in self->socket.fd; on error
 *                             and cancellation there is none
 *   close_socket              a cleanup for &self->socket: both its members
 *                             are yours to set, the loop, too
 *   AWAIT(sock_sendall, ...)  all of it, however small the pieces
 *   AWAIT(sock_recv, ...)     self->sock_recv.received bytes; 0: the end
 *
 * feed() gives HTTP_NEED_MORE until the head is complete (HTTP_GOT_HEAD,
 * then self->parser.status is there) or will never be (HTTP_FAILED; then
 * RERAISE(fail(self, task))).
 */
#include "08_get/get.h"

#include "stage/todo.h"

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

/* Feeds what sock_recv brought into self->bytes, or that it was the end.
 * Not static, so that the compiler does not mind it while it is unused. */
enum http_event feed(struct get *self);
enum http_event feed(struct get *self)
{
    struct http_span body;
    size_t used;

    if (self->sock_recv.received == 0)
        return http_parser_eof(&self->parser);
    return http_parser_feed(&self->parser, self->bytes,
                            self->sock_recv.received, &used, &body);
}

/* The parser's complaint as ours. */
int fail(struct get *self, struct task *task);
int fail(struct get *self, struct task *task)
{
    return client_error(&task->error, self->url, self->parser.error,
                        self->parser.why);
}

ASYNC(get)
{
    BEGIN;
    if (prepare(self, &task->error) != 0)
        RERAISE(task->error.code);
    TODO("dial, promise to close, send, receive until the head is there");
    END;
}
