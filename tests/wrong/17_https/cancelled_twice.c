/* MISTAKE: The second cancellation goes up at once: the child is being killed. */
/* SEEN: the second one goes up */
#define OWN_CHILD_WAIT
#include "given.h"

ASYNC(child_wait)
{
    BEGIN;
    for (;;) {
        CATCH_AWAIT(sock_recv, .fd = self->child->words,
                    .buffer = self->piece, .size = sizeof self->piece);
        if (self->sock_recv.coro.error == E_CANCELLED) {
            if (self->cancelled)
                RERAISE(E_CANCELLED);
            self->cancelled = true;
            if (!self->child->leaving)
                child_kill(self->child);
            continue;
        }
        if (self->sock_recv.coro.error != 0 || self->sock_recv.received == 0)
            break;
        self->heard(self->child, self->piece, self->sock_recv.received);
    }
    child_reap(self->child);
    if (self->cancelled)
        RERAISE(E_CANCELLED);
    END;
}
