/* MISTAKE: Child->status is the exit status, and not waitpid's. */
/* SEEN: the status is taken apart */
#define OWN_REAP
#include "given.h"

void child_reap(struct child *child)
{
    pid_t pid;

    child_kill(child);
    do {
        pid = waitpid(child->pid, &child->status, 0);
    } while (pid == -1 && errno == EINTR);
    child->status = WEXITSTATUS(child->status);
    child->pid = 0;
    timer_stop(child->loop, &child->grace);
    net_close(child->loop, &child->words);
    net_close(child->loop, &child->twin);
}
