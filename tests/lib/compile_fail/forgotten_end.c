/* END closes what BEGIN opened.
 * GNU: expected declaration or statement at end of input
 * Clang: expected '}' */
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
}
