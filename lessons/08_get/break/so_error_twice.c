/* so_error_twice.c - connect() said EINPROGRESS, and the socket is writable.
 * Is it connected? SO_ERROR knows; reading it also clears it. Three
 * programmers look at a refused connection:
 *
 *     once      reads it once, and keeps what it read
 *     twice     reads it for the log, and again for the decision
 *     never     takes "writable" for "connected"
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static _Noreturn void die(const char *what)
{
    perror(what);
    exit(2);
}

/* Where nobody listens: the port is bound, so that no other program can
 * come to listen there, until we end. */
static struct sockaddr_in closed_port(void)
{
    struct sockaddr_in name = { .sin_family = AF_INET };
    socklen_t length = sizeof name;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) != 0
        || getsockname(fd, (struct sockaddr *)&name, &length) != 0)
        die("bind");
    return name;
}

/* Writable, after a connect() that was refused. */
static int refused_socket(void)
{
    struct sockaddr_in name = closed_port();
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct pollfd ready = { .fd = fd, .events = POLLOUT };

    if (fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
        die("socket");
    if (connect(fd, (struct sockaddr *)&name, sizeof name) == 0
        || errno != EINPROGRESS)
        die("connect");
    if (poll(&ready, 1, 5000) != 1)
        die("poll");
    return fd;
}

static int so_error(int fd)
{
    int number = 0;
    socklen_t length = sizeof number;

    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &length) != 0)
        die("getsockopt");
    return number;
}

/* True if the decision was wrong: a request was sent into nothing. */
static bool decide(const char *who, int fd, int number)
{
    if (number != 0) {
        printf("%s: connect: %s\n", who, strerror(number));
    } else {
        printf("%s: connected!\n", who);
        if (send(fd, "GET /", 5, MSG_NOSIGNAL) < 0)
            printf("%s: send: %s\n", who, strerror(errno));
    }
    close(fd);
    return number == 0;
}

int main(void)
{
    int once = refused_socket(), twice = refused_socket(),
        never = refused_socket(), wrong = 0;

    wrong += decide("once ", once, so_error(once));
    printf("twice: (log: %s)\n", strerror(so_error(twice)));
    wrong += decide("twice", twice, so_error(twice));
    wrong += decide("never", never, 0);
    return wrong != 0;
}
