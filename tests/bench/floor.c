/* floor.c - see floor.h. */
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 1024 };

static const char request[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
static const char response[] = "HTTP/1.1 200 OK\r\n"
    "Content-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\n";

static void give_up(const char *what)
{
    perror(what);
    exit(2);
}

static void prepare(int fd)
{
    int on = 1;

    fcntl(fd, F_SETFL, O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int floor_listen(unsigned *port)
{
    struct sockaddr_in name = { .sin_family = AF_INET };
    socklen_t length = sizeof name;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&name, length) != 0
        || listen(fd, 1024) != 0
        || getsockname(fd, (struct sockaddr *)&name, &length) != 0)
        give_up("listen");
    *port = ntohs(name.sin_port);
    prepare(fd);
    return fd;
}

static void answer(struct pollfd *client)
{
    char bytes[4096];
    ssize_t n = recv(client->fd, bytes, sizeof bytes, 0);

    if (n <= 0 && errno == EAGAIN && n < 0)
        return;
    if (n <= 0 || send(client->fd, response, sizeof response - 1,
                       MSG_NOSIGNAL) < 0) {
        close(client->fd);
        client->fd = -1;
    }
}

_Noreturn void floor_serve(int listener)
{
    struct pollfd fds[MOST] = { { .fd = listener, .events = POLLIN } };
    nfds_t n = 1;

    for (;;) {
        if (poll(fds, n, -1) < 0 && errno != EINTR)
            give_up("poll");
        for (nfds_t i = 1; i < n; i++) {
            if (fds[i].revents != 0)
                answer(&fds[i]);
            while (i < n && fds[i].fd < 0)
                fds[i] = fds[--n];
        }
        while (fds[0].revents != 0 && n < MOST) {
            int fd = accept(listener, NULL, NULL);

            if (fd < 0)
                break;
            prepare(fd);
            fds[n++] = (struct pollfd){ .fd = fd, .events = POLLIN };
        }
    }
}

static int dial(unsigned port)
{
    struct sockaddr_in name = { .sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof name) != 0)
        give_up("connect");
    prepare(fd);
    return fd;
}

static void ask(int fd)
{
    if (send(fd, request, sizeof request - 1, MSG_NOSIGNAL) < 0)
        give_up("send");
}

size_t floor_get(unsigned port, size_t connections, size_t count)
{
    struct pollfd fds[MOST];
    size_t sent = 0, received = 0, good = 0;
    char bytes[4096];

    for (size_t i = 0; i < connections && sent < count; i++, sent++) {
        fds[i] = (struct pollfd){ .fd = dial(port), .events = POLLIN };
        ask(fds[i].fd);
    }
    while (received < count) {
        if (poll(fds, (nfds_t)connections, 5000) <= 0)
            give_up("poll");
        for (size_t i = 0; i < connections; i++) {
            if (fds[i].revents == 0)
                continue;
            if (recv(fds[i].fd, bytes, sizeof bytes, 0) < 12)
                give_up("recv");
            received++;
            good += memcmp(bytes + 9, "200", 3) == 0;
            if (sent < count) {
                ask(fds[i].fd);
                sent++;
            }
        }
    }
    for (size_t i = 0; i < connections; i++)
        close(fds[i].fd);
    return good;
}
