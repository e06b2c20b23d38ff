/* MISTAKE: The pair of the words the wrong way round: ours is the end that blocks. */
/* SEEN: our end of the words blocks */
#define OWN_CHILD_START
#include "given.h"

int child_start(struct child *child, struct loop *loop,
                const char *const *argv, struct error *error)
{
    int words = -1, number;

    *child = (struct child){ .loop = loop, .fd = -1, .words = -1,
                             .twin = -1 };
    number = child_pair(&child->fd, &child->twin);
    if (number == 0)
        number = child_pair(&words, &child->words);
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
