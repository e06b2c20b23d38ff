/* MISTAKE: each client gets a process of its own, and nobody waits for it. */
/* SEEN: or to a child process or a thread */
#include "01_blocking/blocking.h"
#include "01_blocking/wire.h"

#include <errno.h>
#include <sys/socket.h>
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
        ssize_t n = recv(fd, buffer, sizeof buffer, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        wire_upper(buffer, (size_t)n);
        if (send_all(fd, buffer, (size_t)n) != 0)
            return;
    }
}

int serve_blocking(int listener, int clients)
{
    for (; clients > 0; clients--) {
        int fd = wire_accept(listener);

        if (fd < 0)
            return -1;
        if (fork() == 0) {
            serve_client(fd);
            _exit(0);
        }
        close(fd);
    }
    return 0;
}
