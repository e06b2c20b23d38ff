/* MISTAKE: POLLOUT is never asked for: send is called when something has come.
   */
/* SEEN: what was not sent waits for ever */
#define OWN_INTEREST
#include "given.h"

static short interest(const struct client *client)
{
    return wants_in(client) ? POLLIN : 0;
}
