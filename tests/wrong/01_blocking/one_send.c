/* MISTAKE: A send that took less than it was given is taken for all of it. */
/* SEEN: send took less than it was given, and the rest is lost */
#include "01_blocking/blocking.h"
#include "01_blocking/wire.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static int send_all(int fd, const char *data, size_t size)
{
    ssize_t n;

    do
        n = send(fd, data, size, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -1 : 0;
}

static void serve_client(int fd)
{
    char buffer[4096];

    for (;;) {
        ssize_t n = recv(fd, buffer, sizeof buffer, 0); /* sleeps */

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; /* 0: it has finished sending; else it is broken */
        wire_upper(buffer, (size_t)n);
        if (send_all(fd, buffer, (size_t)n) != 0)
            return;
    }
}

int serve_blocking(int listener, int clients)
{
    for (; clients > 0; clients--) {
        int fd = wire_accept(listener); /* sleeps */

        if (fd < 0)
            return -1;
        serve_client(fd);
        close(fd);
    }
    return 0;
}
