/* request.h - what an origin server must say before it looks at the path.
 *
 * The parser knows grammar and framing; this is policy: which methods exist,
 * which targets make sense, what Host must be, and which status code answers
 * which error. Pure functions over a parser.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "http/parser.h"
#include "http/url.h"

struct http_answer {
    int status;      /* 0: serve the request; else answer with this status */
    bool then_close; /* and close the connection after the answer          */
    const char *why; /* one sentence, "" when status is 0                  */
};

/* Judge a request after HTTP_GOT_HEAD (the body may still come) or after
 * HTTP_FAILED. *url receives the parsed target when status is 0: path
 * and query for the router. An answer that does not close is sent when the
 * body has been read. Status codes: 400 malformed, 413 body too large, 414
 * target too long, 417 an Expect that cannot be met, 431 head too large, 501
 * unknown method or coding, 505 version (9110 15.5, 15.6). */
struct http_answer http_request_judge(const struct http_parser *p,
                                      struct http_url *url);

/* Does the client wait for "100 Continue" before it sends the body (9110
 * 10.1.1)? */
bool http_request_expects_continue(const struct http_parser *p);

#endif
