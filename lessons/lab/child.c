/* child.c - see child.h. */
#include "lab/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A cancelled child has 2 s to go by itself. */
enum { REAP_MS = 2, REAP_TRIES = 1000 };

static _Noreturn void become(const char *const *argv, int output)
{
    int null = open("/dev/null", O_RDONLY);
    char *words[32] = { NULL };

    /* execvp takes char *const *, for reasons of 1978. */
    for (size_t i = 0; argv[i] != NULL && i + 1 < 32; i++)
        memcpy(&words[i], &argv[i], sizeof words[i]);
    setpgid(0, 0);
    if (null >= 0 && dup2(null, 0) >= 0 && dup2(output, 1) >= 0
        && dup2(output, 2) >= 0)
        execvp(words[0], words);
    dprintf(output, "run %s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

static bool spawn(struct child *self)
{
    int ends[2];

    if (pipe(ends) != 0)
        return false;
    for (int i = 0; i < 2; i++)
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    fflush(NULL); /* or the child would have a copy of it to write */
    self->pid = fork();
    if (self->pid == 0)
        become(self->argv, ends[1]);
    close(ends[1]);
    self->fd = ends[0];
    if (self->pid < 0) {
        close(ends[0]);
        return false;
    }
    setpgid(self->pid, self->pid); /* whoever is first: both are right */
    return true;
}

/* What came, to output; false at the end. */
static bool hear(struct child *self)
{
    char buffer[4096];
    ssize_t n = read(self->fd, buffer, sizeof buffer);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    text_add(self->output, buffer, (size_t)n);
    if (n > 0 && self->heard != NULL)
        self->heard(self, self->arg);
    return n > 0;
}

static bool has_gone(struct child *child)
{
    int status;

    if (waitpid(child->pid, &status, WNOHANG) != child->pid)
        return false;
    child->status = WIFEXITED(status) ? WEXITSTATUS(status)
                                      : 128 + WTERMSIG(status);
    return true;
}

/* A pipe's end is not yet the process's: we ask again until it is. A second
 * cancellation does not shorten this, it kills. */
ASYNC(reap)
{
    BEGIN;
    close(self->child->fd);
    if (!self->child->ended)
        kill(-self->child->pid, SIGTERM);
    while (!has_gone(self->child)) {
        CATCH_AWAIT(sleep, .delay_ns = MILLISECONDS(self->tries < 10 ? 1
                                                    : REAP_MS));
        self->tries++;
        if (self->sleep.coro.error != 0
            || (!self->child->ended && self->tries == REAP_TRIES))
            kill(-self->child->pid, SIGKILL);
    }
    END;
}

ASYNC(child)
{
    BEGIN;
    if (!spawn(self))
        RAISE_ERRNO("run %s", self->argv[0]);
    DEFER_AWAIT(&self->reaping, CALL(reap, .child = self));
    do {
        AWAIT(wait_fd, .fd = self->fd, .events = POLLIN);
    } while (hear(self));
    self->ended = true;
    END;
}
