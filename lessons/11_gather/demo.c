/* demo.c - a thousand GETs from one thread, results in argument order; and
 * what gather does with an error (the notebook's cells 5 and 6). */
#include "11_gather/gather.h"

#include "09_session/session.h"
#include "stage/stage.h"

#include <stdlib.h>
#include <string.h>

static const char *count = "1000", *limit = "100", *only;
static bool force_close;

struct fetch_status {
    struct coro coro;
    struct session *session;
    const char *url;
    size_t *finished; /* counts us when we are done */
    int status;
    struct request request;
};
ASYNC_DECLARE(fetch_status);

ASYNC(fetch_status)
{
    BEGIN;
    AWAIT(request, .session = self->session, .url = self->url);
    self->status = self->request.response.status;
    response_close(&self->request.response);
    *self->finished += 1;
    END;
}

/* One fetch: its frame, its task, its place in the gather. */
struct worker {
    struct fetch_status fetch;
    struct task task;
    char name[24];
};

struct crowd {
    struct worker *workers;
    struct future **futures;
    struct gather_slot *slots;
    struct gather gather;
    size_t n, finished;
};

struct show {
    struct coro coro;
    struct stage *stage;
    struct session session;
    struct async_cleanup closing;
    struct session_close session_close;
    struct crowd crowd;
    struct cleanup freeing;
    char root[256];
    int64_t began_ns;
    struct sleep sleep;
};
ASYNC_DECLARE(show);

static void free_crowd(void *crowd)
{
    struct crowd *self = crowd;

    free(self->workers);
    free(self->futures);
    free(self->slots);
    *self = (struct crowd){ .n = 0 };
}

static int make_crowd(struct crowd *self, size_t n)
{
    self->workers = calloc(n, sizeof *self->workers);
    self->futures = calloc(n, sizeof(struct future *));
    self->slots = calloc(n, sizeof *self->slots);
    self->n = n;
    return self->workers == NULL || self->futures == NULL
        || self->slots == NULL ? ENOMEM : 0;
}

static void start_fetch(struct show *self, size_t i, const char *url)
{
    struct worker *worker = &self->crowd.workers[i];

    snprintf(worker->name, sizeof worker->name, "fetch %zu", i);
    worker->fetch = (struct fetch_status){ CORO(fetch_status),
        .session = &self->session, .url = url,
        .finished = &self->crowd.finished };
    self->crowd.futures[i] = task_create(self->stage->loop, &worker->task,
                                         worker->name, &worker->fetch.coro);
}

static struct future *gather_crowd(struct show *self,
                                   enum gather_errors errors)
{
    struct crowd *crowd = &self->crowd;

    return gather(&crowd->gather, self->stage->loop, crowd->slots,
                  crowd->futures, crowd->n, errors);
}

/* "[200, 200, ..]" as Python prints a list, the middle left out. */
static void say_statuses(struct show *self)
{
    const struct crowd *crowd = &self->crowd;
    char line[160] = "[";
    size_t used = 1;

    for (size_t i = 0; i < crowd->n; i++) {
        const struct error *error = future_error(crowd->futures[i]);
        const char *comma = i + 1 < crowd->n ? ", " : "]";

        if (i == 5 && crowd->n > 10) {
            used += (size_t)snprintf(line + used, sizeof line - used,
                                     "..., ");
            i = crowd->n - 2;
        }
        if (error != NULL)
            used += (size_t)snprintf(line + used, sizeof line - used,
                "%s()%s", stage_python_name(error->code), comma);
        else
            used += (size_t)snprintf(line + used, sizeof line - used,
                "%d%s", crowd->workers[i].fetch.status, comma);
    }
    stage_say(self->stage, "%s", line);
}

static size_t count_200(const struct crowd *crowd)
{
    size_t n = 0;

    for (size_t i = 0; i < crowd->n; i++)
        n += crowd->workers[i].fetch.status == 200;
    return n;
}

static void say_thousand(struct show *self)
{
    double seconds = (double)(loop_now(self->stage->loop) - self->began_ns)
        / 1e9;

    say_statuses(self);
    stage_say(self->stage, "%zu requests, %zu times 200, %zu connections, "
              "%.2f second(s)", self->crowd.n, count_200(&self->crowd),
              self->session.opened, seconds);
}

static bool wanted(const char *part)
{
    return only == NULL || strcmp(only, part) == 0;
}

static struct session_options options(void)
{
    struct session_options chosen = SESSION_DEFAULTS;

    chosen.limit = strtoul(limit, NULL, 10);
    chosen.force_close = force_close;
    return chosen;
}

ASYNC(show)
{
    BEGIN;
    session_open(&self->session, task_loop(task), options());
    DEFER(&self->freeing, free_crowd, &self->crowd);
    DEFER_AWAIT(&self->closing, CALL(session_close,
                                     .session = &self->session));
    if (wanted("thousand")) {
        snprintf(self->root, sizeof self->root, "%s%s", self->stage->url,
                 self->stage->given_url == NULL ? "delay/1" : "");
        if (make_crowd(&self->crowd, strtoul(count, NULL, 10)) != 0)
            RAISE(ENOMEM, "a crowd of %s", count);
        self->began_ns = loop_now(task_loop(task));
        for (size_t i = 0; i < self->crowd.n; i++)
            start_fetch(self, i, self->root);
        AWAIT_FUTURE(gather_crowd(self, GATHER_RAISE));
        say_thousand(self);
        free_crowd(&self->crowd);
    }
    snprintf(self->root, sizeof self->root, "%s", self->stage->url);
    if (wanted("exceptions")) {
        if (make_crowd(&self->crowd, 2) != 0)
            RAISE(ENOMEM, "a crowd of 2");
        start_fetch(self, 0, self->root);
        start_fetch(self, 1, "python://www.example.com");
        AWAIT_FUTURE(gather_crowd(self, GATHER_RETURN));
        say_statuses(self);
        free_crowd(&self->crowd);
    }
    END;
}

int main(int argc, char **argv)
{
    const struct option more[] = {
        { "--count", &count, NULL, "N", "how many GETs (1000)" },
        { "--limit", &limit, NULL, "N", "connections in use at once (100)" },
        { "--only", &only, NULL, "PART", "thousand or exceptions" },
        { "--force-close", NULL, &force_close, NULL, "no keep-alive" },
        { NULL, NULL, NULL, NULL, NULL }
    };
    struct stage stage = { .more = more,
        .about = "1,000 GETs from one thread, and what gather does with an "
                 "error" };
    struct show show = { CORO(show), .stage = &stage };
    struct async_timed timed = { CORO(async_timed), .stage = &stage,
        .name = "main", .arguments = "", .body = &show.coro };

    return stage_run(&stage, argc, argv, &timed.coro);
}
