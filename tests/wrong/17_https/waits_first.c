/* MISTAKE: waitpid first, then the words are read: what has ended has said it all. */
/* SEEN: waitpid waits for the child */
#define OWN_CHILD_WAIT
#include "given.h"

ASYNC(child_wait)
{
    struct child *child = self->child;

    BEGIN;
    waitpid(child->pid, &child->status, 0);
    child->pid = 0;
    timer_stop(child->loop, &child->grace);
    do {
        AWAIT(sock_recv, .fd = child->words, .buffer = self->piece,
              .size = sizeof self->piece);
        if (self->sock_recv.received > 0)
            self->heard(child, self->piece, self->sock_recv.received);
    } while (self->sock_recv.received > 0);
    net_close(child->loop, &child->words);
    net_close(child->loop, &child->twin);
    END;
}
