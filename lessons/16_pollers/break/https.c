/* https.c - ten thousand sockets cost nothing any more, and one of the most
 * ordinary URLs cannot be fetched: our client speaks plain text, and says so
 * before it asks anybody.
 */
#include "08_get/get.h"

#include <stdio.h>

struct show {
    struct coro coro;
    struct get get;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    BEGIN;
    TRY_AWAIT(get, .url = "https://example.com/");
    if (self->get.coro.error != 0)
        printf("%s: %s\n", error_name(self->get.coro.error),
               task->error.text);
    RERAISE(self->get.coro.error);
    END;
}

int main(void)
{
    static struct show show = { CORO(show) };
    struct loop_options options = { .virtual_time = true };
    struct loop loop;
    struct error error;
    int code;

    if (loop_open(&loop, &options, &error) != 0)
        return 2;
    code = loop_run(&loop, &show.coro);
    loop_close(&loop);
    return code == E_SCHEME ? 1 : 2;
}
