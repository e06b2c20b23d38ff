/* MISTAKE: who waits sleeps for a while and looks again. */
/* SEEN: wakes up now and then to look */
#include "09_session/session.h"

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
    (void)session;
}

ASYNC(acquire)
{
    BEGIN;
    while (!self->session->closed && !room_for(self->session, &self->key)) {
        future_init(&self->granted, task_loop(task), FUTURE_PLAIN);
        self->nap = (struct sleep){ CORO(sleep), .delay_ns = SECONDS(1) };
        AWAIT_CORO(&self->nap.coro);
    }
    if (self->session->closed)
        RAISE(E_CLOSED, "Session is closed");
    self->pooled = session_take(self->session, &self->key);
    if (self->pooled == NULL)
        RAISE(ENOMEM, "session: no memory for one more connection");
    END;
}
