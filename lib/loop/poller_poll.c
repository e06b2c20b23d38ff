/* poller_poll.c - the default. The array is built anew each turn from the
 * ring of watches: O(n), as poll() itself is, and nothing to keep in step
 * (lesson 16 shows what epoll gains). select shares all but the call. */
#include "loop/loop.h"
#include "sys.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

int poller_open_array(struct poller *poller, struct error *error)
{
    return poller_reserve(poller, 1, sizeof(struct pollfd), error);
}

void poller_close_array(struct poller *poller)
{
    free(poller->memory);
    poller->memory = NULL;
}

int poller_watch_array(struct poller *poller, struct watch *watch,
                       struct error *error)
{
    (void)watch;
    return poller_reserve(poller, poller->count, sizeof(struct pollfd),
                          error);
}

void poller_unwatch_array(struct poller *poller, struct watch *watch)
{
    (void)poller;
    (void)watch;
}

void poller_wait_array(struct poller *poller, int64_t timeout_ns,
                       poll_call *call)
{
    struct pollfd *fds = poller->memory;
    size_t n = 0, i = 0;
    int left;

    assert(poller->count <= poller->capacity);
    LIST_EACH(&poller->watches, link) {
        const struct watch *watch = CONTAINER(link, struct watch, link);

        fds[n] = (struct pollfd){ .fd = watch->fd, .events = watch->events };
        n++;
    }
    /* EINTR: nothing is ready; the loop works out the time that is left. */
    left = call(poller->loop->sys, fds, n, poller_milliseconds(timeout_ns));
    if (left <= 0)
        return;
    LIST_EACH(&poller->watches, link) {
        if (fds[i].revents != 0)
            poller_wake(poller, CONTAINER(link, struct watch, link),
                        fds[i].revents);
        i++;
    }
}

static int call_poll(const struct sys *sys, struct pollfd *fds, size_t n,
                     int timeout_ms)
{
    enum { SLICE = 16 };
    int ready = sys->poll(fds, (nfds_t)n, timeout_ms);

    if (ready >= 0 || errno != EINVAL)
        return ready;
    /* More entries than RLIMIT_NOFILE (two watches an fd): ask in slices,
     * and nap a millisecond rather than spin. */
    ready = 0;
    for (size_t i = 0; i < n; i += SLICE)
        ready += sys->poll(fds + i, n - i < SLICE ? n - i : SLICE, 0) > 0;
    if (ready == 0 && timeout_ms != 0)
        sys->poll(NULL, 0, 1);
    return ready;
}

static void wait_poll(struct poller *poller, int64_t timeout_ns)
{
    poller_wait_array(poller, timeout_ns, call_poll);
}

const struct poller_type poller_poll = {
    "poll", poller_open_array, poller_close_array, poller_watch_array,
    poller_unwatch_array, wait_poll
};
