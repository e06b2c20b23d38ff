/* no_limit_of_time.c - a server that accepts, reads, and never answers. The
 * session waits for it as long as it likes: after an hour of virtual time
 * the request is still not over. Lesson 10 puts a limit on it.
 */
#include "09_session/session.h"

#include "stage/origin.h"

#include <stdio.h>

struct patient {
    struct coro coro;
    struct session session;
    struct cleanup closing;
    char url[64];
    struct request request;
};
ASYNC_DECLARE(patient);

ASYNC(patient)
{
    BEGIN;
    session_open(&self->session, task_loop(task), SESSION_DEFAULTS);
    DEFER(&self->closing, session_shut, &self->session);
    AWAIT(request, .session = &self->session, .url = self->url);
    response_close(&self->request.response);
    END;
}

struct show {
    struct coro coro;
    struct origin origin;
    struct patient patient;
    struct task task;
    int hours;
    bool waits;
    struct sleep sleep;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    BEGIN;
    if (origin_start(&self->origin, task_loop(task), "127.0.0.1", 0,
                     &task->error) != 0)
        RERAISE(task->error.code);
    self->origin.delay_scale = 1e6;
    snprintf(self->patient.url, sizeof self->patient.url,
             "http://127.0.0.1:%u/delay/1", self->origin.port);
    self->patient.coro.type = &patient_type;
    task_create(task_loop(task), &self->task, "patient",
                &self->patient.coro);
    for (self->hours = 1; self->hours <= 3; self->hours++) {
        AWAIT(sleep, .delay_ns = SECONDS(3600));
        self->waits = !future_done(&self->task.future);
        printf("after %d h: %s\n", self->hours,
               self->waits ? "still waiting" : "done");
    }
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
    return code != 0 || show.waits;
}
