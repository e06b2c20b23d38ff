/* shared_resolver.h - a session's resolver: one lookup for all who ask.
 *
 *     shared_resolver_open(&resolver, &executor);
 *     options.resolver = &resolver.resolver;
 *     session_open(&session, loop, options);
 *
 * A hundred requests for one host at once are one question (row H27). Who is
 * cancelled leaves; the lookup goes on for the others, and for those who
 * come while it lasts. What it found is not kept afterwards.
 */
#ifndef LAB_SHARED_RESOLVER_H
#define LAB_SHARED_RESOLVER_H

#include "09_session/session.h"
#include "15_resolve/resolve.h"

struct shared_resolver {
    struct resolver resolver; /* for session_options */
    struct executor *executor;
    struct link lookups; /* under way */
    size_t asked;        /* so far    */
};

/* Nothing to close: lookups are tasks of the loop, and end with it. The
 * resolver must stay until then. */
void shared_resolver_open(struct shared_resolver *resolver,
                          struct executor *executor);

#endif
