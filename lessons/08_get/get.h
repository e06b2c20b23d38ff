/* get.h - one GET, once: connect, ask, read the head, hang up.
 *
 *     AWAIT(get, .url = "http://127.0.0.1:8080/");
 *     printf("%d\n", self->get.status);
 *
 * Left out: everything that a session adds in lesson 09.
 */
#ifndef LAB_GET_H
#define LAB_GET_H

#include "http/parser.h"
#include "http/writer.h"
#include "loop/loop.h"
#include "loop/net.h"

/* What a client has against a URL, a response or its own request: fills
 * *error for "OPERATION: why". E_INVALID_URL, E_SCHEME (not http), E_VALUE
 * (what the caller passed), E_DISCONNECTED (closed without an answer),
 * E_EOF (closed in the middle), E_PROTOCOL (malformed). Returns the code. */
int client_error(struct error *error, const char *operation,
                 enum http_error class, const char *why);

/* The socket address of a URL: numeric hosts, and "localhost" is 127.0.0.1;
 * other names come in lesson 15. 0, or E_VALUE with words. */
int client_address(struct address *address, const struct http_url *url,
                   struct error *error);

/* GET url; its status, 4xx and 5xx included: those are answers, not errors
 * (row H21). Raises what connect says, or client_error's codes. Nothing is
 * left open on any way out. */
struct get {
    struct coro coro;
    const char *url;
    int status; /* out */
    struct http_url parts;
    struct address address;
    struct open_socket socket;
    struct cleanup closing;
    struct http_parser parser;
    char head[8192];
    char bytes[4096];
    size_t length;
    union { /* never two at once, so they share the room */
        struct dial dial;
        struct sock_sendall sock_sendall;
        struct sock_recv sock_recv;
    };
};
ASYNC_DECLARE(get);

#endif
