/* MISTAKE: WNOHANG, and whatever it says the child is reaped. */
/* SEEN: WNOHANG may be a moment too early */
#define OWN_REAP
#include "given.h"

void child_reap(struct child *child)
{
    waitpid(child->pid, &child->status, WNOHANG);
    child->pid = 0;
    timer_stop(child->loop, &child->grace);
    net_close(child->loop, &child->words);
    net_close(child->loop, &child->twin);
}
