/* writer.h - heads and bodies into a caller's buffer, nothing smuggled in.
 *
 *     http_write_request(&w, buf, cap, http_text("GET"), &url);
 *     http_write_field(&w, http_text("Accept"), http_text("text/plain"));
 *     error = http_write_end(&w, 0);        send buf[0 .. w.len)
 *
 * Every byte that a caller passes is checked, for CR and LF in a value would
 * let it write fields, or requests, of its own (9112 11.1, 11.2). The writer
 * alone writes Host and the framing fields. Errors stick, as in a stream: the
 * first one is kept, w.len becomes 0, later calls do nothing, so one test at
 * the end is enough and a half-written head cannot reach the wire.
 */
#ifndef HTTP_WRITER_H
#define HTTP_WRITER_H

#include "http/error.h"
#include "http/field.h"
#include "http/url.h"

#include <stdint.h>

/* Instead of a body length: unknown, the body will be sent in chunks. */
#define HTTP_CHUNKED UINT64_MAX

struct http_writer {
    char *buf;             /* the caller's                               */
    size_t cap, len;       /* len bytes are written                      */
    enum http_error error; /* the first error                            */
    const char *why;       /* and its sentence                           */
    bool close;            /* a field said "Connection: close"           */
    /* private */
    bool may_have_body, wants_length, chunked;
    uint64_t body_left;
};

/* Begin a request for url->path and url->query. HTTP_BAD_METHOD: not a token.
 * HTTP_BAD_TARGET: path or query holds a byte that no target may hold. */
enum http_error http_write_request(struct http_writer *w, char *buf,
                                   size_t cap, struct http_span method,
                                   const struct http_url *url);

/* Begin a response. to_head: the request was HEAD, so a length may be told
 * but no body written. HTTP_BAD_STATUS: not 100..599. HTTP_BAD_REASON. */
enum http_error http_write_response(struct http_writer *w, char *buf,
                                    size_t cap, int status,
                                    struct http_span reason, bool to_head);

/* Add a field. HTTP_BAD_HEADER_NAME: not a token. HTTP_BAD_HEADER_VALUE: a
 * control byte. HTTP_CONFLICTING_FRAMING: Content-Length, Transfer-Encoding
 * or Host, which are the writer's own. */
enum http_error http_write_field(struct http_writer *w, struct http_span name,
                                 struct http_span value);

/* End the head: write the framing fields for a body of body_len bytes (or
 * HTTP_CHUNKED) and the empty line. HTTP_BODY_NOT_ALLOWED: a body announced
 * for a 1xx, 204 or 304 (9110 15.3.5, 15.4.5). */
enum http_error http_write_end(struct http_writer *w, uint64_t body_len);

/* Append a piece of the body; with HTTP_CHUNKED, as one chunk. Large bodies
 * may be sent from elsewhere instead. HTTP_BODY_NOT_ALLOWED: more than was
 * announced, or any body after 1xx, 204, 304 or to HEAD. */
enum http_error http_write_body(struct http_writer *w, struct http_span data);

/* Append the last chunk after HTTP_CHUNKED. */
enum http_error http_write_last_chunk(struct http_writer *w);

#endif
