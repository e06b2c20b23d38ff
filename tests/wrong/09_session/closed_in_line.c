/* MISTAKE: a waiter does not ask, when it is woken, if the session was closed.
   */
/* SEEN: closed while it stood in line */
#define OWN_SESSION_GRANT
#define OWN_ACQUIRE
#include "given.h"

void session_grant(struct session *session)
{
    LIST_EACH(&session->waiters, link) {
        struct acquire *waiter = CONTAINER(link, struct acquire, link);

        if (!session->closed && !room_for(session, &waiter->key))
            continue;
        waiter->pooled = session_take(session, &waiter->key);
        list_remove(link);
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
        future_init(&self->granted, self->session->loop, FUTURE_PLAIN);
        list_add(&self->session->waiters, &self->link);
        session_grant(self->session);
        CATCH_AWAIT_FUTURE(&self->granted);
        if (task->outcome != 0) {
            stop_waiting(self);
            RERAISE(task->outcome);
        }
    }
    if (self->pooled == NULL)
        RAISE(ENOMEM, "session: no memory for one more connection");
    END;
}
