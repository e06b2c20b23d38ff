/* MISTAKE: recv is called with the room that is left, be it none. */
/* SEEN: recv is called with no room left */
#define OWN_WANTS_IN
#include "given.h"

static bool wants_in(const struct client *client)
{
    return !client->finished;
}
