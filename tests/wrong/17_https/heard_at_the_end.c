/* MISTAKE: Only the last piece is told, when the child has ended. */
/* SEEN: heard is told of the last piece only */
#define OWN_CHILD_WAIT
#include "given.h"

ASYNC(child_wait)
{
    struct child *child = self->child;

    BEGIN;
    do {
        CATCH_AWAIT(sock_recv, .fd = child->words, .buffer = self->piece,
                    .size = sizeof self->piece);
        if (self->sock_recv.coro.error == E_CANCELLED) {
            self->cancelled = true;
            if (!child->leaving)
                child_kill(child);
        }
    } while (self->sock_recv.coro.error == E_CANCELLED
             || self->sock_recv.received > 0);
    child_reap(child);
    self->heard(child, self->piece, strlen(self->piece));
    if (self->cancelled)
        RERAISE(E_CANCELLED);
    END;
}
