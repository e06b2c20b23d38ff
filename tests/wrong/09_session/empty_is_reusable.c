/* MISTAKE: a place that was never dialled is given back as a connection. */
/* SEEN: an empty place is given back as if it were a connection */
#include "09_session/session.h"

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

void session_grant(struct session *session)
{
    LIST_EACH(&session->waiters, link) {
        struct acquire *waiter = CONTAINER(link, struct acquire, link);

        if (!session->closed && full(session))
            return;
        if (!session->closed && !room_for(session, &waiter->key))
            continue;
        if (!session->closed)
            waiter->pooled = session_take(session, &waiter->key);
        list_remove(link);
        future_set_result(&waiter->granted);
    }
}

static void stop_waiting(struct acquire *self)
{
    if (self->link.next != NULL)
        list_remove(&self->link);
    if (self->pooled != NULL)
        session_release(self->pooled, true);
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
        self->pooled = session_take(self->session, &self->key);
    } else if (!self->session->closed) {
        wait_in_line(self);
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
