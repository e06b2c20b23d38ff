/* step.h - the loop, stopped before each turn: --step of every demo.
 *
 * Shows what is ready, which timers run and which sockets are watched,
 * waits for Enter, and tells what the turn did. It hangs on the loop's hook
 * like the recorder of lib/trace, and passes every event on to it.
 *
 * Time stands still while it waits only if it is virtual: stage_run makes
 * it so unless --speed says otherwise.
 */
#ifndef LAB_STEP_H
#define LAB_STEP_H

#include "loop/loop.h"

#include <stdio.h>

struct stepper {
    struct loop_hook hook;  /* first                                 */
    struct loop_hook *next; /* who listened before; told after us    */
    struct loop *loop;
    FILE *in, *out;
    int64_t began_ns;
    unsigned turn;
    bool busy;     /* something happens, or is going to, in this turn */
    bool going_on; /* c: no more stops                                */
    bool quit;     /* q, or the end of input: main was cancelled      */
};

/* Stops the loop before each of its turns from now on. Other hooks that are
 * set later must be taken off before. */
void step_open(struct stepper *stepper, struct loop *loop, FILE *in,
               FILE *out);

/* Takes it off again. Idempotent. */
void step_close(struct stepper *stepper);

#endif
