/* MISTAKE: talk sends until all is sent. */
/* SEEN: talk stays with a client that does not read */
#define OWN_TALK
#include "given.h"

static bool talk(struct client *client, int fd)
{
    if (wants_in(client) && !receive(client, fd))
        return false;
    while (wants_out(client))
        if (!transmit(client, fd))
            return false;
    return wants_out(client) || !client->finished;
}
