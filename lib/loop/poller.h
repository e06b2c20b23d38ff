/* poller.h - who tells us that a socket is ready.
 *
 * A watch is a future: "fd is ready for events", once. The poller waits for
 * all watches at once by select(), poll() or epoll; all three give the same
 * programs the same answers, and lesson 16 measures what they cost.
 *
 * Any event wakes the waiter, errors and hang-ups too: it then makes its
 * system call again, and that says what is really the matter. Waking runs
 * no user code, so nothing changes under the poller's feet.
 */
#ifndef LAB_POLLER_H
#define LAB_POLLER_H

#include "loop/coro.h"
#include "loop/future.h"

#include <poll.h>

struct sys;

struct watch {
    struct future ready;
    struct link link;           /* in poller->watches, oldest first */
    struct watch *next_same_fd; /* epoll only                       */
    int fd;
    short events;  /* POLLIN, POLLOUT        */
    short revents; /* what came, POLLNVAL if fd is not open */
    bool waiting;  /* it is in its poller */
};

struct poller {
    const struct poller_type *type;
    struct loop *loop;
    struct link watches;
    size_t count;    /* of them                         */
    void *memory;    /* what the type needs ...         */
    size_t capacity; /* ... and how much of it there is */
    int fd;          /* epoll's own                     */
};

struct poller_type {
    const char *name;
    int (*open)(struct poller *poller, struct error *error);
    void (*close)(struct poller *poller);
    /* One more watch in the ring, one less. */
    int (*watch)(struct poller *poller, struct watch *watch,
                 struct error *error);
    void (*unwatch)(struct poller *poller, struct watch *watch);
    /* Waits at most timeout_ns, rounded up (negative: for ever), and calls
     * poller_wake for each watch that is ready. */
    void (*wait)(struct poller *poller, int64_t timeout_ns);
};

extern const struct poller_type poller_select, poller_poll;
#ifdef __linux__
extern const struct poller_type poller_epoll;
#endif

/* By name; NULL if there is none of that name here. */
const struct poller_type *poller_find(const char *name);

/* Starts waiting: watch->ready is done when fd is ready. 0, or a code with
 * words: ENOMEM; EBADF; EINVAL for an fd that select cannot hold. The
 * watch must not move; watch_stop it before the fd is closed. */
int watch_start(struct loop *loop, struct watch *watch, int fd, short events,
                struct error *error);

/* Stops waiting; does nothing if it is over already. */
void watch_stop(struct watch *watch);

/* True if any watch names fd: it must not be closed now. */
bool poller_watches(const struct poller *poller, int fd);

/* await "fd is ready for events". POLLIN, POLLOUT or both. Raises EBADF if
 * fd is not open. */
struct wait_fd {
    struct coro coro;
    int fd;
    short events;
    struct watch watch;
};
ASYNC_DECLARE(wait_fd);

/* For the poller types. */
void poller_wake(struct poller *poller, struct watch *watch, short revents);
int poller_reserve(struct poller *poller, size_t count, size_t size,
                   struct error *error);
int poller_milliseconds(int64_t timeout_ns);

/* What poll and select share: all but the system call. */
typedef int poll_call(const struct sys *sys, struct pollfd *fds, size_t n,
                      int timeout_ms);
int poller_open_array(struct poller *poller, struct error *error);
void poller_close_array(struct poller *poller);
int poller_watch_array(struct poller *poller, struct watch *watch,
                       struct error *error);
void poller_unwatch_array(struct poller *poller, struct watch *watch);
void poller_wait_array(struct poller *poller, int64_t timeout_ns,
                       poll_call *call);

#endif
