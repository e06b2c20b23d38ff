/* exercise.c - yours: one turn of the loop.
 *
 * The lists, the timers' order and poll() are there, in parts.c; loop.h
 * says what each does. A turn decides how long to wait and what runs:
 *
 *     1. How long may mini_poll wait? Not at all if something is ready or
 *        the loop is stopping; until the first timer if there is one; else
 *        for ever (-1) - but for ever with no fd to wake us is the end:
 *        return false, as when mini_poll does.
 *     2. mini_poll: what is readable or writable becomes ready.
 *     3. Every timer that is due becomes ready, behind it.
 *     4. Run exactly what is ready now. What the callbacks make ready waits
 *        for the next turn, and a callback may cancel one that is still
 *        waiting in this one: keep those where mini_cancel can find them.
 */
#include "05_loop/loop.h"

#include "stage/todo.h"

bool mini_turn(struct mini *mini)
{
    (void)mini;
    TODO("mini_turn: wait, collect the timers, run the batch");
}
