/* MISTAKE: grant stops at the first waiter that cannot be served, though
   others could. */
/* SEEN: holds up the others */
#define OWN_SESSION_GRANT
#include "given.h"

void session_grant(struct session *session)
{
    LIST_EACH(&session->waiters, link) {
        struct acquire *waiter = CONTAINER(link, struct acquire, link);

        if (!session->closed && !room_for(session, &waiter->key))
            return;
        if (!session->closed)
            waiter->pooled = session_take(session, &waiter->key);
        list_remove(link);
        future_set_result(&waiter->granted);
    }
}
