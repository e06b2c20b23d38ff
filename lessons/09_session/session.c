/* session.c - the pool: who is idle, who is busy, who waits. */
#include "09_session/session.h"

#include "sys.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void session_open(struct session *session, struct loop *loop,
                  struct session_options options)
{
    *session = (struct session){ .loop = loop, .options = options };
    list_init(&session->idle);
    list_init(&session->busy);
    list_init(&session->waiters);
}

static bool same_address(const struct address *a, const struct address *b)
{
    return a->length == b->length
        && memcmp(&a->storage, &b->storage, a->length) == 0;
}

static void discard(struct pooled *pooled)
{
    if (pooled->link.next != NULL)
        list_remove(&pooled->link);
    net_close(pooled->session->loop, &pooled->socket.fd);
    free(pooled);
}

/* An idle connection has nothing to say: bytes, an end or an error mean
 * that it is of no use any more. */
static bool alive(const struct pooled *pooled)
{
    char byte;

    return pooled->session->loop->sys->recv(pooled->socket.fd, &byte, 1,
                                            MSG_PEEK) == -1
        && errno == EAGAIN;
}

static bool expired(const struct pooled *pooled)
{
    const struct session *session = pooled->session;

    return loop_now(session->loop) - pooled->idle_since
        >= session->options.keepalive_ns;
}

static void close_expired(struct callback *callback);

/* Idle connections are in the order in which they became idle: a timer for
 * the oldest is enough. */
static void rearm_expiry(struct session *session)
{
    int64_t age;

    timer_stop(session->loop, &session->expiry);
    if (list_empty(&session->idle))
        return;
    age = loop_now(session->loop) - CONTAINER(session->idle.next,
                                              struct pooled, link)->idle_since;
    timer_start(session->loop, &session->expiry,
                session->options.keepalive_ns - age, close_expired);
}

static void close_expired(struct callback *callback)
{
    struct session *session = CONTAINER(callback, struct session,
                                        expiry.callback);

    LIST_EACH(&session->idle, link) {
        struct pooled *pooled = CONTAINER(link, struct pooled, link);

        if (expired(pooled))
            discard(pooled);
    }
    rearm_expiry(session);
}

/* The one used last is the one most likely to be alive, and lets the others
 * grow old. */
static struct pooled *take_idle(struct session *session,
                                const struct address *key)
{
    struct link *link = session->idle.prev;

    while (link != &session->idle) {
        struct pooled *pooled = CONTAINER(link, struct pooled, link);

        link = link->prev;
        if (!same_address(&pooled->key, key))
            continue;
        if (pooled == session->warm
            || (!expired(pooled) && alive(pooled))) {
            list_remove(&pooled->link);
            return pooled;
        }
        discard(pooled);
    }
    return NULL;
}

static struct pooled *new_place(struct session *session,
                                const struct address *key)
{
    struct pooled *pooled = malloc(sizeof *pooled);

    if (pooled == NULL)
        return NULL;
    /* Not the buffers: they are large, and filled before they are read. */
    memset(pooled, 0, offsetof(struct pooled, head));
    pooled->session = session;
    pooled->key = *key;
    pooled->socket = (struct open_socket){ session->loop, -1 };
    return pooled;
}

static struct pooled *take(struct session *session,
                           const struct address *key)
{
    struct pooled *pooled = take_idle(session, key);

    if (pooled != NULL)
        session->reused++;
    else
        pooled = new_place(session, key);
    if (pooled == NULL)
        return NULL;
    list_add(&session->busy, &pooled->link);
    session->in_use++;
    return pooled;
}

static bool full(const struct session *session)
{
    return session->options.limit > 0
        && session->in_use >= session->options.limit;
}

/* O(busy); a counter per host would be O(1) and a table larger. */
static bool room_for(const struct session *session, const struct address *key)
{
    const struct session_options *options = &session->options;
    size_t same = 0;

    if (full(session))
        return false;
    if (options->limit_per_host == 0)
        return true;
    LIST_EACH(&session->busy, link)
        same += same_address(&CONTAINER(link, struct pooled, link)->key, key);
    return same < options->limit_per_host;
}

/* Gives free places to those who wait: in order, except that a host at its
 * own limit does not hold up another (row H08). */
static void grant(struct session *session)
{
    LIST_EACH(&session->waiters, link) {
        struct acquire *waiter = CONTAINER(link, struct acquire, link);

        if (!session->closed && full(session))
            return;
        if (!session->closed && !room_for(session, &waiter->key))
            continue;
        if (!session->closed)
            waiter->pooled = take(session, &waiter->key);
        list_remove(link);
        future_set_result(&waiter->granted);
    }
}

void session_release(struct pooled *pooled, bool reusable)
{
    struct session *session = pooled->session;

    session->in_use--;
    list_remove(&pooled->link);
    if (reusable && !session->closed && !session->options.force_close) {
        pooled->used_before = true;
        pooled->idle_since = loop_now(session->loop);
        list_add(&session->idle, &pooled->link);
        rearm_expiry(session);
        session->warm = pooled;
    } else {
        discard(pooled);
    }
    grant(session);
    session->warm = NULL;
}

void session_shut(void *arg)
{
    struct session *session = arg;

    if (session->closed)
        return;
    session->closed = true;
    LIST_EACH(&session->idle, link)
        discard(CONTAINER(link, struct pooled, link));
    timer_stop(session->loop, &session->expiry);
    /* Their tasks are reading: let them find the end, and close. */
    LIST_EACH(&session->busy, link) {
        const struct pooled *pooled = CONTAINER(link, struct pooled, link);

        if (pooled->socket.fd >= 0)
            shutdown(pooled->socket.fd, SHUT_RDWR);
    }
    grant(session);
}

ASYNC(session_close)
{
    BEGIN;
    session_shut(self->session);
    YIELD();
    END;
}

/* Cancelled while waiting. If the place had been given to us in this very
 * turn, it goes on to the next, or it would be lost for ever (row H07). */
static void stop_waiting(struct acquire *self)
{
    if (self->link.next != NULL)
        list_remove(&self->link);
    if (self->pooled != NULL)
        session_release(self->pooled, self->pooled->socket.fd >= 0);
    self->pooled = NULL;
}

static void wait_in_line(struct acquire *self)
{
    future_init(&self->granted, self->session->loop, FUTURE_PLAIN);
    list_add(&self->session->waiters, &self->link);
}

ASYNC(acquire)
{
    BEGIN;
    if (!self->session->closed && list_empty(&self->session->waiters)
        && room_for(self->session, &self->key)) {
        self->pooled = take(self->session, &self->key);
    } else if (!self->session->closed) {
        wait_in_line(self);
        grant(self->session);
        CATCH_AWAIT_FUTURE(&self->granted);
        if (task->outcome != 0) {
            stop_waiting(self);
            RERAISE(task->outcome);
        }
    }
    if (self->session->closed && self->pooled == NULL)
        RAISE(E_CLOSED, "Session is closed");
    if (self->pooled == NULL)
        RAISE(ENOMEM, "session: no memory for one more connection");
    END;
}

struct coro *request_around(struct request_wrap *wrap,
                            enum request_phase phase, struct coro *body)
{
    return wrap != NULL ? wrap->around(wrap, phase, body) : body;
}

static void give_back(void *connect_pooled)
{
    struct connect_pooled *self = connect_pooled;

    if (self->pooled != NULL)
        session_release(self->pooled, false);
    self->pooled = NULL;
}

ASYNC(connect_pooled)
{
    BEGIN;
    ERRDEFER(&self->on_error, give_back, self);
    AWAIT(acquire, .session = self->session, .key = self->key);
    self->pooled = self->acquire.pooled;
    if (self->pooled->socket.fd >= 0)
        RETURN();
    self->session->opened++;
    AWAIT_CORO(request_around(self->wrap, PHASE_SOCK_CONNECT,
                      CALL(dial, .address = &self->pooled->key,
                           .fd = &self->pooled->socket.fd)));
    END;
}
