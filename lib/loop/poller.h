/* poller.h - who tells us that a socket is ready.
 *
 * A watch is a future: "fd is ready for events", once. The poller waits for
 * all watches at once by select(), poll() or epoll; all three give the same
 * programs the same answers.
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

struct watch {
    struct future ready;
    struct link link;   /* in poller->watches; zero: it is over   */
    struct watch *next; /* on the same fd                         */
    int fd;
    short events;  /* POLLIN, POLLOUT                             */
    short revents; /* what came, POLLNVAL if fd is not open       */
};

/* fds has room for at least as many. */
enum { POLLER_ROOM = 128 };

struct place {
    struct watch *first; /* the oldest on this fd                 */
    short armed;         /* a type's own note of what is asked    */
};

struct poller {
    const struct poller_type *type;
    struct loop *loop;
    struct link watches;  /* oldest first                         */
    size_t count;         /* of them                              */
    struct place *on_fd;  /* by fd                                */
    struct pollfd *fds;   /* what is asked, and what came         */
    size_t capacity;      /* of both arrays                       */
    int fd;               /* epoll's own, or -1                   */
};

struct poller_type {
    const char *name;
    /* What it takes, 0 or an errno value; NULL: nothing. */
    int (*open)(struct poller *poller);
    /* The watches on fd are more, or others, than before; 0 or a code with
     * words; NULL: it looks at them in wait. */
    int (*arm)(struct poller *poller, int fd, struct error *error);
    /* Waits at most so long (negative: for ever). Puts what came into
     * fds[].revents and says how many of fds to look at. */
    size_t (*wait)(struct poller *poller, int timeout_ms);
    /* fd is about to be closed, by net_close; NULL: it need not know, as
     * none of these three (lesson 16 writes one that must). */
    void (*forget)(struct poller *poller, int fd);
};

extern const struct poller_type poller_select, poller_poll, poller_epoll;

/* By type or name; NULL: $LAB_POLLER, or poll. 0, or a code with words. */
int poller_open(struct loop *loop, const char *name, struct error *error);
void poller_close(struct poller *poller);

/* Waits at most so long (negative: for ever) and wakes who is ready. */
void poller_wait(struct poller *poller, int timeout_ms);

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

/* For the poller types. What fd's watches want, and that it has come. */
short poller_events(const struct poller *poller, int fd);
void poller_wake(struct poller *poller, int fd, short revents);

/* Fills fds with what to ask of each fd watched; how many there are. */
size_t poller_ask(struct poller *poller);

#endif
