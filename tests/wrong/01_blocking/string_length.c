/* MISTAKE: the bytes are taken for a C string, which ends at a 0. */
/* SEEN: are taken for a C string */
#include "01_blocking/blocking.h"
#include "01_blocking/wire.h"

#include <errno.h>
#include <sys/socket.h>
#include <string.h>
#include <unistd.h>

static int send_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = send(fd, data, size, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

static void serve_client(int fd)
{
    char buffer[4096];

    for (;;) {
        ssize_t n = recv(fd, buffer, sizeof buffer - 1, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        buffer[n] = '\0';
        wire_upper(buffer, (size_t)n);
        if (send_all(fd, buffer, strlen(buffer)) != 0)
            return;
    }
}

int serve_blocking(int listener, int clients)
{
    for (; clients > 0; clients--) {
        int fd = wire_accept(listener);

        if (fd < 0)
            return -1;
        serve_client(fd);
        close(fd);
    }
    return 0;
}
