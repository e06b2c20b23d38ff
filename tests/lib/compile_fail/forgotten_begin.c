/* Without BEGIN there is no switch to resume in.
 * GNU: case label not within a switch statement
 * Clang: 'case' statement not in switch statement */
#include "loop/loop.h"

struct example {
    struct coro coro;
    struct sleep sleep;
};
ASYNC_DECLARE(example);

ASYNC(example)
{
    AWAIT(sleep, .delay_ns = 1);
    END;
}
