/* watchdog.h - a hang is a verdict, not a timeout.
 *
 * A thread beside the test looks every 20 ms: is the test burning its CPU
 * without a step of the loop, or asleep where no loop put it to sleep? Then
 * it signals the test, which tells where it is. */
#ifndef LAB_WATCHDOG_H
#define LAB_WATCHDOG_H

#include "report.h"

/* Watches the calling thread from now on: `bark(end)` is called in it, by a
 * signal, when it spins, is blocked, or after `seconds`. At most once. */
void watchdog_start(struct report *report, unsigned seconds,
                    void (*bark)(enum end end));

/* Ends the watch. */
void watchdog_stop(void);

#endif
