/* session.h - many requests, few connections: a keep-alive pool.
 *
 *     session_open(&self->session, loop, SESSION_DEFAULTS);
 *     AWAIT(request, .session = &self->session, .url = url);
 *     ... self->request.response.status ...
 *     response_close(&self->request.response);
 *
 *               +-- idle: last in, first out --+
 *     acquire --+                              +--> busy (at most `limit`)
 *               +-- dial a new one ------------+        |
 *     waiters: first come, first served  <--- a slot ---+ response_close
 *
 * asyncio users know it as aiohttp.ClientSession. One FIFO of waiters for
 * all hosts, where aiohttp shuffles between hosts (row H05), and a slot
 * given to a waiter that is cancelled goes on to the next (H07: aiohttp up
 * to 3.10 loses it). Timeouts are lesson 10, names of hosts lesson 15, https
 * lesson 17: each hangs on a pointer here.
 */
#ifndef LAB_SESSION_H
#define LAB_SESSION_H

#include "08_get/get.h"

/* What a URL says to connect to: the key of the pool. A name that has been
 * looked up stays a name here, so that the next request need not ask. */
struct endpoint {
    char host[256]; /* lower case, without brackets */
    unsigned port;
    bool secure; /* https */
};

struct look_up;
struct dial_tls;

/* Who knows the addresses of a name. Lesson 15 has one. */
struct resolver {
    /* Completes question->answered, now or later: question->found is filled
     * and counted, or it is an error whose words are question->error. */
    void (*ask)(struct resolver *resolver, struct look_up *question);
    /* Nobody waits any more; the question's frame goes away. */
    void (*forget)(struct resolver *resolver, struct look_up *question);
};

/* Who speaks TLS for us: its connections are fds like any other. Lesson 17
 * has one. */
struct tls {
    /* Completes question->answered, now or later: *question->fd is connected
     * to question->address, and whoever is there has proved to be
     * question->endpoint's host; or the words of why not are
     * question->error. */
    void (*ask)(struct tls *tls, struct dial_tls *question);
    /* Nobody waits any more; the question's frame goes away. Where an answer
     * came too late *question->fd stays, to be closed. */
    void (*forget)(struct tls *tls, struct dial_tls *question);
    /* recv gave 0. If its peer said goodbye 0, otherwise a code with words:
     * somebody else may have cut it off. */
    int (*ending)(struct tls *tls, int fd, struct error *error);
    /* For net_close. */
    void (*close)(struct tls *tls, int *fd);
};

struct session_options {
    size_t limit;          /* connections in use at once; 0: no limit    */
    size_t limit_per_host; /* of them to one endpoint;    0: no limit    */
    int64_t keepalive_ns;  /* an idle connection is closed after that    */
    bool force_close;      /* never reuse                                */
    struct resolver *resolver; /* NULL: numeric hosts and localhost only */
    struct tls *tls;           /* NULL: no https                         */
};
#define SESSION_DEFAULTS ((struct session_options){ .limit = 100,         \
    .keepalive_ns = SECONDS(15) })

struct session {
    struct loop *loop;
    struct session_options options;
    struct link idle, busy; /* struct pooled, the latest last */
    struct link waiters;    /* struct acquire                 */
    size_t in_use;
    bool closed;
    struct timer expiry;    /* of the oldest idle connection  */
    /* what happened */
    size_t opened, reused, retried;
};

/* Addresses that a name may have, and that are dialled in turn. */
enum { LOOK_UP_MOST = 8 };

/* A connection of the pool, or a place for one (fd -1). */
struct pooled {
    struct link link;
    struct session *session;
    struct endpoint key;
    struct open_socket socket;
    int64_t idle_since;
    bool used_before;
    bool last; /* exchange: we said "close", or half of a request */
    struct http_parser parser;
    size_t at, end; /* of `bytes`: read and not parsed yet */
    char head[8192];
    union {
        char bytes[16384];
        struct address found[LOOK_UP_MOST]; /* until it is connected */
    };
};

/* Nothing is connected yet. *session must stay until session_close and
 * until every request has ended. */
void session_open(struct session *session, struct loop *loop,
                  struct session_options options);

/* Closes idle connections and breaks off the others: a request in flight
 * raises E_DISCONNECTED, one that comes later E_CLOSED (row H23). Idempotent;
 * a cleanup. */
void session_shut(void *session);

/* async with session: session_shut, and one turn for the others (H24). */
struct session_close {
    struct coro coro;
    struct session *session;
};
ASYNC_DECLARE(session_close);

/* A place in the pool for `key`: at once, or when it is our turn. *pooled is
 * an idle connection, the one used last (H02), dead or alive, or has fd -1
 * and wants to be dialled. To be given back by session_release. Raises
 * E_CLOSED, ENOMEM. */
struct acquire {
    struct coro coro;
    struct session *session;
    struct endpoint key;
    struct pooled *pooled; /* out */
    struct link link;
    struct future granted;
};
ASYNC_DECLARE(acquire);

/* What a request does can be wrapped: lesson 10 puts timeouts around it. */
enum request_phase {
    PHASE_CONNECT,      /* a place in the pool, and the next two, if it
                           is empty; they are inside this one           */
    PHASE_RESOLVE,      /* from the host's name to its addresses        */
    PHASE_SOCK_CONNECT, /* dialling one of them                         */
    PHASE_SEND,
    PHASE_READ          /* one recv, of the head or of the body         */
};
struct request_wrap {
    /* Gives a coroutine that awaits `body`, or body itself. */
    struct coro *(*around)(struct request_wrap *wrap,
                           enum request_phase phase, struct coro *body);
};

/* body, wrapped if there is a wrap. */
struct coro *request_around(struct request_wrap *wrap,
                            enum request_phase phase, struct coro *body);

/* The addresses of an endpoint, the best first. A numeric host is its own
 * address and asks nobody; other names go to the resolver, and without one
 * only localhost has an address. Raises what the resolver says, E_VALUE. */
struct look_up {
    struct coro coro;
    struct session *session;
    const struct endpoint *endpoint;
    struct address *found; /* room for LOOK_UP_MOST */
    size_t count;          /* out */
    struct future answered; /* the resolver's, with the two below */
    struct error error;
    struct link link;
};
ASYNC_DECLARE(look_up);

/* dial, by somebody who speaks TLS. */
struct dial_tls {
    struct coro coro;
    struct tls *tls;
    const struct endpoint *endpoint;
    const struct address *address;
    int *fd;
    struct future answered; /* tls's, with the next one */
    struct error error;
};
ASYNC_DECLARE(dial_tls);

/* acquire, and if the place is empty, or its connection has died: look the
 * host up and dial, one address after another, until one answers. *pooled is
 * connected. What only a dial needs lives in the place itself: a thousand
 * frames may wait for one. */
struct connect_pooled {
    struct coro coro;
    struct session *session;
    const struct http_url *url;
    bool fresh; /* not a kept one: the last of those was dead, and where one
                   server closed one, it may have closed them all */
    struct request_wrap *wrap;
    struct pooled *pooled; /* out */
    struct cleanup on_error;
    size_t i, count; /* of pooled->found: dialled, known */
    union {
        struct acquire acquire;
        struct look_up look_up;
        struct dial dial;
        struct dial_tls dial_tls;
    };
};
ASYNC_DECLARE(connect_pooled);

/* The delay that ends at the next whole second of the loop's clock, delay_ns
 * from now or later. For limits so long that nobody minds, and many of which
 * then end at the same time (row H17). */
int64_t until_whole_second(const struct loop *loop, int64_t delay_ns);

/* Gives what places are free to those who wait. For whoever frees one. */
void session_grant(struct session *session);

/* A place in use from now on: an idle connection to `key`, the one used
 * last, or one with fd -1. NULL: no memory. Whether there is room is asked
 * before. */
struct pooled *session_take(struct session *session,
                            const struct endpoint *key);

/* Room for a place, for free(); NULL: no memory. */
struct pooled *session_memory(void);

/* Where a URL that has been parsed says to connect to. */
struct endpoint endpoint_of(const struct http_url *url);

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);

/* close_socket, for whoever is at its other end. */
void pooled_close(struct pooled *pooled);

/* Back to the pool, or closed if it cannot be used again. */
void session_release(struct pooled *pooled, bool reusable);

/* What a request gives. Closed by response_close, in any state. */
struct response {
    int status;
    struct pooled *pooled; /* NULL: closed */
    bool complete;         /* the whole body has been received */
    int redirects;         /* that were followed               */
    struct request_wrap *wrap;
};

struct request_field {
    const char *name, *value;
};

/* Safe to send twice (RFC 9110 9.2.2); of a method we do not know, nobody
 * said so. */
bool method_is_idempotent(const char *method);

/* One request, redirects followed (at most 10, row H22). A connection from
 * the pool that turns out dead before a byte of the answer came is replaced
 * once, if the method is idempotent; session->retried counts it. An error
 * that is answered while the body goes out ends the sending (RFC 9112 9.5).
 * Raises client_error's codes, E_CLOSED, E_REDIRECTS and what connect, TLS,
 * send and recv say. On success the response is the caller's to close. */
struct request {
    struct coro coro;
    struct session *session;
    const char *method; /* NULL: GET */
    const char *url;
    const void *body;
    size_t body_size;
    const struct request_field *fields; /* ended by a NULL name; or NULL */
    struct request_wrap *wrap; /* NULL: none */
    struct response response; /* out */
    struct http_url parts;
    struct cleanup on_error;
    char *location; /* where the last redirect sent us; ours to free */
    struct cleanup freeing;
    bool changed_origin, lost_body, retried;
    union {
        struct connect_pooled connect_pooled;
        struct exchange {
            struct coro coro;
            struct request *request;
            size_t head_size, sent; /* bytes; of the body */
            bool hung_up;           /* on what we send    */
            union {
                struct sock_sendall sock_sendall;
                struct sock_recv sock_recv;
            };
        } exchange; /* the head out, the body out, the answer's head in */
    };
};
ASYNC_DECLARE(exchange);
ASYNC_DECLARE(request);

/* The next piece of the body: a span of the connection's buffer, good until
 * the next call; length 0 is the end. Raises E_EOF if it is not all, also
 * where only TLS can tell. */
struct response_read {
    struct coro coro;
    struct response *response;
    struct http_span piece; /* out */
    struct sock_recv sock_recv;
};
ASYNC_DECLARE(response_read);

/* A field of the response; false if there is none. Before response_close. */
bool response_field(const struct response *response, const char *name,
                    struct http_span *value);

/* Gives the connection back: to the pool if the body is complete, whether
 * or not it was read (H02); otherwise it is closed (H03). A cleanup. */
void response_close(void *response);

#endif
