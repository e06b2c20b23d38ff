/* eagain_is_no_end.c - `n <= 0` was right in lesson 01.
 *
 * There it meant: finished or broken. On a non-blocking socket it also
 * means: nothing yet, which is what the server hears first from everybody.
 */
#include "01_blocking/wire.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    char buffer[64];
    int fds[2], lost;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
        return 2;
    wire_nonblocking(fds[0]);
    /* The server asks before the client has said anything. */
    if (recv(fds[0], buffer, sizeof buffer, 0) <= 0) {
        printf("server: recv says -1, %s; so it closes\n", strerror(errno));
        close(fds[0]);
    }
    lost = send(fds[1], "one\n", 4, MSG_NOSIGNAL) < 0;
    if (lost)
        printf("client: wants to send its first line: %s\n",
               strerror(errno));
    close(fds[1]);
    return lost;
}
