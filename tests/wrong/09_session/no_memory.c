/* MISTAKE: it does not look if session_take gives NULL. */
/* SEEN: gives NULL, and nobody looks */
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

        if (!session->closed) {
            if (!room_for(session, &waiter->key))
                continue;
            waiter->pooled = session_take(session, &waiter->key);
        }
        list_remove(&waiter->link);
        future_set_result(&waiter->granted);
    }
}

ASYNC(acquire)
{
    BEGIN;
    if (self->session->closed)
        RAISE(E_CLOSED, "Session is closed");
    if (list_empty(&self->session->waiters)
        && room_for(self->session, &self->key)) {
        self->pooled = session_take(self->session, &self->key);
    } else {
        future_init(&self->granted, task_loop(task), FUTURE_PLAIN);
        list_add(&self->session->waiters, &self->link);
        session_grant(self->session);
        CATCH_AWAIT_FUTURE(&self->granted);
        if (task->outcome != 0) {
            if (self->link.next != NULL)
                list_remove(&self->link);
            else if (self->pooled != NULL)
                session_release(self->pooled,
                                self->pooled->socket.fd >= 0);
            RERAISE(task->outcome);
        }
        if (self->session->closed) {
            if (self->pooled != NULL)
                session_release(self->pooled,
                                self->pooled->socket.fd >= 0);
            RAISE(E_CLOSED, "Session is closed");
        }
    }
    END;
}
