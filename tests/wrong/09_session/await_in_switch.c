/* MISTAKE: the line is the default case of a switch, and the await stands in
   it. */
/* SEEN: an AWAIT stands inside a switch */
#include "09_session/session.h"

static bool full(const struct session *session)
{
    return session->options.limit > 0
        && session->in_use >= session->options.limit;
}

/* O(busy); a counter per host would be O(1) and a table larger. */
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
        session_release(self->pooled, self->pooled->socket.fd >= 0);
    self->pooled = NULL;
}

ASYNC(acquire)
{
    BEGIN;
    switch ((int)room_for(self->session, &self->key)) {
    case 1:
        self->pooled = session_take(self->session, &self->key);
        break;
    default:
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
