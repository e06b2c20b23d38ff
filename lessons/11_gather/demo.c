/* demo.c - a thousand GETs from one thread, results in argument order; and
 * what gather does with an error (the notebook's cells 5 and 6).
 *
 * A gather that fails leaves its children running, so no child's frame may
 * be in a frame that goes before the loop does: they are all in `struct
 * show`, which is main's, or in the crowd, which main frees.
 */
#include "11_gather/fetch_status.h"
#include "11_gather/gather.h"

#include "stage/stage.h"

#include <stdlib.h>

static const char *count = "1000", *limit = "100";
static bool force_close;

/* One of the thousand. */
struct worker {
    struct fetch_status fetch;
    struct task task;
    struct callback counting;
    struct show *show;
    char name[32];
};

struct crowd {
    struct worker *workers;
    struct future **futures;
    struct gather_slot *slots;
    size_t n, finished;
};

/* A fetch that says how it went: "sibling 0 got 200", or "done 0". */
struct sibling {
    struct coro coro;
    struct show *show;
    int number;
    double delay;
    bool brief;
    struct fetch_status fetch_status;
};
ASYNC_DECLARE(sibling);

/* A fetch between "starting fetch_status" and "finished fetch_status". */
struct timed_fetch {
    struct coro coro;
    struct show *show;
    const char *url;
    struct fetch_status fetch_status;
    struct async_timed async_timed;
};
ASYNC_DECLARE(timed_fetch);

/* await asyncio.sleep(delay); raise ValueError(words) */
struct fails {
    struct coro coro;
    struct show *show;
    double delay;
    const char *words;
    struct sleep sleep;
};
ASYNC_DECLARE(fails);

enum { FEW = 3 };

struct show {
    struct coro coro;
    struct stage *stage;
    struct session session;
    struct async_cleanup closing;
    struct session_close session_close;
    char slow[256]; /* a URL that answers after a second */
    struct crowd crowd;
    struct gather gather;
    struct gather_slot slots[FEW];
    struct task tasks[FEW];
    struct future *futures[FEW];
    struct sibling siblings[FEW];
    struct timed_fetch timed[FEW];
    struct fails failing[FEW];
    struct sleep sleep;
};
ASYNC_DECLARE(show);

/* --- Cell 5: a thousand -------------------------------------------------- */

static void free_crowd(struct crowd *crowd)
{
    free(crowd->workers);
    free(crowd->futures);
    free(crowd->slots);
    *crowd = (struct crowd){ .n = 0 };
}

static int make_crowd(struct crowd *crowd, size_t n)
{
    crowd->workers = calloc(n + 1, sizeof *crowd->workers);
    crowd->futures = calloc(n + 1, sizeof(struct future *));
    crowd->slots = calloc(n + 1, sizeof *crowd->slots);
    crowd->n = n;
    return crowd->workers == NULL || crowd->futures == NULL
        || crowd->slots == NULL ? ENOMEM : 0;
}

static void count_one(struct callback *callback)
{
    const struct worker *worker = CONTAINER(callback, struct worker,
                                            counting);
    struct crowd *crowd = &worker->show->crowd;

    crowd->finished++;
    stage_progress(worker->show->stage, crowd->finished, crowd->n);
}

static void start_worker(struct show *self, size_t i)
{
    struct worker *worker = &self->crowd.workers[i];

    snprintf(worker->name, sizeof worker->name, "fetch %zu", i);
    worker->fetch = (struct fetch_status){ CORO(fetch_status),
        .session = &self->session, .url = self->slow };
    self->crowd.futures[i] = task_create(self->stage->loop, &worker->task,
                                         worker->name, &worker->fetch.coro);
    worker->show = self;
    worker->counting.run = count_one;
    future_add_callback(self->crowd.futures[i], &worker->counting);
}

static struct future *gather_thousand(struct show *self)
{
    struct crowd *crowd = &self->crowd;

    for (size_t i = 0; i < crowd->n; i++)
        start_worker(self, i);
    return gather(&self->gather, self->stage->loop, crowd->slots,
                  crowd->futures, crowd->n, GATHER_RAISE);
}

/* As Python prints a list, but for the middle of a long one. */
static void say_statuses(const struct show *self)
{
    const struct crowd *crowd = &self->crowd;
    char line[128] = "[";
    size_t used = 1;

    for (size_t i = 0; i < crowd->n; i++) {
        const char *after = i + 1 < crowd->n ? ", " : "";

        if (crowd->n > 10 && i > 4 && i + 2 < crowd->n)
            continue;
        if (crowd->n > 10 && i == 4)
            after = ", ..., ";
        used += (size_t)snprintf(line + used, sizeof line - used, "%d%s",
                                 crowd->workers[i].fetch.status, after);
    }
    stage_say(self->stage, "%s]", line);
}

static void say_totals(const struct show *self)
{
    size_t good = 0;

    for (size_t i = 0; i < self->crowd.n; i++)
        good += self->crowd.workers[i].fetch.status == 200;
    stage_say(self->stage, "%zu requests, %zu times 200, %zu connections",
              self->crowd.n, good, self->session.opened);
    if (self->stage->given_url == NULL)
        stage_say(self->stage, "the server saw at most %zu at once",
                  self->stage->origin.peak);
}

/* --- A few that say what becomes of them --------------------------------- */

ASYNC(sibling)
{
    struct stage *stage = self->show->stage;
    int code;

    BEGIN;
    CATCH_AWAIT(fetch_status, .session = &self->show->session,
                .url = stage->url, .delay_ns = stage_ns(stage, self->delay));
    code = self->fetch_status.coro.error;
    if (code != 0)
        stage_say(stage, "sibling %d ended by %s", self->number,
                  stage_python_name(code));
    else if (self->brief)
        stage_say(stage, "done %d", self->number);
    else
        stage_say(stage, "sibling %d got %d", self->number,
                  self->fetch_status.status);
    RERAISE(code);
    END;
}

ASYNC(timed_fetch)
{
    BEGIN;
    AWAIT(async_timed, .stage = self->show->stage, .name = "fetch_status",
          .arguments = self->url,
          .body = CALL(fetch_status, .session = &self->show->session,
                       .url = self->url));
    END;
}

ASYNC(fails)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = stage_ns(self->show->stage, self->delay));
    RAISE(E_VALUE, "%s", self->words);
    END;
}

static void start(struct show *self, int i, struct coro *coro)
{
    static const char *const names[FEW] = { "fetch 0", "fetch 1", "fetch 2" };

    self->futures[i] = task_create(self->stage->loop, &self->tasks[i],
                                   names[i], coro);
}

static void start_sibling(struct show *self, int i, double delay, bool brief)
{
    self->siblings[i] = (struct sibling){ CORO(sibling), .show = self,
        .number = i, .delay = delay, .brief = brief };
    start(self, i, &self->siblings[i].coro);
}

static void start_timed(struct show *self, int i, const char *url)
{
    self->timed[i] = (struct timed_fetch){ CORO(timed_fetch), .show = self,
        .url = url };
    start(self, i, &self->timed[i].coro);
}

static void start_failing(struct show *self, int i, double delay,
                          const char *words)
{
    self->failing[i] = (struct fails){ CORO(fails), .show = self,
        .delay = delay, .words = words };
    start(self, i, &self->failing[i].coro);
}

static struct future *gather_few(struct show *self, size_t n,
                                 enum gather_errors errors)
{
    return gather(&self->gather, self->stage->loop, self->slots,
                  self->futures, n, errors);
}

/* [0, 1, 2]: the order of the arguments, whoever was done first. */
static void say_numbers(const struct show *self)
{
    int numbers[FEW];

    for (int i = 0; i < FEW; i++) {
        const struct task *task = CONTAINER(self->slots[i].child,
                                            struct task, future);

        numbers[i] = ((const struct sibling *)(void *)task->coro)->number;
    }
    stage_say(self->stage, "[%d, %d, %d]", numbers[0], numbers[1],
              numbers[2]);
}

/* [200, AssertionError()]: an error is a result like any other. */
static void say_results(const struct show *self, int n)
{
    char line[128] = "[";
    size_t used = 1;

    for (int i = 0; i < n; i++) {
        const struct error *error = future_error(self->slots[i].child);
        const char *after = i + 1 < n ? ", " : "";

        if (error != NULL)
            used += (size_t)snprintf(line + used, sizeof line - used,
                "%s()%s", stage_python_name(error->code), after);
        else
            used += (size_t)snprintf(line + used, sizeof line - used,
                "%d%s", self->timed[i].fetch_status.status, after);
    }
    stage_say(self->stage, "%s]", line);
}

/* --- The show ------------------------------------------------------------ */

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
    DEFER_AWAIT(&self->closing, CALL(session_close,
                                     .session = &self->session));
    snprintf(self->slow, sizeof self->slow, "%s%s", self->stage->url,
             self->stage->given_url == NULL ? "delay/1" : "");
    if (stage_part(self->stage, "thousand")) {
        if (make_crowd(&self->crowd, strtoul(count, NULL, 10)) != 0)
            RAISE(ENOMEM, "a crowd of %s", count);
        AWAIT_FUTURE(gather_thousand(self));
        say_statuses(self);
        say_totals(self);
    }
    if (stage_only(self->stage, "order")) {
        start_sibling(self, 0, 1.5, true);
        start_sibling(self, 1, 0.5, true);
        start_sibling(self, 2, 1.0, true);
        AWAIT_FUTURE(gather_few(self, 3, GATHER_RAISE));
        say_numbers(self);
    }
    if (stage_part(self->stage, "exceptions")) {
        start_timed(self, 0, self->stage->url);
        start_timed(self, 1, "python://www.example.com");
        AWAIT_FUTURE(gather_few(self, 2, GATHER_RETURN));
        say_results(self, 2);
    }
    if (stage_only(self->stage, "raise")) {
        start_sibling(self, 0, 1, false);
        start_timed(self, 1, "python://www.example.com");
        start_sibling(self, 2, 2, false);
        CATCH_AWAIT_FUTURE(gather_few(self, 3, GATHER_RAISE));
        stage_say(self->stage, "gather raised %s() - siblings are NOT "
                  "cancelled", stage_python_name(task->outcome));
        AWAIT(sleep, .delay_ns = stage_ns(self->stage, 1.5));
        stage_say(self->stage, "leaving the session block; sibling 2 still "
                  "runs");
    }
    if (stage_only(self->stage, "two-failures")) {
        start_failing(self, 0, 1, "early");
        start_failing(self, 1, 2, "late");
        CATCH_AWAIT_FUTURE(gather_few(self, 2, GATHER_RAISE));
        stage_say(self->stage, "gather raised %s('%s')",
                  stage_python_name(task->outcome), task->error.text);
        AWAIT(sleep, .delay_ns = stage_ns(self->stage, 2.2));
        stage_say(self->stage, "second failure is swallowed silently "
                  "(no \"never retrieved\")");
    }
    END;
}

int main(int argc, char **argv)
{
    const struct option more[] = {
        { "--count", &count, NULL, "N", "how many GETs (1000)" },
        { "--limit", &limit, NULL, "N", "connections in use at once (100)" },
        { "--force-close", NULL, &force_close, NULL, "no keep-alive" },
        { NULL, NULL, NULL, NULL, NULL }
    };
    struct stage stage = { .more = more,
        .parts = "thousand, order, exceptions, raise or two-failures",
        .about = "1,000 GETs from one thread, and what gather does with an "
                 "error" };
    struct show show = { CORO(show), .stage = &stage };
    struct async_timed timed = { CORO(async_timed), .stage = &stage,
        .name = "main", .arguments = "", .body = &show.coro };
    int status = stage_run(&stage, argc, argv, &timed.coro);

    free_crowd(&show.crowd);
    return status;
}
