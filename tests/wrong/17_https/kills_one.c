/* MISTAKE: Only the child is killed, not what it has started. */
/* SEEN: only the child is killed */
#define OWN_CHILD_KILL
#include "given.h"

void child_kill(struct child *child)
{
    if (child->pid != 0)
        kill(child->pid, SIGKILL);
}
