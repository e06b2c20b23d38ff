/* MISTAKE: A signal interrupts waitpid, and that is taken for the end. */
/* SEEN: says -1 and EINTR */
#define OWN_REAP
#include "given.h"

void child_reap(struct child *child)
{
    child_kill(child);
    waitpid(child->pid, &child->status, 0);
    child->pid = 0;
    timer_stop(child->loop, &child->grace);
    net_close(child->loop, &child->words);
    net_close(child->loop, &child->twin);
}
