/* armed_pollout.c - POLLOUT asked for, always, to be on the safe side.
 *
 * A socket is writable as long as its buffer has room, so nearly always:
 * poll() returns at once, each time, and the sleep of lesson 03 is lost.
 */
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TURNS = 10000 };

int main(void)
{
    int fds[2], woken = 0;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
        return 2;
    for (int turn = 0; turn < TURNS; turn++) {
        struct pollfd ready = { fds[0], POLLIN | POLLOUT, 0 };

        woken += poll(&ready, 1, 1000) == 1 && ready.revents == POLLOUT;
        /* nothing has come, nothing is to be sent: round again */
    }
    printf("nobody says a word: poll() woke the server %d times, each time "
           "for POLLOUT\n", woken);
    close(fds[0]);
    close(fds[1]);
    return woken == TURNS;
}
