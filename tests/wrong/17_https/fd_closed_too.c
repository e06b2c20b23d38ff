/* MISTAKE: child_reap closes fd as well, which is its owner's. */
/* SEEN: child_reap closes fd */
#define OWN_REAP
#include "given.h"

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
    net_close(child->loop, &child->fd);
    net_close(child->loop, &child->words);
    net_close(child->loop, &child->twin);
}
