/* MISTAKE: > for >=: FD_SETSIZE itself is let in. */
/* SEEN: an fd of FD_SETSIZE or more is not closed at once */
#include "03_select/select.h"
#include "01_blocking/wire.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

/* All of it, sleeping in select when the peer does not read. */
static bool send_whole(int fd, const char *data, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(fd, data, n, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno == EAGAIN) {
            fd_set out;

            FD_ZERO(&out);
            FD_SET(fd, &out);
            select(fd + 1, NULL, &out, NULL, NULL);
            continue;
        }
        if (sent < 0)
            return false;
        data += sent;
        n -= (size_t)sent;
    }
    return true;
}

/* false: this one is over */
static bool ask(int fd)
{
    char buffer[4096];
    ssize_t n = recv(fd, buffer, sizeof buffer, 0);

    if (n < 0)
        return wire_again();
    if (n == 0)
        return false;
    wire_upper(buffer, (size_t)n);
    return send_whole(fd, buffer, (size_t)n);
}

int serve_select(int listener, int clients)
{
    int fds[SELECT_MAX];
    int count = 0;
    bool resting = false; /* no fds left: listener out of the set */

    if (listener >= FD_SETSIZE) {
        errno = EINVAL;
        return -1;
    }
    wire_nonblocking(listener);
    while (clients > 0 || count > 0) {
        fd_set in;
        int highest = -1;
        bool more = clients > 0 && count < SELECT_MAX && !resting;

        FD_ZERO(&in);
        if (more) {
            FD_SET(listener, &in);
            highest = listener;
        }
        for (int i = 0; i < count; i++) {
            FD_SET(fds[i], &in);
            if (fds[i] > highest)
                highest = fds[i];
        }
        if (select(highest + 1, &in, NULL, NULL, NULL) < 0) {
            if (errno == EINTR)
                continue;
            return -1;
        }
        for (int i = 0; i < count;) {
            if (FD_ISSET(fds[i], &in) && !ask(fds[i])) {
                close(fds[i]);
                fds[i] = fds[--count];
                resting = false;
            } else {
                i++;
            }
        }
        if (more && FD_ISSET(listener, &in)) {
            int fd = wire_accept(listener);

            if (fd > FD_SETSIZE) {
                close(fd);
                clients--;
            } else if (fd >= 0) {
                wire_nonblocking(fd);
                fds[count++] = fd;
                clients--;
            } else if (!wire_again()) {
                if (count == 0)
                    return -1;
                resting = true;
            }
        }
    }
    return 0;
}
