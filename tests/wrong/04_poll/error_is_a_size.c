/* MISTAKE: recv's -1 is used as a number of bytes before it is looked at. */
/* SEEN: -1 is an error, no number of bytes */
#define OWN_RECEIVE
#include "given.h"

static bool receive(struct client *client, int fd)
{
    char *at = client->buffer + client->end;
    ssize_t n = recv(fd, at, POLL_BUFFER - client->end, 0);

    wire_upper(at, (size_t)n);
    if (n < 0)
        return wire_again();
    client->finished = n == 0;
    client->end += (size_t)n;
    return true;
}
