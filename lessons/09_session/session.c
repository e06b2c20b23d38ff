/* session.c - the pool: who is idle, who is busy. Who may have one, and who
 * waits, is acquire.c; how an empty place becomes a connection, connect.c. */
#include "09_session/session.h"

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

void pooled_close(struct pooled *pooled)
{
    struct tls *tls = pooled->session->options.tls;

    if (pooled->key.secure && pooled->socket.fd >= 0)
        tls->close(tls, &pooled->socket.fd);
    else
        close_socket(&pooled->socket);
}

static void discard(struct pooled *pooled)
{
    if (pooled->link.next != NULL)
        list_remove(&pooled->link);
    pooled_close(pooled);
    free(pooled);
}

static bool expired(const struct pooled *pooled)
{
    const struct session *session = pooled->session;

    return loop_now(session->loop) - pooled->idle_since
        >= session->options.keepalive_ns;
}

int64_t until_whole_second(const struct loop *loop, int64_t delay_ns)
{
    const int64_t second = SECONDS(1), now = loop_now(loop);
    int64_t over = (now % second + delay_ns % second) % second;

    if (over == 0 || delay_ns > INT64_MAX - second)
        return delay_ns;
    return delay_ns + second - over;
}

static void discard_idle(struct session *session)
{
    LIST_EACH(&session->idle, link)
        discard(CONTAINER(link, struct pooled, link));
}

static void close_expired(struct callback *callback);

/* Idle connections are in the order in which they became idle: a timer for
 * the oldest is enough. Long times end at a whole second (row H17), so that
 * many sessions wake the loop once. */
static void rearm_expiry(struct session *session)
{
    int64_t left = session->options.keepalive_ns;

    timer_stop(session->loop, &session->expiry);
    if (list_empty(&session->idle))
        return;
    left -= loop_now(session->loop) - CONTAINER(session->idle.next,
                                          struct pooled, link)->idle_since;
    if (session->options.keepalive_ns >= SECONDS(5))
        left = until_whole_second(session->loop, left);
    /* Without memory for the timer nothing would ever close them. */
    if (timer_start(session->loop, &session->expiry, left, close_expired))
        discard_idle(session);
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
                                const struct endpoint *key)
{
    struct link *link = session->idle.prev;

    while (link != &session->idle) {
        struct pooled *pooled = CONTAINER(link, struct pooled, link);

        link = link->prev;
        if (!endpoint_equal(&pooled->key, key))
            continue;
        if (!expired(pooled)) {
            list_remove(&pooled->link);
            return pooled;
        }
        discard(pooled);
    }
    return NULL;
}

static struct pooled *new_place(struct session *session,
                                const struct endpoint *key)
{
    struct pooled *pooled = session_memory();

    if (pooled == NULL)
        return NULL;
    /* Not the buffers: they are large, and filled before they are read. */
    memset(pooled, 0, offsetof(struct pooled, head));
    pooled->session = session;
    pooled->key = *key;
    pooled->socket = (struct open_socket){ session->loop, -1 };
    return pooled;
}

struct pooled *session_take(struct session *session,
                            const struct endpoint *key)
{
    struct pooled *pooled = take_idle(session, key);

    if (pooled == NULL)
        pooled = new_place(session, key);
    if (pooled == NULL)
        return NULL;
    list_add(&session->busy, &pooled->link);
    session->in_use++;
    return pooled;
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
    } else {
        discard(pooled);
    }
    session_grant(session);
    rearm_expiry(session); /* last: a waiter may have taken it away again */
}

void session_shut(void *arg)
{
    struct session *session = arg;

    if (session->closed)
        return;
    session->closed = true;
    discard_idle(session);
    timer_stop(session->loop, &session->expiry);
    /* Their tasks are reading: let them find the end, and close. */
    LIST_EACH(&session->busy, link) {
        const struct pooled *pooled = CONTAINER(link, struct pooled, link);

        if (pooled->socket.fd >= 0)
            shutdown(pooled->socket.fd, SHUT_RDWR);
    }
    session_grant(session);
}

ASYNC(session_close)
{
    BEGIN;
    session_shut(self->session);
    YIELD();
    END;
}
