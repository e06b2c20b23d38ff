/* wire.h - the few socket lines that lessons 01 to 04 share.
 *
 * The protocol: whatever a client sends comes back in upper case. A client
 * thinks in lines, "hello\n" gives "HELLO\n"; the server need not: it
 * answers the bytes it has.
 *
 * Every socket here is close-on-exec. Addresses are 127.0.0.1 and a port
 * that the kernel chooses, so nothing collides and nothing leaves the host.
 */
#ifndef LAB_WIRE_H
#define LAB_WIRE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

/* A listening socket; *address says where. -1: errno. */
int wire_listen(struct sockaddr_in *address);

/* A blocking connection to it. -1: errno. */
int wire_connect(const struct sockaddr_in *address);

/* accept(), again after a signal or when the peer has left the queue. The
 * caller closes it. -1: errno, EAGAIN if the listener does not block. */
int wire_accept(int listener);

/* O_NONBLOCK from here on: a call that would sleep says EAGAIN instead.
 * It belongs to the socket, not to the fd: whoever shares it is affected. */
void wire_nonblocking(int fd);

/* Did the call that just failed only mean "not now"? (errno is EAGAIN, or
 * EINTR: a signal came first.) */
bool wire_again(void);

/* 'a' to 'z' into 'A' to 'Z', in any locale. */
void wire_upper(char *bytes, size_t n);

#endif
