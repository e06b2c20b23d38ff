/* MISTAKE: a waiter is given its place, and never told. */
/* SEEN: the first in line never hears of it */
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
        list_remove(link);
    }
}
