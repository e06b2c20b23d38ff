/* timer.h - call me not before then.
 *
 * A binary heap of timers by (deadline, order of creation): the next one is
 * at the top, start and stop are O(log n). Timers are embedded in what they
 * are about; the heap holds pointers only.
 */
#ifndef LAB_TIMER_H
#define LAB_TIMER_H

#include "loop/future.h"

struct timer {
    struct callback callback; /* in the ready queue once due     */
    int64_t when;  /* ns, on loop_now's clock                    */
    uint32_t seq;  /* equal deadlines: creation order (row L05)  */
    uint32_t slot; /* its place in the heap + 1; 0: not in it    */
};

struct timer_heap {
    struct timer **at;
    size_t count, capacity;
    uint32_t seq;
};

/* Calls run(&timer->callback) as an ordinary callback of the loop,
 * `delay_ns` from now or later; a negative delay is an earlier deadline
 * (row L04), a huge one never comes. 0, or ENOMEM. It must not run yet. */
int timer_start(struct loop *loop, struct timer *timer, int64_t delay_ns,
                void (*run)(struct callback *callback));

/* It will not fire, not even if it is due and queued (row L06). Stopping
 * one that is not running does nothing. */
void timer_stop(struct loop *loop, struct timer *timer);

/* The loop's: moves all timers that are due to the ready queue, in order. */
void timer_collect(struct loop *loop);

#endif
