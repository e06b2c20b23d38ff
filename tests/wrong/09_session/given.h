/* given.h - exercise.c of lesson 09, written right. A wrong answer defines
 * OWN_ and the name of each function that it gets wrong, and writes that.
 */
#include "09_session/session.h"

/* Not static: an acquire of its own may do without it. */
void stop_waiting(struct acquire *self);

static bool full(const struct session *session)
{
    return session->options.limit > 0
        && session->in_use >= session->options.limit;
}

static bool room_for(const struct session *session,
                     const struct endpoint *key)
{
    const struct session_options *options = &session->options;
    size_t same = 0;

    if (full(session))
        return false;
    if (options->limit_per_host == 0)
        return true;
    LIST_EACH(&session->busy, link)
        same += endpoint_equal(&CONTAINER(link, struct pooled, link)->key,
                               key);
    return same < options->limit_per_host;
}

#ifndef OWN_SESSION_GRANT
void session_grant(struct session *session)
{
    LIST_EACH(&session->waiters, link) {
        struct acquire *waiter = CONTAINER(link, struct acquire, link);

        if (!session->closed && !room_for(session, &waiter->key))
            continue;
        if (!session->closed)
            waiter->pooled = session_take(session, &waiter->key);
        list_remove(link);
        future_set_result(&waiter->granted);
    }
}
#endif

#ifndef OWN_STOP_WAITING
void stop_waiting(struct acquire *self)
{
    if (self->link.next != NULL)
        list_remove(&self->link);
    if (self->pooled != NULL)
        session_release(self->pooled, self->pooled->socket.fd >= 0);
    self->pooled = NULL;
}
#endif

#ifndef OWN_ACQUIRE
ASYNC(acquire)
{
    BEGIN;
    if (!self->session->closed && list_empty(&self->session->waiters)
        && room_for(self->session, &self->key)) {
        self->pooled = session_take(self->session, &self->key);
    } else if (!self->session->closed) {
        future_init(&self->granted, self->session->loop, FUTURE_PLAIN);
        list_add(&self->session->waiters, &self->link);
        session_grant(self->session);
        CATCH_AWAIT_FUTURE(&self->granted);
        if (task->outcome != 0) {
            stop_waiting(self);
            RERAISE(task->outcome);
        }
    }
    if (self->session->closed) {
        stop_waiting(self);
        RAISE(E_CLOSED, "Session is closed");
    }
    if (self->pooled == NULL)
        RAISE(ENOMEM, "session: no memory for one more connection");
    END;
}
#endif
