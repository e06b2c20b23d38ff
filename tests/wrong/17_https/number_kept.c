/* MISTAKE: The number of the child is kept when it has been reaped. */
/* SEEN: child->pid is not 0 */
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
    timer_stop(child->loop, &child->grace);
    net_close(child->loop, &child->words);
    net_close(child->loop, &child->twin);
}
