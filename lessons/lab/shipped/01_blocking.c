/* exercise.c - a server that does one thing at a time.
 *
 * serve_blocking(listener, clients)
 *   does      accept a connection, send back in upper case each byte that
 *             comes in until the client has finished sending (recv says 0),
 *             close the connection; so `clients` times
 *   returns   0; -1 (and errno) if the listener fails
 *   closes    each connection, on every way out; never the listener
 *   errors    of one connection end that connection only
 *   beware    send may take less than you give it; EINTR is no error of the
 *             connection; a peer that has left must not kill you (SIGPIPE)
 *
 * From wire.h: wire_accept, wire_upper, wire_again. Use recv or read,
 * send or write. 20 lines.
 */
#include "01_blocking/blocking.h"
#include "01_blocking/wire.h"
#include "stage/todo.h"

#include <sys/socket.h>
#include <unistd.h>

int serve_blocking(int listener, int clients)
{
    (void)listener;
    (void)clients;
    TODO("accept, then recv and send until recv says 0, then close");
}
