/* MISTAKE: POLLIN or POLLOUT is asked for, never both. */
/* SEEN: the two conditions do not know of each other */
#define OWN_INTEREST
#include "given.h"

static short interest(const struct client *client)
{
    return client->start < client->end ? POLLOUT
        : client->finished ? 0 : POLLIN;
}
