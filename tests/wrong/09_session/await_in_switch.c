/* MISTAKE: the line is the default case of a switch, and the await stands in
   it. */
/* SEEN: an AWAIT stands inside a switch */
#define OWN_ACQUIRE
#include "given.h"

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
