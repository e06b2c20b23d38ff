/* MISTAKE: Every 10 ms it asks whether the child has ended. */
/* SEEN: asks again and again */
#define OWN_CHILD_WAIT
#include "given.h"

/* Its frame has no room for them. */
static struct sleep naps[3];
static int next;

ASYNC(child_wait)
{
    struct child *child = self->child;
    ssize_t n;

    BEGIN;
    while (waitpid(child->pid, &child->status, WNOHANG) == 0) {
        n = recv(child->words, self->piece, sizeof self->piece, 0);
        if (n > 0)
            self->heard(child, self->piece, (size_t)n);
        next = (next + 1) % 3;
        naps[next] = (struct sleep){ CORO(sleep),
                                     .delay_ns = MILLISECONDS(10) };
        CATCH_AWAIT_CORO(&naps[next].coro);
        if (self->coro.callee->error == E_CANCELLED) {
            self->cancelled = true;
            child_kill(child);
        }
    }
    child->pid = 0;
    timer_stop(child->loop, &child->grace);
    net_close(child->loop, &child->words);
    net_close(child->loop, &child->twin);
    if (self->cancelled)
        RERAISE(E_CANCELLED);
    END;
}
