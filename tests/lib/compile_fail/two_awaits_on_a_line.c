/* The line is what an await is resumed by.
 * GNU: duplicate case value
 * Clang: duplicate case value */
#include "loop/loop.h"

struct example {
    struct coro coro;
    struct sleep sleep;
};
ASYNC_DECLARE(example);

ASYNC(example)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = 1); AWAIT(sleep, .delay_ns = 2);
    END;
}
