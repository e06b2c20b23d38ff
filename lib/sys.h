/* sys.h - the one door to the operating system.
 *
 * lib/loop makes every system call that can block, fail or be cut short
 * through this table, reads the clock and asks for memory through it. A test
 * hangs its own table on the loop and so decides what the kernel says: EINTR
 * here, a short write there, EMFILE on the third accept.
 *
 * The last two are the exception: lib/loop never calls them, because they
 * block. Lesson 15 does, from a thread.
 *
 * Left out: calls whose failure teaches nothing (getsockname, fcntl), and
 * epoll's, which not every system has: what may go wrong there goes wrong
 * for poll, too, and is tested there.
 */
#ifndef LAB_SYS_H
#define LAB_SYS_H

#include <netdb.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/types.h>

struct sys {
    /* Nanoseconds of CLOCK_MONOTONIC: never steps back, no calendar. */
    int64_t (*now)(void);
    int (*poll)(struct pollfd *fds, nfds_t count, int timeout_ms);
    int (*select)(int nfds, fd_set *read, fd_set *write, fd_set *except,
                  struct timeval *timeout);
    int (*socket)(int family, int type, int protocol);
    int (*accept)(int fd, struct sockaddr *address, socklen_t *length);
    int (*connect)(int fd, const struct sockaddr *address, socklen_t length);
    ssize_t (*recv)(int fd, void *buffer, size_t size, int flags);
    ssize_t (*send)(int fd, const void *data, size_t size, int flags);
    int (*close)(int fd);
    void *(*resize)(void *memory, size_t size); /* realloc */
    int (*getaddrinfo)(const char *host, const char *service,
                       const struct addrinfo *hints,
                       struct addrinfo **found);
    void (*freeaddrinfo)(struct addrinfo *found);
};

/* The kernel itself. */
extern const struct sys sys_real;

#endif
