/* connect.c - an empty place becomes a connection: look up, dial, and if
 * nobody answers there, dial the next address.
 *
 *     acquire --> look_up --> dial, dial, ...
 *
 * The pool is kept by name, so a warm connection needs none of this. What
 * looking up means is the resolver's business; here are only the hosts that
 * need no question.
 */
#include "09_session/session.h"

#include "sys.h"

#include <assert.h>
#include <string.h>

/* RFC 3986 6.2.2.1: hosts are compared without case. */
static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

struct endpoint endpoint_of(const struct http_url *url)
{
    struct endpoint endpoint = { .port = url->port,
                                 .secure = url->secure };

    /* The URL's parser takes at most 253. */
    assert(url->host.len < sizeof endpoint.host);
    for (size_t i = 0; i < url->host.len; i++)
        endpoint.host[i] = lower(url->host.at[i]);
    return endpoint;
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
    return a->port == b->port && a->secure == b->secure
        && strcmp(a->host, b->host) == 0;
}

struct coro *request_around(struct request_wrap *wrap,
                            enum request_phase phase, struct coro *body)
{
    return wrap != NULL ? wrap->around(wrap, phase, body) : body;
}

/* 0 if the host is its own address, or we may take it for one. */
static int without_asking(struct look_up *self, struct error *error)
{
    const char *host = self->endpoint->host;

    if (self->session->options.resolver == NULL
        && strcmp(host, "localhost") == 0)
        host = "127.0.0.1";
    return address_parse(self->found, host, self->endpoint->port, error);
}

ASYNC(look_up)
{
    struct resolver *resolver = self->session->options.resolver;

    BEGIN;
    self->count = 1;
    if (without_asking(self, &task->error) == 0)
        RETURN();
    if (resolver == NULL)
        RERAISE(task->error.code);
    future_init(&self->answered, task_loop(task), FUTURE_PLAIN);
    resolver->ask(resolver, self);
    CATCH_AWAIT_FUTURE(&self->answered);
    if (task->outcome == E_CANCELLED)
        resolver->forget(resolver, self);
    if (task->outcome != 0)
        RERAISE(task->outcome);
    END;
}

ASYNC(dial_tls)
{
    BEGIN;
    *self->fd = -1;
    future_init(&self->answered, task_loop(task), FUTURE_PLAIN);
    self->tls->ask(self->tls, self);
    CATCH_AWAIT_FUTURE(&self->answered);
    if (task->outcome == E_CANCELLED)
        self->tls->forget(self->tls, self);
    if (task->outcome != 0)
        RERAISE(task->outcome);
    END;
}

static struct coro *dial_one(struct connect_pooled *self)
{
    struct pooled *pooled = self->pooled;
    const struct address *address = &pooled->found[self->i];

    if (pooled->key.secure)
        return CALL(dial_tls, .tls = self->session->options.tls,
                    .endpoint = &pooled->key, .address = address,
                    .fd = &pooled->socket.fd);
    return CALL(dial, .address = address, .fd = &pooled->socket.fd);
}

/* An idle connection has nothing to say: bytes, an end or an error mean that
 * it is of no use any more. Asked in the step in which the request is sent:
 * who waits for a place is told of it a turn before it has it. */
static bool alive(const struct pooled *pooled)
{
    char byte;

    return pooled->session->loop->sys->recv(pooled->socket.fd, &byte, 1,
                                            MSG_PEEK) == -1
        && errno == EAGAIN;
}

static void give_back(void *connect_pooled)
{
    struct connect_pooled *self = connect_pooled;

    if (self->pooled != NULL)
        session_release(self->pooled, false);
    self->pooled = NULL;
}

/* Not there is a reason to try the next address. Too late, or cancelled, is
 * not: the time is over for all of them. */
static bool try_next(const struct connect_pooled *self)
{
    int code = self->coro.callee->error;

    return code != 0 && code < E_CANCELLED && self->i + 1 < self->count;
}

ASYNC(connect_pooled)
{
    BEGIN;
    ERRDEFER(&self->on_error, give_back, self);
    AWAIT(acquire, .session = self->session, .key = endpoint_of(self->url));
    self->pooled = self->acquire.pooled;
    if (self->pooled->socket.fd >= 0 && !self->fresh
        && alive(self->pooled)) {
        self->session->reused++;
        RETURN();
    }
    pooled_close(self->pooled);
    self->pooled->used_before = false;
    AWAIT_CORO(request_around(self->wrap, PHASE_RESOLVE,
                      CALL(look_up, .session = self->session,
                           .endpoint = &self->pooled->key,
                           .found = self->pooled->found)));
    self->count = self->look_up.count;
    self->session->opened++;
    for (;; self->i++) {
        if (self->session->closed)
            RAISE(E_CLOSED, "Session is closed");
        CATCH_AWAIT_CORO(request_around(self->wrap, PHASE_SOCK_CONNECT,
                                        dial_one(self)));
        if (!try_next(self))
            break;
    }
    if (self->coro.callee->error != 0)
        RERAISE(self->coro.callee->error);
    if (self->session->closed)
        RAISE(E_CLOSED, "Session is closed");
    END;
}
