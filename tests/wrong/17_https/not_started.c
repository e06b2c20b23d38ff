/* MISTAKE: The pairs are there, and nobody calls start. */
/* SEEN: there is no child */
#define OWN_CHILD_START
#define OWN_REAP
#include "given.h"

int child_start(struct child *child, struct loop *loop,
                const char *const *argv, struct error *error)
{
    int words = -1, number;

    *child = (struct child){ .loop = loop, .fd = -1, .words = -1,
                             .twin = -1 };
    number = child_pair(&child->fd, &child->twin);
    if (number == 0)
        number = child_pair(&child->words, &words);
    (void)start;
    net_close(loop, &words);
    if (number == 0)
        return 0;
    child->pid = 0;
    net_close(loop, &child->fd);
    net_close(loop, &child->twin);
    net_close(loop, &child->words);
    return error_set_errno(error, number, "spawn %s", argv[0]);
}

void child_reap(struct child *child)
{
    pid_t pid;

    child_kill(child);
    do {
        pid = waitpid(child->pid, &child->status, 0);
    } while (pid == -1 && errno == EINTR);
    child->pid = 0;
    timer_stop(child->loop, &child->grace);
    net_close(child->loop, &child->words);
    net_close(child->loop, &child->twin);
}
