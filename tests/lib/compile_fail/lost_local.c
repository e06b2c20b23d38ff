/* Locals die at every await; what must live is a member of the frame.
 * GNU: switch jumps over variable initialization
 * Clang: variable 'count' may be uninitialized when used here */
#include "loop/loop.h"

struct example {
    struct coro coro;
    int result;
    struct sleep sleep;
};
ASYNC_DECLARE(example);

ASYNC(example)
{
    BEGIN;
    int count = 3;
    AWAIT(sleep, .delay_ns = 1);
    self->result = count;
    END;
}
