/* net.h - sockets as coroutines: asyncio's loop.sock_* and open_connection.
 *
 * Readiness is a hint, the system call is the truth: every leaf tries, and
 * waits only if it would block. Cancelling happens while waiting, never
 * after a call succeeded, so nothing that was read is lost.
 *
 * All sockets here are non-blocking and close-on-exec; nothing raises
 * SIGPIPE. Hosts are numeric, because asking for a name blocks. An error
 * says where: "recv from 127.0.0.1:80: Connection timed out"; "at" is our
 * own end, when the connection was reset and the kernel has forgotten the
 * other.
 */
#ifndef LAB_NET_H
#define LAB_NET_H

#include "loop/poller.h"
#include "loop/task.h"

#include <sys/socket.h>
#include <sys/types.h>

struct address {
    socklen_t length;
    struct sockaddr_storage storage;
};

enum { ADDRESS_TEXT = 128 };

/* "127.0.0.1", "::1" with a port; a path beginning with '/' is AF_UNIX, and
 * the port is ignored. 0; E_VALUE with words if it is neither. */
int address_parse(struct address *address, const char *host, unsigned port,
                  struct error *error);

/* "127.0.0.1:80", "[::1]:80", a path or "an unnamed socket"; is text. */
const char *address_text(const struct address *address,
                         char text[static ADDRESS_TEXT]);

/* Makes a socket or pipe non-blocking and close-on-exec; TCP then also
 * sends small pieces at once. */
void net_prepare(int fd);

/* A listening socket, into *fd. Port 0: the kernel chooses, and *address
 * says which. 0, or errno with words, and *fd is -1. */
int net_listen(struct loop *loop, struct address *address, int backlog,
               int *fd, struct error *error);

/* Closes *fd and sets it to -1; -1 does nothing. Nobody may be waiting for
 * it. */
void net_close(struct loop *loop, int *fd);

/* net_close in the shape of a cleanup: DEFER(&node, close_socket, &socket)
 * for a struct open_socket. */
struct open_socket {
    struct loop *loop;
    int fd;
};
void close_socket(void *open_socket);

/* await loop.sock_accept(listener): a non-blocking connection in `fd`, its
 * owner is the caller. Errors that belong to one connection are skipped;
 * without descriptors left (EMFILE) it pauses, ACCEPT_PAUSE_NS a try, and
 * never spins. */
struct sock_accept {
    struct coro coro;
    int listener;
    int fd;                 /* out */
    struct address address; /* out: the peer's */
    bool blocked;           /* the last try would have waited */
    union {
        struct wait_fd wait_fd;
        struct sleep sleep;
    };
};
ASYNC_DECLARE(sock_accept);
#define ACCEPT_PAUSE_NS MILLISECONDS(100)

/* await loop.sock_connect(sock, address). Raises what the kernel says:
 * "connect 127.0.0.1:9: Connection refused". */
struct sock_connect {
    struct coro coro;
    int fd;
    const struct address *address;
    struct wait_fd wait_fd;
};
ASYNC_DECLARE(sock_connect);

/* await open_connection(host, port): a connected socket in *fd, the
 * caller's from then on; on error and cancellation it is closed. */
struct dial {
    struct coro coro;
    const struct address *address;
    int *fd;
    struct open_socket open;
    struct cleanup closing;
    struct sock_connect sock_connect;
};
ASYNC_DECLARE(dial);

/* await loop.sock_recv(sock, size): at least one byte, or received == 0:
 * the peer has finished sending. The buffer is the caller's. */
struct sock_recv {
    struct coro coro;
    int fd;
    void *buffer;
    size_t size;
    bool blocked;    /* the next try would wait: spare it */
    size_t received; /* out */
    struct wait_fd wait_fd;
};
ASYNC_DECLARE(sock_recv);

/* await loop.sock_sendall(sock, data): all of it, however small the pieces
 * the kernel takes. `sent` says how much went when it fails, or stops. */
struct sock_sendall {
    struct coro coro;
    int fd;
    const void *data;
    size_t size;
    bool or_input; /* stop if it has to wait and something can be received */
    size_t sent;   /* out */
    bool blocked; /* the last try would have waited */
    struct wait_fd wait_fd;
};
ASYNC_DECLARE(sock_sendall);

#endif
