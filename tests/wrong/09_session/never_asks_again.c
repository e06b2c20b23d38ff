/* MISTAKE: who joins the line does not look if there is room for its own host.
   */
/* SEEN: who joins the line never asks */
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
