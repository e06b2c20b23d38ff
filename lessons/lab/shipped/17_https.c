/* exercise.c - write how a child is started, listened to and reaped; https
 * then runs on yours. child.h has the contract.
 *
 * Given: what of us the child is not to have (its group, its signals), the
 * kill and the goodbye. Yours: its three fds, the order in which things are
 * opened, given and closed, and the end. About 45 lines.
 *
 * `words` is two things: child->words is our end, a plain `words` the child's.
 * Before each line ask who holds which end. A socketpair has an end for the
 * reader when nobody, in no process, holds the other side any more.
 */
#include "17_https/child.h"

#include "stage/todo.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* posix_spawn takes char *const *, for reasons of 1978. */
static int spawn(pid_t *pid, const char *const *argv,
                 const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes)
{
    char *const *words;

    memcpy(&words, &argv, sizeof words);
    return posix_spawnp(pid, argv[0], actions, attributes, words, environ);
}

/* What of us the child is not to have: our group, our signals. */
static int set_apart(posix_spawnattr_t *attributes)
{
    sigset_t none, broken_pipe;
    int number;

    sigemptyset(&none);
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    number = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP
                  | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (number == 0)
        number = posix_spawnattr_setpgroup(attributes, 0);
    if (number == 0)
        number = posix_spawnattr_setsigmask(attributes, &none);
    if (number == 0)
        number = posix_spawnattr_setsigdefault(attributes, &broken_pipe);
    return number;
}

/* Its fds: 0 and 1 are twin, 2 and 3 are words: it may close 2 before it
 * ends, but it does not know of 3. (posix_spawn_file_actions_adddup2; all
 * else is close-on-exec, and dup2 takes that away.) 0, or an errno. */
static int give_fds(posix_spawn_file_actions_t *actions, int twin, int words)
{
    (void)actions;
    (void)twin;
    (void)words;
    TODO("four times dup2, in the child");
    return 0;
}

/* child->pid, or an errno. */
static int start(struct child *child, int words, const char *const *argv)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int number = posix_spawn_file_actions_init(&actions);

    if (number != 0)
        return number;
    number = posix_spawnattr_init(&attributes);
    if (number == 0) {
        number = give_fds(&actions, child->twin, words);
        if (number == 0)
            number = set_apart(&attributes);
        if (number == 0)
            number = spawn(&child->pid, argv, &actions, &attributes);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return number;
}

/* Fill *child, then: a pair for fd and twin; a pair for words and the child's
 * end of it; start. What the child has now been given, and we have no use for
 * (for twin we have: child.h), is closed whether or not it has started; if it
 * has not, all is. */
int child_start(struct child *child, struct loop *loop,
                const char *const *argv, struct error *error)
{
    *child = (struct child){ .loop = loop, .fd = -1, .words = -1,
                             .twin = -1 };
    (void)start; /* yours to call */
    (void)argv;
    (void)error;
    TODO("two pairs, start, and close what is not ours");
    return 0;
}

void child_kill(struct child *child)
{
    if (child->pid != 0)
        kill(-child->pid, SIGKILL);
}

static void grace_is_over(struct callback *callback)
{
    child_kill(CONTAINER(callback, struct child, grace.callback));
}

void child_close(struct child *child)
{
    if (child->fd < 0)
        return;
    net_close(child->loop, &child->fd);
    if (child->pid == 0)
        return;
    child->leaving = true;
    if (timer_start(child->loop, &child->grace, CHILD_GRACE_NS,
                    grace_is_over) != 0)
        child_kill(child);
}

/* Called when `words` has ended: the child has ended, or is about to, or has
 * closed all of its fds and lives on. (Called by others it may be anywhere in
 * its life.) Whichever it is: waitpid for this child and no other, again if a
 * signal interrupts it (EINTR), its status to child->status, and it must not
 * have to wait. Then nothing of it is left here but fd: its number is not its
 * own any more, its timer stands still, words and twin are closed. */
void child_reap(struct child *child)
{
    (void)child;
    TODO("waitpid, without waiting for somebody's good will");
}

/* To the end of child->words, or an error: each piece goes to heard. A
 * cancellation, and any after it, kills the child, unless it is leaving, and
 * the reading goes on: it is raised when the child has been reaped.
 * (CATCH_AWAIT; sock_recv.coro.error) */
ASYNC(child_wait)
{
    BEGIN;
    TODO("read to the end, reap, and only then say that we were cancelled");
    END;
}
