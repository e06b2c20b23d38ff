/* exercise.c - interest on demand, a buffer per client, half-close.
 *
 * The loop around poll() is given; its heart is yours: what do we want of a
 * client now (interest), and what do we do when it is ready (talk)?
 *
 *     buffer of a client:   [ sent | to send       | room          ]
 *                           0      start           end   POLL_BUFFER
 *
 * interest(client)
 *   returns   POLLIN while there is room and it has not finished sending,
 *             POLLOUT while there is something to send; both, if both
 * talk(client, fd)
 *   does      takes what has come, in upper case, into the buffer, and sends
 *             as much of it as the kernel takes; what is left stays
 *   returns   false when it is over: broken, or finished sending (recv said
 *             0) and everything is sent. The loop closes it then
 *   beware    whatever woke us is a hint: wire_again() after -1 means later;
 *             start == end means empty: begin again at 0
 *
 * 25 lines.
 */
#include "04_poll/poll.h"
#include "01_blocking/wire.h"
#include "stage/todo.h"

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

static short interest(const struct client *client)
{
    (void)client;
    TODO("POLLIN while there is room, POLLOUT while there is something");
}

/* False: it is over. */
static bool talk(struct client *client, int fd)
{
    (void)client;
    (void)fd;
    TODO("recv into the room, send what is to be sent");
}

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

/* Sleeps until somebody is ready for what we want of him. */
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
