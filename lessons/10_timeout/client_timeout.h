/* client_timeout.h - how long a request may take, and each part of it.
 *
 *     |------------------------- total --------------------------|
 *     |------- connect -------|                                   |
 *     | place in  | sock_     | send | wait | head | body | body  |
 *     | the pool  | connect   |      |-sock_read-|-sock_read-|    |
 *
 * aiohttp.ClientTimeout. total raises E_TIMEOUT, the others
 * E_SERVER_TIMEOUT.
 */
#ifndef LAB_CLIENT_TIMEOUT_H
#define LAB_CLIENT_TIMEOUT_H

#include "09_session/session.h"
#include "10_timeout/timeout.h"

/* ns; 0: no limit (row H16). The first three, from 5 s on, end at a whole
 * second of the loop's clock: up to a second late, never early (row H17). */
struct client_timeout {
    int64_t total;        /* everything, reading the body included (H11)  */
    int64_t connect;      /* waiting for the pool, looking the host up and
                             connecting (H12)                             */
    int64_t sock_connect; /* connecting to one address alone (H13)        */
    int64_t sock_read;    /* the longest silence between two reads (H14)  */
};
/* What a session has unless told otherwise: five minutes in all. */
#define CLIENT_TIMEOUT_DEFAULT ((struct client_timeout){ \
    .total = SECONDS(300) })

/* Python's `except TimeoutError` catches both; this is true for both (row
 * H18). */
static inline bool error_is_timeout(int code)
{
    return code == E_TIMEOUT || code == E_SERVER_TIMEOUT;
}

/* One limit around one phase. */
struct limited {
    struct coro coro;
    int64_t limit_ns; /* > 0 */
    struct coro *body;
    const char *what; /* for the error's words */
    struct timeout timeout;
};
ASYNC_DECLARE(limited);

/* A request within limits: the session's, or its own `instead`, which
 * replaces them as a whole, it is not merged field by field (row H15).
 * Raises what request raises, and the two timeouts: "Connection timeout to
 * host URL", "Timeout on reading data from socket" (aiohttp's words), "total
 * timeout while PHASE". Then, and when it is cancelled, the connection is
 * closed and its place in the pool free. The response is read by timed_read,
 * which the same limits hold for, and closed by
 * response_close(&timed_request.request.response); until then this frame
 * must stay. */
struct timed_request {
    struct coro coro;
    struct request request; /* in: all that request takes, but its coro */
    struct client_timeout limits;         /* the session's              */
    const struct client_timeout *instead; /* our own; NULL: none        */
    int64_t deadline_ns;    /* of total; 0: none */
    const char *phase;      /* what it is doing  */
    struct request_wrap wrap;
    char host_text[60];
    struct limited connect, sock_connect, sock_read;
    struct timeout timeout;
};
ASYNC_DECLARE(timed_request);

/* response_read for the response of a timed_request. */
struct timed_read {
    struct coro coro;
    struct timed_request *from;
    struct http_span piece; /* out */
    struct response_read response_read;
    struct timeout timeout;
};
ASYNC_DECLARE(timed_read);

#endif
