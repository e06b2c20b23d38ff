/* child.c - spawn, listen, reap. */
#include "17_https/child.h"

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

/* dup2 takes close-on-exec away: what it made, and nothing else, is there
 * after exec. 3 is for us: it stays open as long as the child lives. */
static int give_fds(posix_spawn_file_actions_t *actions, int twin, int words)
{
    int number = posix_spawn_file_actions_adddup2(actions, twin, 0);

    if (number == 0)
        number = posix_spawn_file_actions_adddup2(actions, twin, 1);
    if (number == 0)
        number = posix_spawn_file_actions_adddup2(actions, words, 2);
    if (number == 0)
        number = posix_spawn_file_actions_adddup2(actions, words, 3);
    return number;
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

int child_start(struct child *child, struct loop *loop,
                const char *const *argv, struct error *error)
{
    int number, words = -1;

    *child = (struct child){ .loop = loop, .fd = -1, .words = -1,
                             .twin = -1 };
    number = child_pair(&child->fd, &child->twin);
    if (number == 0)
        number = child_pair(&child->words, &words);
    if (number == 0)
        number = start(child, words, argv);
    net_close(loop, &words); /* or we would wait for ourselves */
    if (number == 0)
        return 0;
    child->pid = 0;
    net_close(loop, &child->fd);
    net_close(loop, &child->twin);
    net_close(loop, &child->words);
    return error_set_errno(error, number, "spawn %s", argv[0]);
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

/* It has ended, or will in a moment, or has closed even fds that it does not
 * know of: killed, it cannot keep waitpid waiting, and if it is over already
 * the signal changes nothing. */
void child_reap(struct child *child)
{
    pid_t pid;

    child_kill(child);
    do {
        pid = waitpid(child->pid, &child->status, 0);
    } while (pid == -1 && errno == EINTR);
    assert(pid == child->pid);
    child->pid = 0;
    timer_stop(child->loop, &child->grace);
    net_close(child->loop, &child->words);
    net_close(child->loop, &child->twin);
}

ASYNC(child_wait)
{
    struct child *child = self->child;

    BEGIN;
    do {
        CATCH_AWAIT(sock_recv, .fd = child->words, .buffer = self->piece,
                    .size = sizeof self->piece);
        if (self->sock_recv.coro.error == E_CANCELLED) {
            self->cancelled = true;
            if (!child->leaving)
                child_kill(child);
        } else if (self->sock_recv.received > 0) {
            self->heard(child, self->piece, self->sock_recv.received);
        }
    } while (self->sock_recv.coro.error == E_CANCELLED
             || self->sock_recv.received > 0);
    child_reap(child);
    if (self->cancelled)
        RERAISE(E_CANCELLED);
    END;
}
