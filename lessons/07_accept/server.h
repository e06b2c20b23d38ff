/* server.h - a server: one accept loop, one task per connection, and
 * nobody left behind when it is cancelled.
 *
 *     self->server = (struct echo_server){ CORO(echo_server), .listener = fd };
 *     AWAIT_CORO(&self->server.coro);      until Ctrl-C
 *
 *     echo_server --accept--> visit 1   recv, send, recv, ...
 *                 --accept--> visit 2   recv, send, ...
 *
 * Cancelled, it stops accepting, cancels its visits, and ends when each of
 * them has closed its socket. Left out: saying why, and letting a visit
 * finish its sentence; a client that had its echo sees a clean end (EOF),
 * one whose bytes were not read yet may see a reset.
 */
#ifndef LAB_SERVER_H
#define LAB_SERVER_H

#include "loop/loop.h"
#include "loop/net.h"

/* Connections served at the same time; the next one waits in the backlog.
 * Eight, because the frames are inside the server's; lib/stage/origin.c
 * allocates them instead and has no limit. */
enum { SERVER_VISITS = 8 };

/* Sends back what comes, until the client has finished. */
struct visit {
    struct coro coro;
    struct echo_server *server;
    struct task task;
    struct callback over;
    bool busy; /* until `over` has run: this place is taken */
    struct open_socket socket;
    struct cleanup closing;
    char bytes[512];
    union {
        struct sock_recv sock_recv;
        struct sock_sendall sock_sendall;
    };
};
ASYNC_DECLARE(visit);

struct server_end {
    struct coro coro;
    struct echo_server *server;
};
ASYNC_DECLARE(server_end);

/* Serves until it is cancelled or accept fails; the listener is the
 * caller's. A failing visit ends that visit only. */
struct echo_server {
    struct coro coro;
    int listener;
    size_t served;         /* out: connections so far */
    size_t open;           /* of them, now            */
    bool waiting;          /* for `left`: one visit less */
    struct future left;
    struct visit visits[SERVER_VISITS];
    struct async_cleanup ending;
    struct sock_accept sock_accept;
    struct server_end server_end;
};
ASYNC_DECLARE(echo_server);

#endif
