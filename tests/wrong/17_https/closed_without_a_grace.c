/* MISTAKE: The end of its input is enough: nobody looks whether it goes. */
/* SEEN: nobody kills a child that does not leave */
#define OWN_CHILD_CLOSE
#include "given.h"

void child_close(struct child *child)
{
    (void)grace_is_over;
    if (child->fd < 0)
        return;
    net_close(child->loop, &child->fd);
    child->leaving = true;
}
