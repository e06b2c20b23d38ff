/* MISTAKE: The timer of the goodbye runs on. */
/* SEEN: the timer of the goodbye runs on */
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
    net_close(child->loop, &child->words);
    net_close(child->loop, &child->twin);
}
