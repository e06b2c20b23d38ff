/* given.h - exercise.c of lesson 04, written right. A wrong answer defines
 * OWN_ and the name of each function that it gets wrong, and writes that.
 */
#include "04_poll/poll.h"
#include "01_blocking/wire.h"

#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

struct client {
    bool finished; /* sending: recv said 0 */
    size_t start, end;
    char buffer[POLL_BUFFER];
};

struct server {
    struct pollfd fds[1 + POLL_MAX]; /* the listener, then the clients' */
    struct client slots[POLL_MAX];
    int listener;
    int clients; /* still to be accepted                     */
    int count;   /* connected                                */
    bool paused; /* no fds left: no accept before one leaves */
};

static bool wants_in(const struct client *client);
static short interest(const struct client *client);
static bool receive(struct client *client, int fd);
static bool transmit(struct client *client, int fd);
static bool talk(struct client *client, int fd);

#ifndef OWN_WANTS_IN
static bool wants_in(const struct client *client)
{
    return !client->finished && client->end < POLL_BUFFER;
}
#endif

static bool wants_out(const struct client *client)
{
    return client->start < client->end;
}

#ifndef OWN_INTEREST
static short interest(const struct client *client)
{
    return (short)((wants_in(client) ? POLLIN : 0)
                   | (wants_out(client) ? POLLOUT : 0));
}
#endif

#ifndef OWN_RECEIVE
static bool receive(struct client *client, int fd)
{
    char *at = client->buffer + client->end;
    ssize_t n = recv(fd, at, POLL_BUFFER - client->end, 0);

    if (n < 0)
        return wire_again();
    client->finished = n == 0; /* its answers may still be waiting */
    wire_upper(at, (size_t)n);
    client->end += (size_t)n;
    return true;
}
#endif

#ifndef OWN_TRANSMIT
static bool transmit(struct client *client, int fd)
{
    ssize_t n = send(fd, client->buffer + client->start,
                     client->end - client->start, MSG_NOSIGNAL);

    if (n < 0)
        return wire_again();
    client->start += (size_t)n; /* what did not fit stays */
    if (client->start == client->end)
        client->start = client->end = 0;
    return true;
}
#endif

#ifndef OWN_TALK
static bool talk(struct client *client, int fd)
{
    if (wants_in(client) && !receive(client, fd))
        return false;
    if (wants_out(client) && !transmit(client, fd))
        return false;
    return wants_out(client) || !client->finished;
}
#endif

static void welcome(struct server *server)
{
    int fd = wire_accept(server->listener), i = 0;

    server->paused = fd < 0 && !wire_again();
    if (fd < 0)
        return;
    wire_nonblocking(fd);
    while (server->fds[1 + i].fd >= 0)
        i++; /* there is a free one: we would not accept else */
    server->fds[1 + i].fd = fd;
    server->slots[i] = (struct client){ .finished = false };
    server->clients--;
    server->count++;
}

static void part(struct server *server, int i)
{
    close(server->fds[1 + i].fd);
    server->fds[1 + i].fd = -1;
    server->count--;
    server->paused = false;
}

static bool wait_ready(struct server *server)
{
    bool accepting = server->clients > 0 && server->count < POLL_MAX
        && !server->paused;

    server->fds[0].fd = accepting ? server->listener : -1;
    for (int i = 0; i < POLL_MAX; i++)
        server->fds[1 + i].events = interest(&server->slots[i]);
    return poll(server->fds, 1 + POLL_MAX, -1) > 0;
}

int serve_poll(int listener, int clients)
{
    struct server server = { .listener = listener, .clients = clients };

    wire_nonblocking(listener);
    for (int i = 0; i <= POLL_MAX; i++)
        server.fds[i] = (struct pollfd){ -1, POLLIN, 0 };
    while (server.clients > 0 || server.count > 0) {
        if (server.paused && server.count == 0)
            return -1;
        if (!wait_ready(&server))
            continue;
        for (int i = 0; i < POLL_MAX; i++)
            if (server.fds[1 + i].revents != 0
                && !talk(&server.slots[i], server.fds[1 + i].fd))
                part(&server, i);
        if (server.fds[0].revents != 0)
            welcome(&server);
    }
    return 0;
}
