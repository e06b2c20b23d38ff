/* given.h - exercise.c of lesson 03, written right. A wrong answer defines
 * OWN_ and the name of each function that it gets wrong, and writes that.
 */
#include "03_select/select.h"
#include "01_blocking/wire.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

struct server {
    int listener, fds[SELECT_MAX];
    int count;   /* of fds                                   */
    int clients; /* still to be accepted                     */
    bool paused; /* no fds left: no accept before one leaves */
};

/* Not static: a wait_readable of its own may do without it. */
bool accepting(const struct server *server);
static bool wait_readable(const struct server *server, fd_set *in);
static void welcome(struct server *server);

static bool send_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = send(fd, data, size, MSG_NOSIGNAL);
        fd_set out;

        if (n < 0 && !wire_again())
            return false;
        if (n < 0) {
            FD_ZERO(&out);
            FD_SET(fd, &out);
            select(fd + 1, NULL, &out, NULL, NULL);
            continue;
        }
        data += n;
        size -= (size_t)n;
    }
    return true;
}

static bool answer(int fd)
{
    char buffer[4096];
    ssize_t n = recv(fd, buffer, sizeof buffer, 0);

    if (n < 0)
        return wire_again(); /* select said yes, the truth is here */
    wire_upper(buffer, (size_t)n);
    return n > 0 && send_all(fd, buffer, (size_t)n);
}

bool accepting(const struct server *server)
{
    return server->clients > 0 && server->count < SELECT_MAX
        && !server->paused;
}

#ifndef OWN_WAIT_READABLE
static bool wait_readable(const struct server *server, fd_set *in)
{
    int highest = -1;

    FD_ZERO(in);
    if (accepting(server)) {
        FD_SET(server->listener, in);
        highest = server->listener;
    }
    for (int i = 0; i < server->count; i++) {
        FD_SET(server->fds[i], in);
        if (server->fds[i] > highest)
            highest = server->fds[i];
    }
    return select(highest + 1, in, NULL, NULL, NULL) > 0;
}
#endif

#ifndef OWN_WELCOME
static void welcome(struct server *server)
{
    int fd = wire_accept(server->listener);

    if (fd < 0) {
        server->paused = !wire_again();
        return;
    }
    server->clients--;
    if (fd >= FD_SETSIZE) {
        close(fd); /* FD_SET would write behind the end of the set */
        return;
    }
    wire_nonblocking(fd);
    server->fds[server->count++] = fd;
}
#endif

#ifndef OWN_SERVE_SELECT
int serve_select(int listener, int clients)
{
    struct server server = { .listener = listener, .clients = clients };
    fd_set in;

    if (listener >= FD_SETSIZE) {
        errno = EINVAL;
        return -1;
    }
    wire_nonblocking(listener);
    while (server.clients > 0 || server.count > 0) {
        if (server.paused && server.count == 0)
            return -1;
        if (!wait_readable(&server, &in))
            continue; /* a signal */
        for (int i = 0; i < server.count;) {
            if (!FD_ISSET(server.fds[i], &in) || answer(server.fds[i])) {
                i++;
                continue;
            }
            close(server.fds[i]);
            server.fds[i] = server.fds[--server.count];
            server.paused = false;
        }
        if (FD_ISSET(listener, &in))
            welcome(&server);
    }
    return 0;
}
#endif
