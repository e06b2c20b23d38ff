/* MISTAKE: The child has ended: what is there to wait for? */
/* SEEN: takes the zombie away */
#define OWN_REAP
#include "given.h"

void child_reap(struct child *child)
{
    child_kill(child);
    child->pid = 0;
    timer_stop(child->loop, &child->grace);
    net_close(child->loop, &child->words);
    net_close(child->loop, &child->twin);
}
