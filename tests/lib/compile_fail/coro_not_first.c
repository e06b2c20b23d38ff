/* A frame is found by the address of its head.
 * GNU: coro comes first in example
 * Clang: coro comes first in example */
#include "loop/loop.h"

struct example {
    struct sleep sleep;
    struct coro coro;
};
ASYNC_DECLARE(example);

ASYNC(example)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = 1);
    END;
}
