/* half_close.c - "recv says 0, so the client has gone".
 *
 * It has only finished sending (shutdown SHUT_WR) and now reads its
 * answers. The server still has some of them in its buffer, because the
 * socket was full; it closes, and they are lost.
 */
#include "01_blocking/wire.h"

#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SIZE = 65536 };

/* A poll server in small, for one client, with the mistake. */
static void serve(int fd)
{
    static char buffer[SIZE];
    size_t start = 0, end = 0;

    for (;;) {
        short out = start < end ? POLLOUT : 0;
        struct pollfd ready = { fd, (short)(POLLIN | out), 0 };
        ssize_t n;

        poll(&ready, 1, -1);
        n = recv(fd, buffer + end, SIZE - end, 0);
        if (n == 0)
            break; /* gone? buffer[start..end] is not sent */
        end += n > 0 ? (size_t)n : 0;
        n = send(fd, buffer + start, end - start, MSG_NOSIGNAL);
        start += n > 0 ? (size_t)n : 0;
    }
    close(fd);
}

int main(void)
{
    static char bytes[SIZE / 2];
    int fds[2], small = 4096;
    size_t got = 0;
    ssize_t n;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
        return 2;
    setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    wire_nonblocking(fds[0]);
    if (send(fds[1], bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return 2;
    shutdown(fds[1], SHUT_WR);
    serve(fds[0]);
    while ((n = recv(fds[1], bytes, sizeof bytes, 0)) > 0)
        got += (size_t)n;
    close(fds[1]);
    if (got == sizeof bytes)
        return 0;
    printf("client: sent %zu bytes and shut down; answers are missing, and "
           "no call failed\n", sizeof bytes);
    return 1;
}
