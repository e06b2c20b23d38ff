/* demo.c - three ways to wait, a loop around one of them, and a timeout:
 * the notebook's cells 9 to 13, one part each; and the modes side by side.
 *
 * Every part has the same shape, start the fetchers, wait, count, look at
 * each one that is done, so a part is a line of a table.
 */
#include "13_wait/wait.h"

#include "11_gather/fetch_status.h"
#include "stage/stage.h"

enum { FETCHERS_MAX = 4 };

/* One part. A negative delay: that fetcher's URL is python://, which fails
 * after as long. */
struct plan {
    const char *part, *name;
    double delays[FETCHERS_MAX];
    enum wait_until until;
    double timeout; /* 0: none */
    bool drains;    /* wait again until nobody is pending  */
    bool cancels;   /* what is pending; and fetchers talk  */
};

static const struct plan plans[] = {
    { "all", "main", { 1, 1, 1, 1 }, ALL_COMPLETED, 0, false, false },
    { "all-errors", "main", { 1, -1 }, ALL_COMPLETED, 0, false, false },
    { "first-exception", "main", { -1, 3, 5 }, FIRST_EXCEPTION, 0, false,
      true },
    { "first-completed", "main", { 1, 3, 5 }, FIRST_COMPLETED, 0, true,
      false },
    { "timeout", "main", { 1, 3, 5 }, ALL_COMPLETED, 3, false, true },
    /* A first failure does not tell the modes apart, a second one does. */
    { "modes", "ALL_COMPLETED", { 1, -2, 3 }, ALL_COMPLETED, 0, false,
      true },
    { "modes", "FIRST_EXCEPTION", { 1, -2, 3 }, FIRST_EXCEPTION, 0, false,
      true },
    { "modes", "FIRST_COMPLETED", { 1, -2, 3 }, FIRST_COMPLETED, 0, false,
      true },
};
enum { PARTS = sizeof plans / sizeof plans[0] };

/* fetch_status, and a word on how it ended if it has a tag. */
struct fetcher {
    struct coro coro;
    struct stage *stage;
    const char *tag;
    struct session *session;
    const char *url;
    int64_t delay_ns;
    struct fetch_status fetch_status;
};
ASYNC_DECLARE(fetcher);

ASYNC(fetcher)
{
    BEGIN;
    CATCH_AWAIT(fetch_status, .session = self->session, .url = self->url,
                .delay_ns = self->delay_ns);
    if (self->tag != NULL && self->fetch_status.coro.error == 0)
        stage_say(self->stage, "   %s finished by itself", self->tag);
    else if (self->tag != NULL)
        stage_say(self->stage, "   %s ended by %s", self->tag,
                  stage_python_name(self->fetch_status.coro.error));
    RERAISE(self->fetch_status.coro.error);
    END;
}

/* One part's run. Its fetchers may outlive its wait, so they live here, and
 * this lives in main's frame. */
struct part {
    struct coro coro;
    struct stage *stage;
    const struct plan *plan;
    struct session session;
    struct async_cleanup closing;
    struct session_close session_close;
    struct fetcher fetchers[FETCHERS_MAX];
    struct task tasks[FETCHERS_MAX];
    struct future *futures[FETCHERS_MAX];
    struct wait_slot slots[FETCHERS_MAX];
    struct future **pending;
    size_t left;
    struct limit limit;
    struct wait wait;
};
ASYNC_DECLARE(part);

static void start_fetcher(struct part *self, double delay)
{
    static const char *const names[FETCHERS_MAX] = {
        "fetcher A", "fetcher B", "fetcher C", "fetcher D"
    };
    const size_t i = self->left;
    const bool fails = delay < 0;

    self->fetchers[i] = (struct fetcher){ CORO(fetcher),
        .stage = self->stage, .session = &self->session,
        .tag = self->plan->cancels ? names[i] : NULL,
        .url = fails ? "python://www.example.com" : self->stage->url,
        .delay_ns = stage_ns(self->stage, fails ? -delay : delay) };
    self->futures[i] = task_create(self->stage->loop, &self->tasks[i],
                                   names[i], &self->fetchers[i].coro);
    self->left++;
}

static void start_all(struct part *self)
{
    for (int i = 0; i < FETCHERS_MAX && self->plan->delays[i] != 0; i++)
        start_fetcher(self, self->plan->delays[i]);
    self->pending = self->futures;
    if (self->plan->timeout > 0)
        self->limit = WITHIN(stage_ns(self->stage, self->plan->timeout));
}

/* done_task.exception(), then done_task.result() */
static void say_result(struct part *self, struct future *done)
{
    const struct task *task = CONTAINER(done, struct task, future);

    if (future_outcome(done) != 0)
        stage_say(self->stage, "Error");
    else
        stage_say(self->stage, "%d",
                  self->fetchers[task - self->tasks].fetch_status.status);
}

/* done, pending = ...: the pending ones stand behind the done ones. */
static void take_results(struct part *self)
{
    self->left = self->wait.count - self->wait.done;
    stage_say(self->stage, "Done task count: %zu", self->wait.done);
    stage_say(self->stage, "Pending task count: %zu", self->left);
    for (size_t i = 0; i < self->wait.done; i++)
        say_result(self, self->pending[i]);
    self->pending += self->wait.done;
}

static void cancel_pending(struct part *self)
{
    for (size_t i = 0; i < self->left; i++) {
        const bool asked = future_cancel(self->pending[i]);
        const bool is = self->pending[i]->state == FUTURE_CANCELLED;

        stage_say(self->stage, "cancel -> %s cancelled() -> %s",
                  asked ? "True" : "False", is ? "True" : "False");
    }
}

ASYNC(part)
{
    BEGIN;
    session_open(&self->session, task_loop(task), SESSION_DEFAULTS);
    DEFER_AWAIT(&self->closing, CALL(session_close,
                                     .session = &self->session));
    start_all(self);
    do {
        AWAIT(wait, .futures = self->pending, .count = self->left,
              .slots = self->slots, .until = self->plan->until,
              .timeout = self->limit);
        take_results(self);
    } while (self->plan->drains && self->left > 0);
    if (self->plan->cancels)
        cancel_pending(self);
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

ASYNC(show)
{
    BEGIN;
    for (self->i = 0; self->i < PARTS; self->i++) {
        if (!stage_part(self->stage, plans[self->i].part))
            continue;
        self->parts[self->i] = (struct part){ CORO(part),
            .stage = self->stage, .plan = &plans[self->i] };
        AWAIT(async_timed, .stage = self->stage,
              .name = plans[self->i].name, .arguments = "",
              .body = &self->parts[self->i].coro);
    }
    END;
}

int main(int argc, char **argv)
{
    struct stage stage = {
        .parts = "all, all-errors, first-exception, first-completed, "
                 "timeout or modes",
        .about = "who is done, who is pending: wait's three modes, its loop "
                 "and its timeout" };
    struct show show = { CORO(show), .stage = &stage };

    return stage_run(&stage, argc, argv, &show.coro);
}
