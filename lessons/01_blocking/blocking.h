/* blocking.h - a server that does one thing at a time. */
#ifndef LAB_BLOCKING_H
#define LAB_BLOCKING_H

/* Serves `clients` connections to their end, one after the other, and
 * returns 0: each byte that comes in goes back in upper case (wire.h), until
 * the client has finished sending; then its socket is closed. An error of
 * one connection ends that connection only.
 * The listener stays the caller's. If it fails: -1, errno.
 * The calls that sleep: accept, recv, send. */
int serve_blocking(int listener, int clients);

#endif
