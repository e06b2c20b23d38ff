/* The frame of a callee is a member of its caller's, named like it.
 * GNU: has no member named 'sleep'
 * Clang: no member named 'sleep' in 'struct example' */
#include "loop/loop.h"

struct example {
    struct coro coro;
};
ASYNC_DECLARE(example);

ASYNC(example)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = 1);
    END;
}
