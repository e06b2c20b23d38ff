/* fetch.h - one try: a request within its limits, and its body to the end,
 * kept or counted.
 *
 *     session 09 + limits 10 (+ names 15, TLS 17)  -->  status, bytes, ...
 */
#ifndef LAB_FETCH_H
#define LAB_FETCH_H

#include "10_timeout/client_timeout.h"
#include "18_fetchall/save.h"

/* What is asked for, as often as it takes. The caller's; must stay. */
struct ask {
    struct session *session;
    const char *method; /* NULL: GET */
    const char *url;
    const void *body;
    size_t body_size;
    struct client_timeout limits; /* of each try                         */
    struct save *save; /* where the body of a 2xx goes; NULL: it is only
                          counted                                        */
};

/* Safe to send again (RFC 9110 9.2.2): the first may have been done. */
bool ask_is_idempotent(const struct ask *ask);

/* True if an error says nothing about the next try: no connection, one that
 * broke, time that was up. Not: no URL, no HTTP, no proof of who it is
 * (lesson 17: E_PROTOCOL, too), a full disk, cancelled. A
 * name that does not exist is EHOSTUNREACH like a host that is down: tried
 * again, too. */
bool error_passes(int code);

/* Raises what timed_request and timed_read raise, and what save_* say; then
 * status is 0. A status of 500 is no error. */
struct fetch_once {
    struct coro coro;
    const struct ask *ask;
    int status;             /* out                                       */
    size_t bytes;           /* out: of the body                          */
    int64_t retry_after_ns; /* out: Retry-After in seconds; 0: none, or a
                               date, which we do not read                */
    bool saving;
    struct cleanup closing, dropping;
    struct timed_request timed_request;
    struct timed_read timed_read;
};
ASYNC_DECLARE(fetch_once);

#endif
