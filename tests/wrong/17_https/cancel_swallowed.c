/* MISTAKE: When the child has been reaped all is well, cancelled or not. */
/* SEEN: the cancellation is lost */
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
        } else if (self->sock_recv.received > 0) {
            self->heard(child, self->piece, self->sock_recv.received);
        }
    } while (self->sock_recv.coro.error == E_CANCELLED
             || self->sock_recv.received > 0);
    child_reap(child);
    END;
}
