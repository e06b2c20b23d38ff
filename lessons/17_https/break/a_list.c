/* a_list.c - a list of five URLs, one after another. All that it takes is
 * there: sessions, limits of time, TLS. And yet.
 */
#include "11_gather/fetch_status.h"
#include "stage/origin.h"

#include <stdio.h>

static const char *const list[] = { "", "status/503", "drop", "delay/2",
                                    "delay/3600" };

struct show {
    struct coro coro;
    size_t i;
    char url[64];
    struct origin origin;
    struct session session;
    struct cleanup shutting;
    struct fetch_status fetch_status;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    BEGIN;
    if (origin_start(&self->origin, task_loop(task), "127.0.0.1", 0,
                     &task->error) != 0)
        RERAISE(task->error.code);
    session_open(&self->session, task_loop(task), SESSION_DEFAULTS);
    DEFER(&self->shutting, session_shut, &self->session);
    for (; self->i < sizeof list / sizeof *list; self->i++) {
        snprintf(self->url, sizeof self->url, "http://127.0.0.1:%u/%s",
                 self->origin.port, list[self->i]);
        TRY_AWAIT(fetch_status, .session = &self->session,
                  .url = self->url);
        if (self->fetch_status.coro.error != 0) {
            printf("/%s: %s, and that is the end\n", list[self->i],
                   error_name(self->fetch_status.coro.error));
            RERAISE(self->fetch_status.coro.error);
        }
        printf("/%s: %d\n", list[self->i], self->fetch_status.status);
    }
    END;
}

int main(void)
{
    static struct show show = { CORO(show) };
    struct loop_options options = { .virtual_time = true };
    struct loop loop;
    struct error error;

    if (loop_open(&loop, &options, &error) != 0)
        return 2;
    if (loop_run(&loop, &show.coro) != 0)
        printf("%zu of 5 URLs fetched, none of them twice\n", show.i);
    loop_close(&loop);
    return 1;
}
