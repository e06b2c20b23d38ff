/* exercise.c - your pool's door. Write session_grant and acquire; the rest of
 * the session stays ours.
 *
 * session_grant gives free places to the waiters: oldest first, except that
 * a host at its own limit does not hold up another (row H08). A waiter that
 * is given one leaves session->waiters, finds it in waiter->pooled (NULL: no
 * memory for it) and its `granted` completed. When the session is closed,
 * everybody is woken with nothing.
 *
 * acquire takes a place at once if there is room and nobody waits (H01,
 * H05); otherwise it stands in line, calls session_grant (those before it
 * may be of a host that is full), and awaits `granted`. Cancelled, it leaves
 * the line (H06), if it still stands there (link.next is set) - and if a
 * place had been given to it already, that place goes on to the next by
 * session_release, or it is lost (H07). Raises E_CLOSED, "Session is
 * closed", if it is (look again after the wait, and give back a place that
 * came), ENOMEM if session_take gave NULL.
 *
 * At hand: session_take(session, &key), which counts it in in_use;
 * session_release(pooled, reusable), reusable if it is connected (socket.fd
 * is not -1); list_add, list_remove (list.h); and
 *
 *   future_init(&self->granted, task_loop(task), FUTURE_PLAIN);
 *   CATCH_AWAIT_FUTURE(&self->granted);  comes back when cancelled, too;
 *                                        task->outcome: 0, or the error
 *   future_set_result(&waiter->granted); ends that wait
 */
#include "09_session/session.h"

#include "stage/todo.h"

static bool full(const struct session *session)
{
    return session->options.limit > 0
        && session->in_use >= session->options.limit;
}

/* O(busy); a counter per host would be O(1) and a table larger. */
static bool room_for(const struct session *session,
                     const struct endpoint *key)
{
    const struct session_options *options = &session->options;
    size_t same = 0;

    if (full(session))
        return false;
    if (options->limit_per_host == 0)
        return true;
    LIST_EACH(&session->busy, link)
        same += endpoint_equal(&CONTAINER(link, struct pooled, link)->key,
                               key);
    return same < options->limit_per_host;
}

void session_grant(struct session *session)
{
    LIST_EACH(&session->waiters, link) {
        struct acquire *waiter = CONTAINER(link, struct acquire, link);

        if (!room_for(session, &waiter->key))
            continue;
        TODO("give the waiter a place, take it out of the line, wake it");
    }
}

ASYNC(acquire)
{
    BEGIN;
    TODO("a place at once if there is room, else in line until granted");
    END;
}
