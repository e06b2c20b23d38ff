/* MISTAKE: waitpid(-1): whoever has ended. */
/* SEEN: takes whichever child has ended */
#define OWN_REAP
#include "given.h"

void child_reap(struct child *child)
{
    pid_t pid;

    child_kill(child);
    do {
        pid = waitpid(-1, &child->status, 0);
    } while (pid == -1 && errno == EINTR);
    child->pid = 0;
    timer_stop(child->loop, &child->grace);
    net_close(child->loop, &child->words);
    net_close(child->loop, &child->twin);
}
