/* MISTAKE: AWAIT: a cancellation goes up at once, and the child lives on. */
/* SEEN: goes up before the child has been reaped */
#define OWN_CHILD_WAIT
#include "given.h"

ASYNC(child_wait)
{
    struct child *child = self->child;

    BEGIN;
    do {
        AWAIT(sock_recv, .fd = child->words, .buffer = self->piece,
              .size = sizeof self->piece);
        if (self->sock_recv.received > 0)
            self->heard(child, self->piece, self->sock_recv.received);
    } while (self->sock_recv.received > 0);
    child_reap(child);
    END;
}
