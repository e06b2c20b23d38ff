/* MISTAKE: The pairs are made by hand, and nobody thinks of close-on-exec. */
/* SEEN: without close-on-exec */
#define OWN_CHILD_START
#include "given.h"

#include <fcntl.h>

static int pair(int *ours, int *its)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return errno;
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *ours = ends[0];
    *its = ends[1];
    return 0;
}

int child_start(struct child *child, struct loop *loop,
                const char *const *argv, struct error *error)
{
    int number, words = -1;

    *child = (struct child){ .loop = loop, .fd = -1, .words = -1,
                             .twin = -1 };
    number = pair(&child->fd, &child->twin);
    if (number == 0)
        number = pair(&child->words, &words);
    if (number == 0)
        number = start(child, words, argv);
    net_close(loop, &words); /* or we would wait for ourselves */
    if (number == 0)
        return 0;
    child->pid = 0;
    net_close(loop, &child->fd);
    net_close(loop, &child->twin);
    net_close(loop, &child->words);
    return error_set_errno(error, number, "spawn %s", argv[0]);
}
