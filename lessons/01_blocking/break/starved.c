/* starved.c - one client that says nothing, in front of lesson 01.
 *
 * It connects and keeps silent. The server sleeps in recv for it. The next
 * client has sent its line, the kernel holds it ready, nobody asks for it.
 */
#include "01_blocking/blocking.h"
#include "01_blocking/wire.h"

#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 300 };

static int hears_within(int fd, int ms)
{
    struct pollfd ready = { fd, POLLIN, 0 };

    return poll(&ready, 1, ms) == 1;
}

int main(void)
{
    struct sockaddr_in address;
    int listener = wire_listen(&address), slow, quick, starved;
    pid_t server = listener >= 0 ? fork() : -1;

    if (server == 0) {
        alarm(20);
        _exit(serve_blocking(listener, 2) == 0 ? 0 : 1);
    }
    slow = wire_connect(&address);
    quick = wire_connect(&address);
    if (server < 0 || quick < 0 || send(quick, "one\n", 4, 0) != 4)
        return 2;
    starved = !hears_within(quick, PATIENCE_MS);
    if (starved)
        printf("quick: no answer in %d ms, from a server that has nothing "
               "to do\n", PATIENCE_MS);
    close(slow);
    if (hears_within(quick, 5000))
        printf("quick: answered, now that the slow one has left\n");
    close(quick);
    close(listener);
    waitpid(server, NULL, 0);
    return starved;
}
