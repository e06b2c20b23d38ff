/* MISTAKE: that recv said 0 is not remembered while answers wait. */
/* SEEN: recv's 0 is not remembered */
#define OWN_WANTS_IN
#include "given.h"

static bool wants_in(const struct client *client)
{
    return client->end < POLL_BUFFER;
}
