/* The same as the others, without their mistake: it compiles. */
#include "loop/loop.h"

struct example {
    struct coro coro;
    int64_t delay_ns;
    struct sleep sleep;
};
ASYNC_DECLARE(example);

ASYNC(example)
{
    int64_t twice; /* not initialised, not used across an await */

    BEGIN;
    twice = 2 * self->delay_ns;
    AWAIT(sleep, .delay_ns = twice);
    if (self->delay_ns > 1)
        AWAIT(sleep, .delay_ns = 1);
    END;
}
