/* one_after_another.c - three requests, each well within its limit.
 *
 * Each takes 1 s and may take 1.5. But each is awaited before the next has
 * begun: no limit is broken, and the user waits for the sum. Lesson 11 runs
 * them at the same time.
 */
#include "10_timeout/client_timeout.h"

#include "stage/origin.h"

#include <stdio.h>

enum { REQUESTS = 3 };

struct show {
    struct coro coro;
    struct session session;
    struct cleanup closing;
    char url[64];
    int i;
    struct timed_request timed_request;
};
ASYNC_DECLARE(show);

static double now(struct task *task)
{
    return (double)loop_now(task_loop(task)) / 1e9;
}

ASYNC(show)
{
    BEGIN;
    session_open(&self->session, task_loop(task), SESSION_DEFAULTS);
    DEFER(&self->closing, session_shut, &self->session);
    for (self->i = 0; self->i < REQUESTS; self->i++) {
        AWAIT(timed_request, .limits = { .total = SECONDS(1.5) },
              .request = { .session = &self->session, .url = self->url });
        printf("%.0f s: status %d, in time\n", now(task),
               self->timed_request.request.response.status);
        response_close(&self->timed_request.request.response);
    }
    printf("%.0f s for what one waits 1 s for\n", now(task));
    END;
}

int main(void)
{
    static struct show show = { CORO(show) };
    static struct origin origin;
    struct loop loop;
    struct error error;
    int code;
    bool slow;

    if (loop_open(&loop, &(struct loop_options){ .virtual_time = true },
                  &error) != 0)
        return 2;
    if (origin_start(&origin, &loop, "127.0.0.1", 0, &error) != 0) {
        loop_close(&loop);
        return 2;
    }
    snprintf(show.url, sizeof show.url, "http://127.0.0.1:%u/delay/1",
             origin.port);
    code = loop_run(&loop, &show.coro);
    slow = loop_now(&loop) >= SECONDS(REQUESTS);
    loop_close(&loop);
    return code != 0 || slow;
}
