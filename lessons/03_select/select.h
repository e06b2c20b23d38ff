/* select.h - one thread, many sockets, and sleep. */
#ifndef LAB_SELECT_H
#define LAB_SELECT_H

enum { SELECT_MAX = 256 }; /* connections at a time; more must queue */

/* Serves `clients` connections to their end, any number of them side by
 * side, and returns 0: each byte that comes in goes back in upper case
 * (wire.h), until the client has finished sending; then its socket is
 * closed. An error of one connection ends that connection only.
 * Sleeps in select(), without a timeout, and nowhere else: with nothing to
 * do it makes no system call.
 * A connection whose fd is FD_SETSIZE (1024) or more is closed at once:
 * it does not fit into an fd_set. It counts as served.
 * The listener stays the caller's, and becomes non-blocking. If it does not
 * fit: -1, EINVAL. If it fails and nobody is connected: -1, errno.
 * Not promised: a client that does not read its answers keeps the others
 * waiting (lesson 04). */
int serve_select(int listener, int clients);

#endif
