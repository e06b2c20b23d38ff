/* child.h - another program, as two fds.
 *
 *     us                                the child
 *     fd     <------ socketpair ----->  0, 1: what it reads and writes
 *     words  <------ socketpair ------  2: what else it has to say; and 3
 *
 * asyncio.create_subprocess_exec. A loop cannot wait for a process, it can
 * for an fd: a program that ends, however it ends, closes all that it has.
 * Many close 2 a moment before; none knows of 3. So the end of `words` is the
 * end of the child, nobody needs SIGCHLD, whose one handler would be the
 * whole program's, and waitpid never has to wait.
 *
 * Its end of the first pair stays open here, too, until it is reaped: who
 * reads the end of `fd` can be told how the child ended.
 *
 * Left out: an environment or a folder of its own. Confessed: a child takes
 * three of our fds; as long as it lives the loop has somebody to wait for, so
 * a deadlock is not told; and if we are killed it lives on, and reads the end
 * of its input.
 */
#ifndef LAB_CHILD_H
#define LAB_CHILD_H

#include "loop/loop.h"
#include "loop/net.h"

#include <sys/types.h>

struct child {
    struct loop *loop;
    pid_t pid;  /* 0: reaped, or never started                    */
    int fd;     /* for recv and send; -1: closed, by child_close  */
    int words;  /* child_wait's                                   */
    int twin;   /* fd's other end; child_wait's                   */
    int status; /* waitpid's, once pid is 0 again; 0 until then   */
    bool leaving;
    struct timer grace;
};

/* How long a child may take to say goodbye. */
#define CHILD_GRACE_NS SECONDS(1)

/* Starts argv[0], found on PATH, as the leader of a process group of its own
 * (Ctrl-C is for us, and we decide), with these four fds: all of ours are to
 * be close-on-exec. SIGPIPE is the default, no signal blocked. Its ends
 * block, as programs expect, ours do not. 0, or errno with the words "spawn
 * openssl: No such file ...", and then nothing is open. *child must stay
 * until it has been reaped: run child_wait. */
int child_start(struct child *child, struct loop *loop,
                const char *const *argv, struct error *error);

/* Closes fd: the child reads the end of its input, and may still finish. It
 * is killed if it has not within CHILD_GRACE_NS. Does not wait; idempotent.
 */
void child_close(struct child *child);

/* SIGKILL, for it and all that it has started; it is gone when child_wait
 * says so. Not if it has been reaped: its number may be another's. */
void child_kill(struct child *child);

/* Kills it and waits for its end, which then is certain and near. For a task
 * that was to run child_wait and was cancelled before its first step (row
 * T04): of its body nothing runs. pid is not 0. */
void child_reap(struct child *child);

/* await process.wait(): until it has ended, and is reaped. What it says on
 * its standard error is read all the time, or it would block in write: each
 * piece goes to `heard`; where it cannot be read, that is its end, too. Raises
 * nothing but a cancellation, which kills the child, unless it is leaving, and
 * is raised when it is reaped, however many come: no child is left behind. */
struct child_wait {
    struct coro coro;
    struct child *child;
    void (*heard)(struct child *child, const char *piece, size_t size);
    bool cancelled;
    char piece[512];
    struct sock_recv sock_recv;
};
ASYNC_DECLARE(child_wait);

/* For child_start: one pair of connected sockets, close-on-exec. *ours does
 * not block; *its does, and is above 3, where dup2 in the child cannot hit
 * it. 0, or an errno. */
int child_pair(int *ours, int *its);

#endif
