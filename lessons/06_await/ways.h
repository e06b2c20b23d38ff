/* ways.h - one GET, written three times.
 *
 * The same three waits - connected, writable, readable - as callbacks, as a
 * state machine by hand, and as a coroutine. The last two are the same
 * code: preprocess one and you read the other (macros.md, and a test that
 * compares them token by token).
 *
 * The socket is the caller's in all three: non-blocking, closed by the
 * caller. Left out: everything about HTTP but the status line.
 */
#ifndef LAB_WAYS_H
#define LAB_WAYS_H

#include "loop/loop.h"
#include "loop/net.h"

enum { ANSWER_SIZE = 256 };

/* The number in "HTTP/1.1 200 OK": 0 while it is not complete, or when it
 * is something else. */
int status_of(const char *answer, size_t size);

/* 1: callbacks. Starts at once; `done` is done when it is over, with
 * `status`, or with `error`. Raises ECONNREFUSED and its like, and
 * E_DISCONNECTED if the peer closes before the status is there. It cannot
 * be cancelled: that would be one more function. */
struct callback_get {
    struct loop *loop;
    int fd;
    const struct address *address;
    const char *request;
    int status;
    struct future done;
    struct error error;
    struct watch watch;
    struct callback ready;
    size_t sent, used;
    char answer[ANSWER_SIZE];
};
void callback_get_start(struct callback_get *self, struct loop *loop);

/* 2: a state machine by hand. A coroutine for whoever awaits it. */
struct machine_get {
    struct coro coro;
    int fd;
    const struct address *address;
    const char *request;
    int status; /* out */
    size_t used;
    struct sock_connect sock_connect;
    struct sock_sendall sock_sendall;
    struct sock_recv sock_recv;
    char answer[ANSWER_SIZE];
};
ASYNC_DECLARE(machine_get);

/* 3: a coroutine. The same members. */
struct coroutine_get {
    struct coro coro;
    int fd;
    const struct address *address;
    const char *request;
    int status; /* out */
    size_t used;
    struct sock_connect sock_connect;
    struct sock_sendall sock_sendall;
    struct sock_recv sock_recv;
    char answer[ANSWER_SIZE];
};
ASYNC_DECLARE(coroutine_get);

#endif
