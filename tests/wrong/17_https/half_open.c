/* MISTAKE: Without fds for the second pair it leaves, and the first stays open. */
/* SEEN: stays open when there are no fds for the second */
#define OWN_CHILD_START
#include "given.h"

int child_start(struct child *child, struct loop *loop,
                const char *const *argv, struct error *error)
{
    int words = -1, number;

    *child = (struct child){ .loop = loop, .fd = -1, .words = -1,
                             .twin = -1 };
    number = child_pair(&child->fd, &child->twin);
    if (number != 0)
        return error_set_errno(error, number, "spawn %s", argv[0]);
    number = child_pair(&child->words, &words);
    if (number != 0)
        return error_set_errno(error, number, "spawn %s", argv[0]);
    if (number == 0)
        number = start(child, words, argv);
    net_close(loop, &words);
    if (number == 0)
        return 0;
    child->pid = 0;
    net_close(loop, &child->fd);
    net_close(loop, &child->twin);
    net_close(loop, &child->words);
    return error_set_errno(error, number, "spawn %s", argv[0]);
}
