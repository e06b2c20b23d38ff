/* MISTAKE: One piece of its words is read: it will not say much. */
/* SEEN: taken for all */
#define OWN_CHILD_WAIT
#include "given.h"

ASYNC(child_wait)
{
    struct child *child = self->child;

    BEGIN;
    CATCH_AWAIT(sock_recv, .fd = child->words, .buffer = self->piece,
                .size = sizeof self->piece);
    if (self->sock_recv.received > 0)
        self->heard(child, self->piece, self->sock_recv.received);
    self->cancelled = self->sock_recv.coro.error == E_CANCELLED;
    child_reap(child);
    if (self->cancelled)
        RERAISE(E_CANCELLED);
    END;
}
