/* lost_local.c - a local variable does not live across an await.
 *
 * Each step calls the body anew from the top: `total` is made again, and 0
 * again. A local without a value would be whatever lies on the stack by
 * then. What must live across an await is a member of the frame.
 *
 * With DECLARED_INSIDE the declaration stands after BEGIN, and the switch
 * would jump past it: the lab's warnings refuse to compile that.
 */
#include "loop/loop.h"

struct adder {
    struct coro coro;
    int i, kept;
    struct sleep sleep;
};
ASYNC_DECLARE(adder);

ASYNC(adder)
{
#ifndef DECLARED_INSIDE
    int total = 0;
#endif

    BEGIN;
#ifdef DECLARED_INSIDE
    int total = 0;
#endif
    for (self->i = 1; self->i <= 3; self->i++) {
        total += self->i;
        self->kept += self->i;
        AWAIT(sleep, .delay_ns = SECONDS(1));
    }
    printf("1 + 2 + 3: the local says %d, the frame says %d\n", total,
           self->kept);
    if (total != self->kept)
        RAISE(E_VALUE, "the local lost its value");
    END;
}

int main(void)
{
    struct adder adder = { CORO(adder) };
    struct error error;
    struct loop loop;
    int code;

    if (loop_open(&loop, &(struct loop_options){ .virtual_time = true },
                  &error) != 0)
        return 2;
    code = loop_run(&loop, &adder.coro);
    loop_close(&loop);
    return code != 0;
}
