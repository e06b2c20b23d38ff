/* MISTAKE: What send did not take is thrown away. */
/* SEEN: the rest is lost: start moves by what send said */
#define OWN_TRANSMIT
#include "given.h"

static bool transmit(struct client *client, int fd)
{
    ssize_t n = send(fd, client->buffer + client->start,
                     client->end - client->start, MSG_NOSIGNAL);

    if (n < 0)
        return wire_again();
    client->start = client->end = 0;
    return true;
}
