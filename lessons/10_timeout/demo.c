/* demo.c - the notebook's cell 3: one request and the four limits it can
 * run into. 10 ms are 10 ms here; where the notebook ran, the clock was so
 * coarse that they were none.
 *
 * All parts but `connect` are the same main() with other limits, so a part
 * is a line of a table.
 */
#include "10_timeout/client_timeout.h"

#include "stage/stage.h"

/* Seconds; 0: no limit. */
struct limits {
    double total, connect, sock_read;
};

struct plan {
    const char *part, *path;
    struct limits session, own;
    bool replaces; /* `own` is the request's, instead of the session's */
    bool crowded;  /* one place in the pool, and somebody else has it  */
};

static const struct plan plans[] = {
    { "total", "delay/0.5", { 1, .1, 0 }, { .01, 0, 0 }, true, false },
    { "session", "delay/0.5", { .2, 0, 0 }, { 0, 0, 0 }, false, false },
    { "connect", "delay/0", { 0, 0, 0 }, { 0, .1, 0 }, true, true },
    { "sock-read", "delay/0.5", { 0, 0, 0 }, { 0, 0, .1 }, true, false },
    { "zero", "delay/0.2", { .1, 0, 0 }, { 0, 0, 0 }, true, false },
};
enum { PARTS = sizeof plans / sizeof plans[0] };

static struct client_timeout timeout_of(const struct stage *stage,
                                        struct limits limits)
{
    return (struct client_timeout){
        .total = stage_ns(stage, limits.total),
        .connect = stage_ns(stage, limits.connect),
        .sock_read = stage_ns(stage, limits.sock_read) };
}

/* async with session.get(url, timeout=own) as result: return its status */
struct fetch_status {
    struct coro coro;
    struct session *session;
    const char *url;
    struct client_timeout session_timeout;
    const struct client_timeout *own;
    int status; /* out */
    struct timed_request timed_request;
};
ASYNC_DECLARE(fetch_status);

ASYNC(fetch_status)
{
    BEGIN;
    AWAIT(timed_request, .limits = self->session_timeout,
          .instead = self->own,
          .request = { .session = self->session, .url = self->url });
    self->status = self->timed_request.request.response.status;
    response_close(&self->timed_request.request.response);
    END;
}

/* Has the pool's one place for 0.3 s. */
struct neighbour {
    struct coro coro;
    struct stage *stage;
    struct session *session;
    char url[STAGE_URL + 16];
    struct fetch_status fetch_status;
};
ASYNC_DECLARE(neighbour);

/* The server's, or below somebody else's --url, which may lack its "/". */
static void make_url(char url[static STAGE_URL + 16],
                     const struct stage *stage, const char *path)
{
    size_t length = strlen(stage->url);

    snprintf(url, STAGE_URL + 16, "%s%s%s", stage->url,
             stage->url[length - 1] == '/' ? "" : "/", path);
}

ASYNC(neighbour)
{
    BEGIN;
    make_url(self->url, self->stage, "delay/0.3");
    AWAIT(fetch_status, .session = self->session, .url = self->url);
    stage_say(self->stage, "A %d", self->fetch_status.status);
    END;
}

/* One part's main(). Its task may outlive it, so it lives in show. */
struct part {
    struct coro coro;
    struct stage *stage;
    const struct plan *plan;
    struct session session;
    struct async_cleanup closing;
    struct session_close session_close;
    struct client_timeout own;
    char url[STAGE_URL + 16], arguments[40];
    struct neighbour neighbour;
    struct task task;
    struct fetch_status fetch_status;
    struct async_timed async_timed;
};
ASYNC_DECLARE(part);

static void prepare(struct part *self, struct loop *loop)
{
    struct session_options options = SESSION_DEFAULTS;

    if (self->plan->crowded)
        options.limit = 1;
    session_open(&self->session, loop, options);
    self->own = timeout_of(self->stage, self->plan->own);
    make_url(self->url, self->stage, self->plan->path);
    snprintf(self->arguments, sizeof self->arguments, "session, '/%s'",
             self->plan->path);
    self->fetch_status = (struct fetch_status){ CORO(fetch_status),
        .session = &self->session, .url = self->url,
        .session_timeout = timeout_of(self->stage, self->plan->session),
        .own = self->plan->replaces ? &self->own : NULL };
    self->neighbour = (struct neighbour){ CORO(neighbour),
        .stage = self->stage, .session = &self->session };
}

ASYNC(part)
{
    BEGIN;
    prepare(self, task_loop(task));
    DEFER_AWAIT(&self->closing, CALL(session_close,
                                     .session = &self->session));
    if (self->plan->crowded) {
        task_create(task_loop(task), &self->task, "A",
                    &self->neighbour.coro);
        YIELD();
    }
    CATCH_AWAIT(async_timed, .stage = self->stage, .name = "fetch_status",
                .arguments = self->arguments,
                .body = &self->fetch_status.coro);
    if (self->async_timed.coro.error == 0)
        stage_say(self->stage, "Status was %d", self->fetch_status.status);
    else if (self->plan->crowded)
        stage_say(self->stage, "B %s %s",
                  stage_python_name(self->async_timed.coro.error),
                  task->error.text);
    if (self->plan->crowded && self->async_timed.coro.error != E_CANCELLED)
        AWAIT_FUTURE(&self->task.future);
    else
        RERAISE(self->async_timed.coro.error);
    END;
}

struct show {
    struct coro coro;
    struct stage *stage;
    size_t i;
    struct part parts[PARTS];
    struct async_timed async_timed;
};
ASYNC_DECLARE(show);

/* except asyncio.TimeoutError: both kinds are one (row H18). */
static void say_timeout(struct stage *stage, const struct error *error)
{
    stage_say(stage, "Timeout error | real class: %s | str: '%s'",
              stage_python_name(error->code), error->text);
}

ASYNC(show)
{
    BEGIN;
    for (self->i = 0; self->i < PARTS; self->i++) {
        if (!stage_part(self->stage, plans[self->i].part))
            continue;
        self->parts[self->i] = (struct part){ CORO(part),
            .stage = self->stage, .plan = &plans[self->i] };
        CATCH_AWAIT(async_timed, .stage = self->stage, .name = "main",
                    .arguments = "",
                    .body = &self->parts[self->i].coro);
        if (error_is_timeout(self->async_timed.coro.error))
            say_timeout(self->stage, &task->error);
        else if (self->async_timed.coro.error != 0)
            RERAISE(self->async_timed.coro.error);
    }
    END;
}

int main(int argc, char **argv)
{
    static struct show show = { CORO(show) };
    struct stage stage = {
        .parts = "total, session, connect, sock-read or zero",
        .about = "one request and its limits: total, connect, sock_read; "
                 "the session's and its own" };

    show.stage = &stage;
    return stage_run(&stage, argc, argv, &show.coro);
}
