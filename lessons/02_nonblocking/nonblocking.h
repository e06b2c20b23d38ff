/* nonblocking.h - a server that never sleeps. */
#ifndef LAB_NONBLOCKING_H
#define LAB_NONBLOCKING_H

enum { NONBLOCKING_MAX = 256 }; /* connections at a time; more must queue */

/* Serves `clients` connections to their end, any number of them side by
 * side, and returns 0: each byte that comes in goes back in upper case
 * (wire.h), until the client has finished sending; then its socket is
 * closed. An error of one connection ends that connection only.
 * The listener stays the caller's, and becomes non-blocking. If it fails
 * and nobody is connected: -1, errno.
 * No call sleeps. Not promised: a client that does not read its answers
 * keeps the others waiting (lesson 04). */
int serve_nonblocking(int listener, int clients);

#endif
