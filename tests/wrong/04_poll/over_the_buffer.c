/* MISTAKE: What comes goes to the start of the buffer, over what still waits.
   */
/* SEEN: does not go behind it */
#define OWN_RECEIVE
#include "given.h"

static bool receive(struct client *client, int fd)
{
    char *at = client->buffer;
    ssize_t n = recv(fd, at, POLL_BUFFER - client->end, 0);

    if (n < 0)
        return wire_again();
    client->finished = n == 0; /* its answers may still be waiting */
    wire_upper(at, (size_t)n);
    client->end += (size_t)n;
    return true;
}
