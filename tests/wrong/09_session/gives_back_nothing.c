/* MISTAKE: a cancelled waiter gives a place back, whether it has one or not.
   */
/* SEEN: a place is given back that nobody had */
#define OWN_ACQUIRE
#include "given.h"

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
            if (self->link.next != NULL)
                list_remove(&self->link);
            session_release(self->pooled, false);
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
