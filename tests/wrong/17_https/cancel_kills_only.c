/* MISTAKE: A cancellation kills the child and goes up at once: nobody reaps it. */
/* SEEN: goes up before the child has been reaped */
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
            if (!child->leaving)
                child_kill(child);
            RERAISE(E_CANCELLED);
        } else if (self->sock_recv.received > 0) {
            self->heard(child, self->piece, self->sock_recv.received);
        }
    } while (self->sock_recv.coro.error == E_CANCELLED
             || self->sock_recv.received > 0);
    child_reap(child);
    if (self->cancelled)
        RERAISE(E_CANCELLED);
    END;
}
