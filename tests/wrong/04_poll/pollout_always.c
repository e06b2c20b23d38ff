/* MISTAKE: POLLOUT is asked for all the time. */
/* SEEN: POLLOUT is asked for though there is nothing to send */
#define OWN_INTEREST
#include "given.h"

static short interest(const struct client *client)
{
    return (short)((wants_in(client) ? POLLIN : 0) | POLLOUT);
}
