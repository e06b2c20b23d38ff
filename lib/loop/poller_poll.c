/* poller_poll.c - the default. What is asked is built anew each turn: O(n),
 * as poll() itself is, and nothing to keep in step. */
#include "loop/loop.h"
#include "sys.h"

#include <assert.h>
#include <errno.h>

static size_t wait_poll(struct poller *poller, int timeout_ms)
{
    size_t n = poller_ask(poller);
    int ready = poller->loop->sys->poll(poller->fds, (nfds_t)n, timeout_ms);

    /* EINTR: nothing is ready; the loop works out the time that is left. */
    assert(ready >= 0 || errno == EINTR || errno == ENOMEM);
    return ready > 0 ? n : 0;
}

const struct poller_type poller_poll = { .name = "poll", .wait = wait_poll };
