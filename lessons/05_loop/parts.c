/* parts.c - what a turn is made of: lists, a table of fds, poll(). */
#include "05_loop/loop.h"

#include <assert.h>
#include <time.h>

/* --- Lists --------------------------------------------------------------- */

static void insert(struct handles *list, struct handle **link,
                   struct handle *handle)
{
    assert(handle->in == NULL && handle->run != NULL);
    handle->in = list;
    handle->next = *link;
    *link = handle;
    if (handle->next == NULL)
        list->last = handle;
}

void handles_add(struct handles *list, struct handle *handle)
{
    insert(list, list->first == NULL ? &list->first : &list->last->next,
           handle);
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
    struct handle **link = &mini->timers.first;

    handle->when_ns = mini_now(mini) + delay_ns;
    while (*link != NULL && (*link)->when_ns <= handle->when_ns)
        link = &(*link)->next;
    insert(&mini->timers, link, handle);
}

/* --- Descriptors --------------------------------------------------------- */

/* Asks about fd for `events` on behalf of `handle`. Who was asked for before
 * does not run any more, not even if poll() has just found him ready. */
static void watch(struct mini *mini, int fd, short events,
                  struct handle *handle)
{
    for (size_t i = 0; i < mini->fd_count; i++)
        if (mini->fds[i].fd == fd && mini->fds[i].events == events) {
            mini_cancel(mini->waiting[i]);
            mini->fd_count--; /* the last one takes the place */
            mini->fds[i] = mini->fds[mini->fd_count];
            mini->waiting[i] = mini->waiting[mini->fd_count];
        }
    if (handle == NULL)
        return;
    assert(mini->fd_count < MINI_FDS && fd >= 0);
    mini->fds[mini->fd_count] = (struct pollfd){ .fd = fd, .events = events };
    mini->waiting[mini->fd_count] = handle;
    mini->fd_count++;
}

void mini_reader(struct mini *mini, int fd, struct handle *handle)
{
    watch(mini, fd, POLLIN, handle);
}

void mini_writer(struct mini *mini, int fd, struct handle *handle)
{
    watch(mini, fd, POLLOUT, handle);
}

/* Rounded up: a timer may be late, never early, and a rest of less than a
 * millisecond must not become a loop that spins. */
static int milliseconds(int64_t wait_ns)
{
    int64_t ms = wait_ns / 1000000 + (wait_ns % 1000000 > 0);

    return wait_ns < 0 ? -1 : ms < 1000000 ? (int)ms : 1000000;
}

bool mini_poll(struct mini *mini, int64_t wait_ns)
{
    int timeout_ms = mini->clock_ns != NULL ? 0 : milliseconds(wait_ns);

    /* EINTR, and whatever else it may say: nothing is ready, poll again. */
    if (poll(mini->fds, (nfds_t)mini->fd_count, timeout_ms) < 0)
        return true;
    for (size_t i = 0; i < mini->fd_count; i++)
        if (mini->fds[i].revents != 0 && mini->waiting[i]->in == NULL)
            handles_add(&mini->ready, mini->waiting[i]);
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
