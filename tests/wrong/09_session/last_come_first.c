/* MISTAKE: grant goes through the line from the end. */
/* SEEN: the last who came is served first */
#define OWN_SESSION_GRANT
#include "given.h"

void session_grant(struct session *session)
{
    struct link *line = &session->waiters, *before;

    for (struct link *link = line->prev; link != line; link = before) {
        struct acquire *waiter = CONTAINER(link, struct acquire, link);

        before = link->prev;
        if (!session->closed && !room_for(session, &waiter->key))
            continue;
        if (!session->closed)
            waiter->pooled = session_take(session, &waiter->key);
        list_remove(link);
        future_set_result(&waiter->granted);
    }
}
