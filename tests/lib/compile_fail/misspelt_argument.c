/* Arguments are members, and the compiler knows their names.
 * GNU: has no member named 'delay'
 * Clang: field designator 'delay' does not refer to any field */
#include "loop/loop.h"

struct example {
    struct coro coro;
    struct sleep sleep;
};
ASYNC_DECLARE(example);

ASYNC(example)
{
    BEGIN;
    AWAIT(sleep, .delay = 1);
    END;
}
