/* await.h - the same three sleeps, one by one and all at once.
 *
 * create_task starts nothing by itself and awaiting it at once makes a
 * program that is sequential with extra steps: what runs concurrently is
 * what was created before the first await (the notebook's cell 4).
 */
#ifndef LAB_AWAIT_H
#define LAB_AWAIT_H

#include "stage/stage.h"

/* Says "sleeping N", sleeps, says "finished N". With `fails` it raises
 * E_VALUE instead of finishing. */
struct delay {
    struct coro coro;
    struct stage *stage;
    double seconds;
    bool fails;
    struct sleep sleep;
};
ASYNC_DECLARE(delay);

enum { DELAYS_MAX = 8 };

/* Runs count delays of seconds[i] each, and awaits them in order.
 * one_by_one: [await create_task(delay(s)) for s in seconds]
 * all_at_once: tasks = [create_task(delay(s)) for s in seconds]
 *              [await task for task in tasks]
 * The first to fail in the order of awaiting ends it; the others run on
 * (row T24), so the frame must stay until they are done. */
struct one_by_one {
    struct coro coro;
    struct stage *stage;
    const double *seconds;
    size_t count, i;
    struct delay delay;
    struct task task;
};
ASYNC_DECLARE(one_by_one);

struct all_at_once {
    struct coro coro;
    struct stage *stage;
    const double *seconds;
    size_t count, i;
    size_t failing; /* which one fails, from 1; 0: none */
    struct delay delays[DELAYS_MAX];
    struct task tasks[DELAYS_MAX];
};
ASYNC_DECLARE(all_at_once);

#endif
