/* url.h - absolute URLs of http and https, and references to them.
 *
 *     http://localhost:8080/a/b?c=d#frag
 *            ^host     ^port^path^query   (the fragment is never sent)
 *
 * Strict: what is not a URL by RFC 3986 is refused by name, never repaired.
 * Left out: user names, IPv6 zones, percent-decoding.
 */
#ifndef HTTP_URL_H
#define HTTP_URL_H

#include "http/error.h"
#include "http/field.h"

#include <stdint.h>

enum { HTTP_URL_MAX = 8190 }; /* bytes: as long as a request line may be */

struct http_url {
    struct http_span host;  /* without brackets                           */
    struct http_span path;  /* begins with "/"                            */
    struct http_span query; /* begins with "?", or is empty               */
    uint16_t port;          /* 80 (443) when the URL names none           */
    bool secure;            /* https                                      */
    bool bracketed;         /* the host is an IPv6 address                */

    const char *why; /* after a refusal: what was wrong, one sentence      */
    size_t offset;   /* and the byte of the text where it was noticed      */
};

/* Parse an absolute http URL (9110 4.2.1) of at most HTTP_URL_MAX bytes into
 * *url, whose spans point into text. The request target to send is path
 * followed by query. Returns HTTP_OK, HTTP_EMPTY, HTTP_TOO_LARGE,
 * HTTP_BAD_CHAR, HTTP_BAD_PERCENT, HTTP_BAD_SCHEME, HTTP_UNSUPPORTED_SCHEME,
 * HTTP_USERINFO, HTTP_EMPTY_HOST, HTTP_BAD_HOST or HTTP_BAD_PORT. url->why
 * never quotes the text, so a password in it is not repeated. */
enum http_error http_url_parse(struct http_url *url, struct http_span text);

/* The same for who speaks TLS: an https URL (9110 4.2.2), too. */
enum http_error http_url_parse_any(struct http_url *url,
                                   struct http_span text);

/* Parse what a server may receive as a request target (9112 3.2): "/path" or
 * an absolute http URL. "*" and "host:port" belong to methods that the lab
 * does not serve. Errors as above, and HTTP_BAD_TARGET. */
enum http_error http_target_parse(struct http_url *url,
                                  struct http_span target);

/* Parse "host" or "host:port", the value of a Host field (9110 7.2), into
 * url->host and url->port. Errors as http_url_parse. */
enum http_error http_host_parse(struct http_url *url, struct http_span text);

/* Resolve a reference against an absolute base URL (3986 5.2, strict) and
 * write the result, without a terminator, to out. Returns HTTP_OK and sets
 * *len, or HTTP_TOO_LARGE when it does not fit in cap bytes with its dot
 * segments, which are taken out in place. The result is only spliced text:
 * give it to http_url_parse before use. */
enum http_error http_url_resolve(struct http_span base, struct http_span ref,
                                 char *out, size_t cap, size_t *len);

#endif
