/* MISTAKE: What was opened for a child that did not start stays open. */
/* SEEN: that did not start stays open */
#define OWN_CHILD_START
#include "given.h"

int child_start(struct child *child, struct loop *loop,
                const char *const *argv, struct error *error)
{
    int number, words = -1;

    *child = (struct child){ .loop = loop, .fd = -1, .words = -1,
                             .twin = -1 };
    number = child_pair(&child->fd, &child->twin);
    if (number == 0)
        number = child_pair(&child->words, &words);
    if (number == 0)
        number = start(child, words, argv);
    net_close(loop, &words); /* or we would wait for ourselves */
    if (number == 0)
        return 0;
    child->pid = 0;
    return error_set_errno(error, number, "spawn %s", argv[0]);
}
