/* exercise.c - a server that never sleeps.
 *
 * serve_nonblocking(listener, clients)
 *   does      keeps a table of connections (NONBLOCKING_MAX at most) and
 *             goes round: is there a new one? is there something from this
 *             one? from that one? What comes in goes back in upper case
 *   returns   0 when `clients` connections have come and gone; -1 (and
 *             errno) if the listener fails and nobody is connected. With
 *             somebody connected go on: when he has left, there may be an
 *             fd again (EMFILE: none was left)
 *   closes    each connection when it has finished sending (recv says 0) or
 *             is broken; never the listener
 *   beware    accept no more than `clients`; EAGAIN is not the end; the
 *             connection does not inherit O_NONBLOCK from the listener;
 *             removing from a table while going through it; send says
 *             EAGAIN, too: go on sending (it spins; lesson 04 mends it)
 *
 * From wire.h: wire_nonblocking, wire_accept, wire_again, wire_upper.
 * 35 lines.
 */
#include "02_nonblocking/nonblocking.h"
#include "01_blocking/wire.h"
#include "stage/todo.h"

#include <sys/socket.h>
#include <unistd.h>

int serve_nonblocking(int listener, int clients)
{
    (void)listener;
    (void)clients;
    TODO("ask the listener and each connection, again and again");
}
