/* MISTAKE: who waits yields until there is room, in the place of a line. */
/* SEEN: asks again and again if there is room */
#define OWN_SESSION_GRANT
#define OWN_ACQUIRE
#include "given.h"

void session_grant(struct session *session)
{
    (void)session;
}

ASYNC(acquire)
{
    BEGIN;
    while (!self->session->closed && !room_for(self->session, &self->key))
        YIELD();
    if (self->session->closed)
        RAISE(E_CLOSED, "Session is closed");
    self->pooled = session_take(self->session, &self->key);
    if (self->pooled == NULL)
        RAISE(ENOMEM, "session: no memory for one more connection");
    END;
}
