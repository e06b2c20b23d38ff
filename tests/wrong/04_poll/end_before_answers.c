/* MISTAKE: recv says 0, and the connection is closed with answers unsent. */
/* SEEN: first send what is still in the buffer */
#define OWN_RECEIVE
#include "given.h"

static bool receive(struct client *client, int fd)
{
    char *at = client->buffer + client->end;
    ssize_t n = recv(fd, at, POLL_BUFFER - client->end, 0);

    if (n < 0)
        return wire_again();
    if (n == 0)
        return false;
    wire_upper(at, (size_t)n);
    client->end += (size_t)n;
    return true;
}
