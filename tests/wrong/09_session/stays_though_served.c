/* MISTAKE: who was given a place is not taken out of the line. */
/* SEEN: who was given a place still stands in line */
#define OWN_SESSION_GRANT
#include "given.h"

void session_grant(struct session *session)
{
    LIST_EACH(&session->waiters, link) {
        struct acquire *waiter = CONTAINER(link, struct acquire, link);

        if (!session->closed && !room_for(session, &waiter->key))
            continue;
        if (!session->closed)
            waiter->pooled = session_take(session, &waiter->key);
        future_set_result(&waiter->granted);
    }
}
