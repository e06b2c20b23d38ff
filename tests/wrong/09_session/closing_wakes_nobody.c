/* MISTAKE: grant asks for room only, and a closed session with no room wakes
   nobody. */
/* SEEN: closing wakes nobody in line */
#define OWN_SESSION_GRANT
#include "given.h"

void session_grant(struct session *session)
{
    LIST_EACH(&session->waiters, link) {
        struct acquire *waiter = CONTAINER(link, struct acquire, link);

        if (!room_for(session, &waiter->key))
            continue;
        waiter->pooled = session_take(session, &waiter->key);
        list_remove(link);
        future_set_result(&waiter->granted);
    }
}
