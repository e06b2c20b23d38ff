/* resolve.h - from a host's name to its addresses, without stopping the loop.
 *
 *     AWAIT(resolve, .executor = &executor, .host = "localhost", .port = 80);
 *     AWAIT(dial, .address = &self->resolve.found[0], ...);
 *
 * asyncio's loop.getaddrinfo. The one call that knows about /etc/hosts, DNS
 * and whatever else the system is set up for blocks, so it runs in a thread.
 */
#ifndef LAB_RESOLVE_H
#define LAB_RESOLVE_H

#include "15_resolve/in_thread.h"
#include "loop/net.h"

/* A host that does not answer at eight addresses is down. */
enum { RESOLVE_MOST = 8 };

/* The addresses of host, the best first, each with `port`. A numeric host is
 * its own address: no thread, no suspension. Raises E_VALUE for what cannot
 * be a host and port, and "resolve HOST: Name or service not known" as
 * EHOSTUNREACH, "Temporary failure ..." as EAGAIN; ENOMEM, and what
 * in_thread raises. Cancelled, it returns at once; the lookup goes on, and
 * what it finds is freed. */
struct resolve {
    struct coro coro;
    struct executor *executor;
    const char *host;
    unsigned port;
    struct address found[RESOLVE_MOST]; /* out */
    size_t count;                       /* out */
    struct query *query;
    struct in_thread in_thread;
};
ASYNC_DECLARE(resolve);

#endif
