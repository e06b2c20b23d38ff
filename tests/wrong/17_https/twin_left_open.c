/* MISTAKE: The twin is left open: who reads fd waits for ever. */
/* SEEN: child_reap leaves an fd open */
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
    net_close(child->loop, &child->words);
}
