/* MISTAKE: A full socket buffer (EAGAIN of send) ends the connection. */
/* SEEN: EAGAIN, the socket buffer is full */
#define OWN_TRANSMIT
#include "given.h"

static bool transmit(struct client *client, int fd)
{
    ssize_t n = send(fd, client->buffer + client->start,
                     client->end - client->start, MSG_NOSIGNAL);

    if (n < 0)
        return false;
    client->start += (size_t)n; /* what did not fit stays */
    if (client->start == client->end)
        client->start = client->end = 0;
    return true;
}
