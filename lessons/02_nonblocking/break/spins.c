/* spins.c - what lesson 02 does while nobody says a word.
 *
 * One client is connected and silent. The turn below is that of
 * serve_nonblocking, with a counter; the real one goes on like this for as
 * long as the silence lasts. (`02_nonblocking --stamps` tells its CPU time.)
 */
#include "01_blocking/wire.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TURNS = 50000 };

int main(void)
{
    struct sockaddr_in address;
    int listener = wire_listen(&address), client, fd;
    int calls = 0, useful = 0;
    char buffer[64];

    client = wire_connect(&address);
    fd = wire_accept(listener);
    if (client < 0 || fd < 0)
        return 2;
    wire_nonblocking(listener);
    wire_nonblocking(fd);
    for (int turn = 0; turn < TURNS; turn++) {
        useful += wire_accept(listener) >= 0;
        useful += recv(fd, buffer, sizeof buffer, 0) >= 0;
        calls += 2;
    }
    printf("nobody says a word: %d turns, %d system calls, %d with a "
           "result\n", TURNS, calls, useful);
    printf("the server has not slept once: a CPU is at 100 %%\n");
    close(client);
    close(fd);
    close(listener);
    return useful == 0;
}
