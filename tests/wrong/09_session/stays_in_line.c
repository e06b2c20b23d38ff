/* MISTAKE: AWAIT_FUTURE passes a cancellation on at once, and the waiter stays
   in line. */
/* SEEN: who is cancelled stays in line */
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
        AWAIT_FUTURE(&self->granted);
    }
    if (self->session->closed) {
        stop_waiting(self);
        RAISE(E_CLOSED, "Session is closed");
    }
    if (self->pooled == NULL)
        RAISE(ENOMEM, "session: no memory for one more connection");
    END;
}
