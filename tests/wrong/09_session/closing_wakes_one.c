/* MISTAKE: session_grant goes no further than the first it could wake. */
/* SEEN: closing wakes the first in line */
#define OWN_SESSION_GRANT
#include "given.h"

void session_grant(struct session *session)
{
    LIST_EACH(&session->waiters, link) {
        struct acquire *waiter = CONTAINER(link, struct acquire, link);

        if (!session->closed) {
            if (!room_for(session, &waiter->key))
                continue;
            waiter->pooled = session_take(session, &waiter->key);
        }
        list_remove(&waiter->link);
        future_set_result(&waiter->granted);
        return;
    }
}
