/* MISTAKE: a waiter is woken, and then looks for its place itself. */
/* SEEN: another may be quicker */
#define OWN_SESSION_GRANT
#define OWN_ACQUIRE
#include "given.h"

void session_grant(struct session *session)
{
    LIST_EACH(&session->waiters, link) {
        struct acquire *waiter = CONTAINER(link, struct acquire, link);

        if (!session->closed && !room_for(session, &waiter->key))
            return;
        list_remove(link);
        future_set_result(&waiter->granted);
        if (!session->closed)
            return;
    }
}

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
        if (!self->session->closed)
            self->pooled = session_take(self->session, &self->key);
    }
    if (self->session->closed) {
        stop_waiting(self);
        RAISE(E_CLOSED, "Session is closed");
    }
    if (self->pooled == NULL)
        RAISE(ENOMEM, "session: no memory for one more connection");
    END;
}
