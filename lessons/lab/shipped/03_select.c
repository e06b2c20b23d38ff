/* exercise.c - one thread, many sockets, and sleep.
 *
 * serve_select(listener, clients)
 *   does      what serve_nonblocking does, but asks only those of whom
 *             select() says that they have something, and sleeps in
 *             select() until one has
 *   returns   0 when `clients` connections have come and gone; -1 (and
 *             errno) if the listener fails and nobody is connected, or does
 *             not fit into an fd_set (EINVAL)
 *   closes    each connection when it has finished sending (recv says 0) or
 *             is broken, and at once one whose fd is FD_SETSIZE or more,
 *             which counts as served; never the listener
 *   at most   SELECT_MAX connections at a time: with no room left, leave the
 *             listener out of the set; the rest queue
 *   no fds    (EMFILE) while somebody is connected: leave the listener out
 *             of the set, where it stays ready, until somebody has left
 *   beware    select overwrites the set: fill it before each call; its
 *             first argument is the highest fd plus one; leave the listener
 *             out when nobody is to come, or you wake for nothing; when send
 *             says EAGAIN do not spin as in lesson 02: select(fd + 1, NULL,
 *             &out, NULL, NULL), then send again
 *
 * From wire.h: wire_nonblocking, wire_accept, wire_again, wire_upper.
 * 55 lines, of which 35 are your lesson 02: begin with a copy of it.
 */
#include "03_select/select.h"
#include "01_blocking/wire.h"
#include "stage/todo.h"

#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

int serve_select(int listener, int clients)
{
    (void)listener;
    (void)clients;
    TODO("fill the set, select, ask those who are left in it");
}
