/* parts.c - what a turn is made of: lists, a table of fds, poll(). */
#include "05_loop/loop.h"

#include <assert.h>
#include <poll.h>
#include <time.h>

/* --- Lists --------------------------------------------------------------- */

void handles_add(struct handles *list, struct handle *handle)
{
    assert(handle->in == NULL && handle->run != NULL);
    handle->in = list;
    handle->next = NULL;
    if (list->first == NULL)
        list->first = handle;
    else
        list->last->next = handle;
    list->last = handle;
}

struct handle *handles_take(struct handles *list)
{
    struct handle *first = list->first;

    if (first != NULL)
        mini_cancel(first);
    return first;
}

/* O(n) in the middle, O(1) at the front; links both ways would do. */
bool mini_cancel(struct handle *handle)
{
    struct handles *list = handle->in;
    struct handle **link, *before = NULL;

    if (list == NULL)
        return false;
    for (link = &list->first; *link != handle; link = &(*link)->next)
        before = *link;
    *link = handle->next;
    if (list->last == handle)
        list->last = before;
    handle->next = NULL;
    handle->in = NULL;
    return true;
}

/* --- Scheduling ---------------------------------------------------------- */

void mini_init(struct mini *mini, int64_t *clock_ns)
{
    *mini = (struct mini){ .clock_ns = clock_ns };
}

int64_t mini_now(const struct mini *mini)
{
    struct timespec time;

    if (mini->clock_ns != NULL)
        return *mini->clock_ns;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

void mini_call_soon(struct mini *mini, struct handle *handle)
{
    handles_add(&mini->ready, handle);
}

/* Into a sorted list, behind its equals: O(n). lib/loop/timer.c has a heap,
 * which is O(log n), for more than a handful of timers. */
void mini_call_later(struct mini *mini, struct handle *handle,
                     int64_t delay_ns)
{
    struct handles *list = &mini->timers;
    struct handle **link = &list->first;

    assert(handle->in == NULL && handle->run != NULL);
    handle->in = list;
    handle->when_ns = mini_now(mini) + delay_ns;
    while (*link != NULL && (*link)->when_ns <= handle->when_ns)
        link = &(*link)->next;
    handle->next = *link;
    *link = handle;
    if (handle->next == NULL)
        list->last = handle;
}

/* --- Descriptors --------------------------------------------------------- */

/* The entry of fd; a new one if there is none. */
static struct mini_fd *entry(struct mini *mini, int fd)
{
    for (size_t i = 0; i < mini->fd_count; i++)
        if (mini->fds[i].fd == fd)
            return &mini->fds[i];
    assert(mini->fd_count < MINI_FDS && fd >= 0);
    mini->fds[mini->fd_count] = (struct mini_fd){ .fd = fd };
    mini->fd_count++;
    return &mini->fds[mini->fd_count - 1];
}

/* Puts `handle` into the slot. Who is thrown out does not run any more, not
 * even if poll() has just found it ready. */
static void set(struct mini *mini, struct mini_fd *at, struct handle **slot,
                struct handle *handle)
{
    if (*slot != NULL)
        mini_cancel(*slot);
    *slot = handle;
    if (at->reader != NULL || at->writer != NULL)
        return;
    mini->fd_count--;
    *at = mini->fds[mini->fd_count];
}

void mini_reader(struct mini *mini, int fd, struct handle *handle)
{
    struct mini_fd *at = entry(mini, fd);

    set(mini, at, &at->reader, handle);
}

void mini_writer(struct mini *mini, int fd, struct handle *handle)
{
    struct mini_fd *at = entry(mini, fd);

    set(mini, at, &at->writer, handle);
}

static void wake(struct mini *mini, struct handle *handle)
{
    if (handle != NULL && handle->in == NULL)
        handles_add(&mini->ready, handle);
}

/* Rounded up: a timer may be late, never early, and a rest of less than a
 * millisecond must not become a loop that spins. */
static int milliseconds(int64_t wait_ns)
{
    if (wait_ns < 0)
        return -1;
    return wait_ns > 1000000000000 ? 1000000
                                   : (int)((wait_ns + 999999) / 1000000);
}

bool mini_poll(struct mini *mini, int64_t wait_ns)
{
    struct pollfd asked[MINI_FDS];
    int timeout_ms = mini->clock_ns != NULL ? 0 : milliseconds(wait_ns);

    for (size_t i = 0; i < mini->fd_count; i++) {
        asked[i] = (struct pollfd){ .fd = mini->fds[i].fd };
        if (mini->fds[i].reader != NULL)
            asked[i].events |= POLLIN;
        if (mini->fds[i].writer != NULL)
            asked[i].events |= POLLOUT;
    }
    /* EINTR, and whatever else it may say: nothing is ready, poll again. */
    if (poll(asked, (nfds_t)mini->fd_count, timeout_ms) < 0)
        return true;
    for (size_t i = 0; i < mini->fd_count; i++) {
        if ((asked[i].revents & ~POLLOUT) != 0)
            wake(mini, mini->fds[i].reader);
        if ((asked[i].revents & ~POLLIN) != 0)
            wake(mini, mini->fds[i].writer);
    }
    if (mini->clock_ns == NULL || mini->ready.first != NULL || wait_ns == 0)
        return true;
    if (wait_ns > 0)
        *mini->clock_ns += wait_ns;
    return wait_ns > 0;
}

/* --- Running ------------------------------------------------------------- */

void mini_stop(struct mini *mini)
{
    mini->stopping = true;
}

void mini_run(struct mini *mini)
{
    while (mini_turn(mini) && !mini->stopping)
        continue;
    mini->stopping = false;
}
