/* not_reading.c - one client that does not read, in front of lesson 03.
 *
 * It sends and sends and takes no answer. The buffers between it and the
 * server fill up, the server's send can go no further, and send_all waits:
 * for one socket, and with it everybody.
 */
#include "01_blocking/wire.h"
#include "03_select/select.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 300 };

static int ready_within(int fd, short events, int ms)
{
    struct pollfd ready = { fd, events, 0 };

    return poll(&ready, 1, ms) == 1;
}

/* Sends until nobody takes any more. */
static void flood(int fd)
{
    char bytes[4096];

    memset(bytes, 'x', sizeof bytes);
    while (ready_within(fd, POLLOUT, PATIENCE_MS))
        if (send(fd, bytes, sizeof bytes, MSG_DONTWAIT) < 0)
            return;
}

int main(void)
{
    struct sockaddr_in address;
    int listener = wire_listen(&address), small = 8192, slow, quick, stuck;
    pid_t server;

    setsockopt(listener, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    server = listener >= 0 ? fork() : -1;
    if (server == 0) {
        alarm(20);
        _exit(serve_select(listener, 2) == 0 ? 0 : 1);
    }
    slow = wire_connect(&address);
    setsockopt(slow, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    flood(slow);
    quick = wire_connect(&address);
    if (server < 0 || quick < 0 || send(quick, "one\n", 4, 0) != 4)
        return 2;
    stuck = !ready_within(quick, POLLIN, PATIENCE_MS);
    if (stuck)
        printf("quick: no answer in %d ms: the server waits for a client "
               "that does not read\n", PATIENCE_MS);
    close(slow);
    if (ready_within(quick, POLLIN, 5000))
        printf("quick: answered, now that the other has left\n");
    close(quick);
    close(listener);
    waitpid(server, NULL, 0);
    return stuck;
}
