/* MISTAKE: An empty buffer does not begin again at 0. */
/* SEEN: an empty buffer begins again at 0 */
#define OWN_TRANSMIT
#include "given.h"

static bool transmit(struct client *client, int fd)
{
    ssize_t n = send(fd, client->buffer + client->start,
                     client->end - client->start, MSG_NOSIGNAL);

    if (n < 0)
        return wire_again();
    client->start += (size_t)n; /* what did not fit stays */
    return true;
}
