/* order_twice.c - an order is a POST. The shop takes it, and the connection
 * breaks before it can say so: to the client that looks like a server that
 * was never reached. It tries again.
 */
#include "09_session/session.h"

#include "stage/origin.h"

#include <stdio.h>

enum { TRIES = 3 };

struct show {
    struct coro coro;
    struct origin origin;
    struct session session;
    struct cleanup closing;
    char url[64];
    int tries;
    union {
        struct request request;
        struct sleep sleep;
    };
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    BEGIN;
    if (origin_start(&self->origin, task_loop(task), "127.0.0.1", 0,
                     &task->error) != 0)
        RERAISE(task->error.code);
    session_open(&self->session, task_loop(task), SESSION_DEFAULTS);
    DEFER(&self->closing, session_shut, &self->session);
    snprintf(self->url, sizeof self->url, "http://127.0.0.1:%u/drop",
             self->origin.port);
    for (; self->tries < TRIES; self->tries++) {
        TRY_AWAIT(request, .session = &self->session, .url = self->url,
                  .method = "POST", .body = "one book", .body_size = 8);
        printf("POST: %s\n", task->error.text);
        AWAIT(sleep, .delay_ns = SECONDS(1));
    }
    printf("I ordered 1 book; the shop has %zu orders\n",
           self->origin.requests);
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
    return code != 0 ? 2 : show.origin.requests != 1;
}
