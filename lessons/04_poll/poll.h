/* poll.h - interest on demand, a buffer per client, half-close. */
#ifndef LAB_POLL_H
#define LAB_POLL_H

enum { POLL_MAX = 256, POLL_BUFFER = 4096 };

/* Serves `clients` connections to their end, up to POLL_MAX side by side,
 * and returns 0: each byte that comes in goes back in upper case (wire.h).
 * A client that has finished sending gets all its answers; then its socket
 * is closed. An error of one connection ends that connection only.
 * A client that does not read its answers keeps nobody waiting but itself:
 * at most POLL_BUFFER of its bytes are held here, then no more are read.
 * Sleeps in poll(), without a timeout, and nowhere else; asks for POLLIN
 * while there is room, for POLLOUT while there is something to send, so
 * that it is never woken for nothing.
 * The listener stays the caller's, and becomes non-blocking. If it fails
 * and nobody is connected: -1, errno. */
int serve_poll(int listener, int clients);

#endif
