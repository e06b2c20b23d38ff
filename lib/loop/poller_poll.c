/* poller_poll.c - the default. The array is built anew each turn from the
 * ring of watches: O(n), as poll() itself is, and nothing to keep in step.
 * One entry an fd, because poll() takes no more of them than fds may be
 * open. select shares all but the call. */
#include "loop/loop.h"
#include "sys.h"

#include <assert.h>
#include <errno.h>

void poller_wait_by(struct poller *poller, int timeout_ms, poll_call *call)
{
    struct pollfd *fds = poller->fds;
    size_t n = 0;
    int ready;

    LIST_EACH(&poller->watches, link) {
        int fd = CONTAINER(link, struct watch, link)->fd;

        /* The oldest on its fd asks for the others. */
        if (link != &poller->on_fd[fd]->link)
            continue;
        fds[n] = (struct pollfd){ fd, poller_events(poller, fd), 0 };
        n++;
    }
    ready = call(poller->loop->sys, fds, n, timeout_ms);
    /* EINTR: nothing is ready; the loop works out the time that is left. */
    assert(ready >= 0 || errno == EINTR || errno == ENOMEM);
    for (size_t i = 0; i < n && ready > 0; i++)
        if (fds[i].revents != 0)
            poller_wake(poller, fds[i].fd, fds[i].revents);
}

static int call_poll(const struct sys *sys, struct pollfd *fds, size_t n,
                     int timeout_ms)
{
    return sys->poll(fds, (nfds_t)n, timeout_ms);
}

static void wait_poll(struct poller *poller, int timeout_ms)
{
    poller_wait_by(poller, timeout_ms, call_poll);
}

const struct poller_type poller_poll = { "poll", NULL, NULL, wait_poll };
