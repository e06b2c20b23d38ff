/* play.h - what world.c and calls.c share while a play is on.
 *
 *     world.c   the clients: steps, and the words for them
 *     calls.c   the server's side: a stand-in for each call that can sleep
 */
#ifndef LAB_PLAY_H
#define LAB_PLAY_H

#include "world.h"

#include <poll.h>
#include <pthread.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>

enum { FDS = 2048, NOBODY = -1 };

struct peer {
    int fd;
    in_port_t port;
    bool closed;          /* by the server: what it had heard before, */
    const char *ended_by; /* "recv", EAGAIN, or NULL                  */
    int ended_with;
    size_t flood, sent, heard; /* bytes: to send, sent so far, come back */
    bool shuts;                /* when the flood is over                 */
};

/* The one that is on: the stand-ins have no argument to find it by. */
struct play {
    struct world *world;
    const struct scene *steps;
    size_t count, at;
    bool playing, acting, progress, woken, odd[4];
    bool told; /* that no fds are left: EMFILE */
    int in_vain, useless_in_a_row, patience, connected, listener;
    const char *file; /* of the script */
    int line;
    struct sockaddr_in address;
    struct peer peers[PEERS];
    /* What the server does now: "sleeps in", "recv", 7, "". */
    const char *does, *call, *object;
    int fd;
    char names[256]; /* of whom a wait is about */
    struct {
        bool accepted, closed;
        int peer, said; /* how its last call failed: errno, or 0 */
        int ends, errors;
        size_t came, went; /* bytes in, bytes out          */
        size_t since;      /* bytes in, since none waited  */
        const char *call;
    } fds[FDS]; /* the server's connections */
    pthread_t thread;
};
extern struct play play;

/* The system calls behind the stand-ins. */
struct libc {
    int (*accept)(int, struct sockaddr *, socklen_t *);
    ssize_t (*recv)(int, void *, size_t, int);
    ssize_t (*send)(int, const void *, size_t, int);
    ssize_t (*read)(int, void *, size_t);
    ssize_t (*write)(int, const void *, size_t);
    int (*close)(int);
    int (*nanosleep)(const struct timespec *, struct timespec *);
    int (*poll)(struct pollfd *, nfds_t, int);
    int (*select)(int, fd_set *, fd_set *, fd_set *, struct timeval *);
};
extern struct libc libc;

/* What the server does now; kept in pieces, for it is told only when
 * something fails. */
void doing(const char *does, const char *call, int fd, const char *object);

/* "fd 7 (client 0)" */
const char *name_of(int fd);

/* Ends the play: what was expected, and what came instead. (A learner may
 * have a fail() of his own.) */
__attribute__((format(printf, 2, 3)))
_Noreturn void flop(const char *expected, const char *format, ...);

/* The server would sleep: so it is the others' turn. */
void their_turn(void);

/* The next step, and those that go together with it. False: not yet. */
bool act_some(void);

#endif
