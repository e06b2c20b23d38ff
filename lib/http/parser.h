/* parser.h - HTTP/1.1 messages from any fragmentation of their bytes.
 *
 *     start line | fields | empty line | body | DONE       (RFC 9112)
 *     `----------- head -------------'
 *
 * One parser for responses and requests: only the start line and a few rules
 * about bodies differ. It does no I/O and allocates nothing. The head is kept
 * in the caller's buffer; the body is handed out as spans of the caller's
 * data. What is malformed is refused at the byte that shows it, and nothing
 * is repaired. Trailer fields are checked and dropped. Left out: codings
 * other than chunked, upgrades, HTTP/0.9.
 *
 *     for (;;) {
 *         event = http_parser_feed(&p, data, len, &used, &body);
 *         data += used, len -= used;
 *         if (event == HTTP_NEED_MORE) { read more into data; continue; }
 *         ...
 *     }
 */
#ifndef HTTP_PARSER_H
#define HTTP_PARSER_H

#include "http/chunk.h"
#include "http/error.h"
#include "http/field.h"

#include <stdint.h>

/* Each limit holds across fragments and before a byte is stored. */
struct http_limits {
    size_t line;       /* bytes of a line, CRLF not counted            8190 */
    size_t head;       /* bytes of head and trailer together         65,536 */
    size_t fields;     /* fields of head and trailer together           100 */
    size_t chunk_line; /* bytes of a chunk-size line, without CRLF      256 */
    size_t chunk_ext;  /* bytes of chunk extensions in a message     16,384 */
    size_t skips;      /* interim responses, or empty lines before
                          a request                                      16 */
    uint64_t body;     /* bytes of body                              16 MiB */
};
extern const struct http_limits http_default_limits;

enum http_event {
    HTTP_NEED_MORE, /* all data is used up: feed the next fragment         */
    HTTP_GOT_HEAD,  /* status or method, fields and framing are readable   */
    HTTP_GOT_BODY,  /* the span is the next piece of the body              */
    HTTP_GOT_ALL,   /* the message is complete                             */
    HTTP_FAILED     /* error, why and offset say what was wrong            */
};

enum http_phase {
    HTTP_IN_START_LINE,
    HTTP_IN_FIELDS, /* of the head                    */
    HTTP_IN_BODY,   /* trailer included               */
    HTTP_COMPLETE
};

struct http_parser {
    /* Read these after HTTP_GOT_HEAD. Spans point into the head buffer. */
    int status;               /* response: 100..999                        */
    struct http_span reason;  /* response: may be empty                    */
    struct http_span method;  /* request                                   */
    struct http_span target;  /* request: as it came                       */
    int minor;                /* the x of HTTP/1.x                         */
    struct http_span fields;  /* for http_field_find and its siblings      */
    struct http_span host;    /* the last Host, hosts of them              */
    struct http_span expect;  /* the last Expect, or at == NULL            */
    unsigned hosts;
    bool has_length;          /* the message declared Content-Length       */
    uint64_t length;          /* and this is it                            */
    unsigned codings;         /* members of Transfer-Encoding, of which    */
    unsigned chunked;         /* this many are "chunked"                   */
    size_t skipped;           /* interim responses, or empty lines         */
    uint64_t body_seen;       /* bytes of body handed out so far           */

    /* Read these after HTTP_FAILED. */
    enum http_error error;
    const char *why;          /* one sentence                              */
    uint64_t offset;          /* of the offending byte in all bytes fed    */

    /* Private. */
    const struct http_limits *limits;
    char *buf;
    size_t cap, used;         /* the head buffer                           */
    size_t name_at, value_at; /* where the current field begins in buf     */
    uint64_t value_offset, framing_offset; /* where an error may point     */
    size_t line, head, field_count; /* counted against the limits          */
    uint64_t left;            /* bytes to come of the body or chunk        */
    struct http_chunk chunk;
    unsigned char state;
    unsigned char digits;     /* read so far of a version or status code   */
    int major;
    bool is_request, to_head, head_ready, field_open, in_trailer;
    bool close, keep_alive, extra, closed;
};

/* Prepare for one response. limits may be NULL (the defaults); limits and buf
 * must outlive the parser. A head over cap bytes is HTTP_TOO_LARGE. to_head:
 * the request was HEAD, so no body follows whatever the fields say. */
void http_response_init(struct http_parser *p,
                        const struct http_limits *limits, char *buf,
                        size_t cap, bool to_head);

/* Prepare for one request; limits and buf as above. */
void http_request_init(struct http_parser *p, const struct http_limits *limits,
                       char *buf, size_t cap);

/* Parse on: len bytes at data follow what was fed before. Returns at the
 * first event; *consumed bytes are done with, and the caller feeds the rest
 * (maybe nothing) again until it is told HTTP_NEED_MORE, HTTP_GOT_ALL or
 * HTTP_FAILED. *body is set by HTTP_GOT_BODY only and points into data.
 * HTTP_GOT_ALL consumes nothing beyond the message: what is left over begins
 * the next request, or spoils the connection of a response. Final events
 * repeat. Interim (1xx) responses are checked and skipped (9110 15.2). */
enum http_event http_parser_feed(struct http_parser *p, const char *data,
                                 size_t len, size_t *consumed,
                                 struct http_span *body);

/* The peer closed; call it after HTTP_NEED_MORE or a final event. Returns
 * HTTP_GOT_ALL when the message is complete (now) or HTTP_FAILED with
 * HTTP_CLOSED_BEFORE_REQUEST, HTTP_CLOSED_BEFORE_RESPONSE (not one byte came:
 * the only case in which a request may be sent again, 9110 9.2.2),
 * HTTP_CLOSED_IN_HEAD or HTTP_CLOSED_IN_BODY (9112 8). */
enum http_event http_parser_eof(struct http_parser *p);

/* May the connection carry another message after this complete one (9112
 * 9.3)? False after "close", HTTP/1.0 without keep-alive, a body that ended
 * with the connection, a 204 with framing fields, or bytes too many. */
bool http_parser_reusable(const struct http_parser *p);

/* How far the message has come, for "timed out in the response head". */
enum http_phase http_parser_phase(const struct http_parser *p);

#endif
