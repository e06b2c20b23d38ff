/* MISTAKE: The status of the child is nobody's business. */
/* SEEN: not kept in child->status */
#define OWN_REAP
#include "given.h"

void child_reap(struct child *child)
{
    pid_t pid;

    child_kill(child);
    do {
        pid = waitpid(child->pid, NULL, 0);
    } while (pid == -1 && errno == EINTR);
    assert(pid == child->pid);
    child->pid = 0;
    timer_stop(child->loop, &child->grace);
    net_close(child->loop, &child->words);
    net_close(child->loop, &child->twin);
}
