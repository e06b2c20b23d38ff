/* one_timeout.c - "a client silent for 300 ms is dropped", with poll()'s
 * timeout.
 *
 * poll() has one timeout for all, and it starts again with each call. One
 * client that talks keeps the silent one alive. What is missing: a deadline
 * per client, the earliest of them as the timeout, and somebody who calls
 * what is due. by_hand.c tries.
 */
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PROMISED_MS = 300, LINES = 20, PAUSE_MS = 20 };

/* The other client: thinks, and sends its next line. */
static void talks(int fd)
{
    nanosleep(&(struct timespec){ 0, PAUSE_MS * 1000000 }, NULL);
    send(fd, "hi\n", 3, 0);
}

int main(void)
{
    int silent[2], chatty[2], lines = 0;
    char buffer[64];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, silent) != 0
        || socketpair(AF_UNIX, SOCK_STREAM, 0, chatty) != 0)
        return 2;
    for (;;) {
        struct pollfd fds[2] = {
            { silent[0], POLLIN, 0 }, { chatty[0], POLLIN, 0 }
        };

        if (lines < LINES)
            talks(chatty[1]);
        if (poll(fds, 2, PROMISED_MS) == 0)
            break; /* 300 ms without a word: drop it */
        lines += recv(chatty[0], buffer, sizeof buffer, 0) > 0;
    }
    printf("the silent client was to go after %d ms; it stayed through %d "
           "lines of another,\n%d ms at least, and %d more\n", PROMISED_MS,
           lines, LINES * PAUSE_MS, PROMISED_MS);
    for (int i = 0; i < 2; i++) {
        close(silent[i]);
        close(chatty[i]);
    }
    return lines == LINES;
}
