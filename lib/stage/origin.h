/* origin.h - the HTTP server that every demo talks to.
 *
 * HTTP/1.1 on the same loop as the client, on 127.0.0.1 and a port that the
 * kernel chooses, so that a demo needs no network and no second program.
 * What it serves is made to show something:
 *
 *     /                     200 and a greeting
 *     /delay/S              the same after S seconds (0.5 will do)
 *     /status/N             status N
 *     /flaky/N              503 and Retry-After: 1, N times, and then 200
 *     /bytes/N              N bytes;      /chunked/N   the same in chunks
 *     /echo                 the request's body
 *     /redirect/N           302, N times; /redirect-to/URL   302 to there
 *     /drop /rst /garbage   closes, resets, or talks nonsense
 *
 * Left out: TLS, files, pipelined answers out of order.
 */
#ifndef LAB_ORIGIN_H
#define LAB_ORIGIN_H

#include "loop/loop.h"
#include "loop/net.h"

/* A head must be complete by then, or the answer is 408. A connection that
 * is idle, or whose client does not read its answer, is closed. */
#define ORIGIN_HEAD_NS SECONDS(5)
#define ORIGIN_IDLE_NS SECONDS(60)

struct origin {
    struct loop *loop;
    struct address address;
    unsigned port;
    double delay_scale; /* /delay/S waits S times this; 1 unless set */
    size_t connections, requests; /* so far      */
    size_t refused;               /* by /flaky, in a row */
    size_t open, busy, peak;      /* connections open; requests being
                                     answered, and the most at once  */
    struct open_socket listener;
    struct accept_loop {
        struct coro coro;
        struct origin *origin;
        struct sock_accept sock_accept;
    } accept_loop;
    struct task task;
    struct callback over; /* ... is the task: closes the listener */
};

/* Starts serving host:port (port 0: any). 0, or a code with words. *origin
 * must stay until its tasks have ended: loop_run's shutdown sees to it, or
 * origin_stop. */
int origin_start(struct origin *origin, struct loop *loop, const char *host,
                 unsigned port, struct error *error);

/* Stops accepting. Connections that are open are served to their end. */
void origin_stop(struct origin *origin);

#endif
