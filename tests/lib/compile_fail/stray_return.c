/* A body is left by RETURN, RAISE or END, so that its cleanups run.
 * GNU: incompatible types when returning type 'int'
 * Clang: returning 'int' from a function with incompatible result type */
#include "loop/loop.h"

struct example {
    struct coro coro;
    struct sleep sleep;
};
ASYNC_DECLARE(example);

ASYNC(example)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = 1);
    return 0;
    END;
}
