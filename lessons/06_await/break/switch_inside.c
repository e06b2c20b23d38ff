/* switch_inside.c - an AWAIT inside a switch of its own.
 *
 * AWAIT plants a `case` label, and a case belongs to the innermost switch.
 * The body comes back through the outer one, which does not know it, and
 * lands in the `default:` that END has put there: abort, with the name and
 * the line. Write if and else around an await.
 */
#include "loop/loop.h"

struct chooser {
    struct coro coro;
    int choice;
    struct sleep sleep;
};
ASYNC_DECLARE(chooser);

ASYNC(chooser)
{
    BEGIN;
    switch (self->choice) {
    case 1:
        printf("going to sleep\n");
        fflush(stdout);
        AWAIT(sleep, .delay_ns = SECONDS(1));
        printf("never printed\n");
        break;
    default:
        break;
    }
    END;
}

int main(void)
{
    struct chooser chooser = { CORO(chooser), .choice = 1 };
    struct error error;
    struct loop loop;

    if (loop_open(&loop, &(struct loop_options){ .virtual_time = true },
                  &error) != 0)
        return 2;
    (void)loop_run(&loop, &chooser.coro);
    loop_close(&loop);
    return 0;
}
