/* MISTAKE: EAGAIN of send ends the sending, and the rest is dropped. */
/* SEEN: when it said EAGAIN is thrown away */
#include "02_nonblocking/nonblocking.h"
#include "01_blocking/wire.h"

#include <stdbool.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static bool send_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = send(fd, data, size, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN;
        data += n;
        size -= (size_t)n;
    }
    return true;
}

static bool ask(int fd)
{
    char buffer[4096];
    ssize_t n = recv(fd, buffer, sizeof buffer, 0);

    if (n < 0)
        return wire_again();
    wire_upper(buffer, (size_t)n);
    return n > 0 && send_all(fd, buffer, (size_t)n);
}

int serve_nonblocking(int listener, int clients)
{
    int fds[NONBLOCKING_MAX], count = 0;

    wire_nonblocking(listener);
    while (clients > 0 || count > 0) {
        if (clients > 0 && count < NONBLOCKING_MAX) {
            int fd = wire_accept(listener);

            if (fd >= 0) {
                wire_nonblocking(fd);
                fds[count++] = fd;
                clients--;
            } else if (!wire_again() && count == 0) {
                return -1;
            }
        }
        for (int i = 0; i < count;) {
            if (ask(fds[i])) {
                i++;
                continue;
            }
            close(fds[i]);
            fds[i] = fds[--count];
        }
    }
    return 0;
}
