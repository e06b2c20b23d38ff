/* MISTAKE: child_close kills: no goodbye. */
/* SEEN: child_close kills at once */
#define OWN_CHILD_CLOSE
#include "given.h"

void child_close(struct child *child)
{
    (void)grace_is_over;
    if (child->fd < 0)
        return;
    net_close(child->loop, &child->fd);
    child_kill(child);
}
