/* soup.c - GETs as callbacks, and one path that forgot something.
 *
 *     start -> connected -> answered -> done(status)
 *                 |             |
 *                 '-> failed <--'
 *
 * One GET is five functions and a struct that carries what locals would
 * hold. Each exit has to stop watching, close the socket and tell the
 * caller. `failed` does one of the three. The server here answers every
 * other request and hangs up on the rest.
 */
#include "05_loop/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { GETS = 5 };

struct get {
    struct mini *mini;
    int number, fd;
    char answer[64];
    struct handle handle;
    void (*done)(struct get *get, int status);
};

static void failed(struct get *get)
{
    mini_reader(get->mini, get->fd, NULL);
    printf("get %d: failed\n", get->number);
    /* and the socket? and the caller? */
}

static void answered(void *arg)
{
    struct get *get = arg;
    ssize_t n = recv(get->fd, get->answer, sizeof get->answer - 1, 0);
    int status = 0;

    if (n <= 0 || sscanf(get->answer, "HTTP/1.1 %d", &status) != 1) {
        failed(get);
        return;
    }
    mini_reader(get->mini, get->fd, NULL);
    close(get->fd);
    get->done(get, status);
}

static void connected(void *arg)
{
    static const char ask[] = "GET / HTTP/1.1\r\n\r\n";
    struct get *get = arg;

    mini_writer(get->mini, get->fd, NULL);
    get->handle.run = answered;
    mini_reader(get->mini, get->fd, &get->handle);
    if (send(get->fd, ask, sizeof ask - 1, MSG_NOSIGNAL) < 0)
        failed(get);
}

static void start(struct get *get, const struct sockaddr_in *address)
{
    get->fd = socket(AF_INET, SOCK_STREAM, 0);
    (void)fcntl(get->fd, F_SETFL, O_NONBLOCK);
    if (connect(get->fd, (const struct sockaddr *)address,
                sizeof *address) != 0 && errno != EINPROGRESS) {
        printf("get %d: %s\n", get->number, strerror(errno));
        return;
    }
    get->handle = (struct handle){ .run = connected, .arg = get };
    mini_writer(get->mini, get->fd, &get->handle);
}

/* --- Around it ----------------------------------------------------------- */

static int told;

static void count(struct get *get, int status)
{
    printf("get %d: status %d\n", get->number, status);
    told++;
}

struct connection {
    struct server *server;
    int number, fd;
    struct handle handle;
};

struct server {
    struct mini *mini;
    int fd, served;
    struct handle handle;
    struct connection connections[GETS];
};

static void reply(void *arg)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\n\r\n";
    struct connection *connection = arg;
    char ask[64];

    if (recv(connection->fd, ask, sizeof ask, 0) > 0
        && connection->number % 2 == 1)
        (void)!send(connection->fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
    mini_reader(connection->server->mini, connection->fd, NULL);
    close(connection->fd);
}

static void serve(void *arg)
{
    struct server *server = arg;
    struct connection *connection = &server->connections[server->served];

    server->served++;
    *connection = (struct connection){ .server = server,
        .number = server->served, .fd = accept(server->fd, NULL, NULL),
        .handle = { .run = reply, .arg = connection } };
    mini_reader(server->mini, connection->fd, &connection->handle);
    if (server->served == GETS)
        mini_reader(server->mini, server->fd, NULL);
}

static int open_fds(void)
{
    int n = 0;

    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) != -1;
    return n;
}

static int listen_here(struct sockaddr_in *address)
{
    socklen_t length = sizeof *address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    *address = (struct sockaddr_in){ .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    if (bind(fd, (struct sockaddr *)address, length) != 0
        || listen(fd, GETS) != 0
        || getsockname(fd, (struct sockaddr *)address, &length) != 0) {
        perror("listen");
        return -1;
    }
    return fd;
}

int main(void)
{
    struct get gets[GETS] = { { .fd = -1 } };
    struct sockaddr_in address;
    struct server server = { .fd = listen_here(&address) };
    struct mini mini;
    int before = open_fds(), left;

    mini_init(&mini, NULL);
    server.mini = &mini;
    server.handle = (struct handle){ .run = serve, .arg = &server };
    mini_reader(&mini, server.fd, &server.handle);
    for (int i = 0; i < GETS; i++) {
        gets[i] = (struct get){ .mini = &mini, .number = i + 1,
                                .done = count };
        start(&gets[i], &address);
    }
    mini_run(&mini);
    left = open_fds() - before;
    printf("census: %d of %d callers were told, %d fds left\n", told, GETS,
           left);
    close(server.fd);
    return left != 0;
}
