/* signal.h - signals as readiness: the self-pipe.
 *
 * A handler may do next to nothing, so ours writes one byte into a pipe.
 * The other end is a socket like any other to the loop, and the work is
 * done in an ordinary callback, between steps (row X04).
 *
 * The first SIGINT cancels main, whose cleanups may await (X01); main may
 * swallow it and go on (X02). The second ends the run at once (X03), and
 * so does the first when there is no main to cancel: it has ended, or the
 * run is loop_run_until's.
 */
#ifndef LAB_SIGNAL_H
#define LAB_SIGNAL_H

#include "loop/poller.h"

#include <signal.h>

struct signals {
    struct watch watch;
    struct callback arrived;
    int pipe[2]; /* read end, write end; -1: not open */
    int count;   /* SIGINTs so far                    */
    bool end_run;
    struct sigaction before;
};

/* Catches SIGINT for this loop; one loop in a process at a time, because a
 * handler can reach only a global. 0, or a code with words. */
int signals_open(struct loop *loop, struct error *error);

/* Gives SIGINT back to what it was before. Idempotent. */
void signals_close(struct loop *loop);

#endif
