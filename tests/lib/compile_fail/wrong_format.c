/* The words of an error are checked against their format.
 * GNU: format '%d' expects argument of type 'int'
 * Clang: format specifies type 'int' but the argument has type */
#include "loop/loop.h"

struct example {
    struct coro coro;
};
ASYNC_DECLARE(example);

ASYNC(example)
{
    BEGIN;
    RAISE(E_USER, "host %d", "localhost");
    END;
}
