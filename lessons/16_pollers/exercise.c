/* exercise.c - write a poller: epoll, with fds that stay armed. kept.h has
 * the contract, loop/poller.h what a poller is made of. About 45 lines.
 *
 * Given: watch_start puts a watch into poller->on_fd[fd] and calls arm;
 * poller_wait calls wait, and wakes whoever wants what came in fds[0..n);
 * net_close calls forget. poller_events(poller, fd) is what the watches on
 * fd want at this moment, 0 if there are none.
 *
 * Yours: what the kernel is told, and when. Linux only.
 */
#include "16_pollers/kept.h"

#include "stage/todo.h"

#include <errno.h>

#ifdef __linux__
#include <sys/epoll.h>

/* Makes an epoll, EPOLL_CLOEXEC, into poller->fd. 0, or errno. */
static int open_kept(struct poller *poller)
{
    (void)poller;
    TODO("make an epoll");
    return 0;
}

/* Somebody began to wait for fd, or was woken and others wait on. If they
 * want what is not armed, tell the kernel: ADD if nothing is armed, else MOD
 * (all of it, old and new), and note it in poller->on_fd[fd].armed. If epoll
 * says EPERM it is a regular file: poller_wake(poller, fd, POLLIN | POLLOUT)
 * and all is well. Any other error: error_set_errno(error, errno,
 * "wait for fd %d", fd). */
static int arm_kept(struct poller *poller, int fd, struct error *error)
{
    (void)poller;
    (void)fd;
    (void)error;
    TODO("arm what is wanted and not armed yet");
    return 0;
}

/* epoll_wait for at most POLLER_ROOM events. Each goes into
 * poller->fds[i], .fd and .revents. If it tells what nobody wants (any more),
 * the kernel would tell it again and again: arm what is wanted, no more. How
 * many there are. */
static size_t wait_kept(struct poller *poller, int timeout_ms)
{
    (void)poller;
    (void)timeout_ms;
    TODO("wait, and disarm what nobody wants");
    return 0;
}

/* fd is about to be closed. Its number will be given to another; and what
 * it names may have other names (dup), for which epoll would go on. */
static void forget_kept(struct poller *poller, int fd)
{
    (void)poller;
    (void)fd;
    TODO("take fd out of the epoll, and out of `armed`");
}
#else
static int open_kept(struct poller *poller)
{
    (void)poller;
    return ENOSYS; /* no epoll here: the tests are skipped */
}

#define arm_kept NULL
#define wait_kept NULL
#define forget_kept NULL
#endif

const struct poller_type poller_kept = {
    "kept", open_kept, arm_kept, wait_kept, forget_kept
};
