/* MISTAKE: grant asks once if there is room, and serves the whole line. */
/* SEEN: is given to more than one in line */
#define OWN_SESSION_GRANT
#include "given.h"

void session_grant(struct session *session)
{
    if (full(session) && !session->closed)
        return;
    LIST_EACH(&session->waiters, link) {
        struct acquire *waiter = CONTAINER(link, struct acquire, link);

        if (!session->closed)
            waiter->pooled = session_take(session, &waiter->key);
        list_remove(link);
        future_set_result(&waiter->granted);
    }
}
