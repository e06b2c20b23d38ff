/* demo.c - results as they come, and a timeout that cancels nobody (the
 * notebook's cells 7 and 8).
 *
 * Fetchers outlive the loop over their results, and main too; their frames
 * are in `struct show`, which is main()'s.
 */
#include "12_as_completed/as_completed.h"

#include "11_gather/fetch_status.h"
#include "stage/stage.h"

enum { N = 3 };

/* A fetch_status that says how it ended, if `letter` is not 0. */
struct fetcher {
    struct coro coro;
    struct stage *stage;
    struct session *session;
    double delay;
    char letter;
    struct fetch_status fetch_status;
};
ASYNC_DECLARE(fetcher);

ASYNC(fetcher)
{
    int code;

    BEGIN;
    CATCH_AWAIT(fetch_status, .session = self->session,
                .url = self->stage->url,
                .delay_ns = stage_ns(self->stage, self->delay));
    code = self->fetch_status.coro.error;
    if (self->letter != 0 && code == 0)
        stage_say(self->stage, "   fetcher %c finished by itself",
                  self->letter);
    else if (self->letter != 0)
        stage_say(self->stage, "   fetcher %c ended by %s%s%s", self->letter,
                  stage_python_name(code), code == E_CANCELLED ? "" : " ",
                  code == E_CANCELLED ? "" : task->error.text);
    RERAISE(code);
    END;
}

/* The notebook's main(). */
struct show {
    struct coro coro;
    struct stage *stage;
    struct session session;
    struct async_cleanup closing;
    struct session_close session_close;
    struct fetcher fetchers[N];
    struct task tasks[N];
    struct future *futures[N];
    struct completed slots[N];
    struct as_completed it;
    struct cleanup closing_it;
    struct next_completed next_completed;
    struct sleep sleep;
};
ASYNC_DECLARE(show);

/* The parts of cell 8: what becomes of those whose time was up. */
static bool cell_8(struct stage *stage)
{
    return stage_part(stage, "timeout") || stage_only(stage, "stay")
        || stage_only(stage, "notebook");
}

static void start(struct show *self, double a, double b, double c,
                  bool talk)
{
    static const char *const names[N] = { "fetcher A", "fetcher B",
                                          "fetcher C" };
    const double delays[N] = { a, b, c };

    for (int i = 0; i < N; i++) {
        self->fetchers[i] = (struct fetcher){ CORO(fetcher),
            .stage = self->stage, .session = &self->session,
            .delay = delays[i], .letter = talk ? (char)('A' + i) : '\0' };
        self->futures[i] = task_create(self->stage->loop, &self->tasks[i],
                                       names[i], &self->fetchers[i].coro);
    }
}

static void say_result(struct show *self, struct task *task)
{
    const struct next_completed *next = &self->next_completed;
    const struct task *done;

    if (next->coro.error != 0) {
        stage_say(self->stage, "%s", stage_python_name(next->coro.error));
        if (next->coro.error != E_TIMEOUT)
            stage_say(self->stage, "   (%s)", task->error.text);
        return;
    }
    done = CONTAINER(next->future, struct task, future);
    stage_say(self->stage, "%d", ((const struct fetcher *)(void *)
                                  done->coro)->fetch_status.status);
}

static size_t alive(const struct show *self)
{
    size_t n = 0;

    for (int i = 0; i < N; i++)
        n += !future_done(&self->tasks[i].future);
    return n;
}

static int iterate(struct show *self, struct limit timeout)
{
    return as_completed(&self->it, self->stage->loop, self->slots,
                        self->futures, N, timeout);
}

ASYNC(show)
{
    BEGIN;
    session_open(&self->session, task_loop(task), SESSION_DEFAULTS);
    DEFER_AWAIT(&self->closing, CALL(session_close,
                                     .session = &self->session));
    DEFER(&self->closing_it, as_completed_close, &self->it);
    if (stage_part(self->stage, "completed")) {
        start(self, 1, 1, 10, false);
        if (iterate(self, (struct limit){ .set = false }) != 0)
            RAISE(ENOMEM, "as_completed");
        while (self->it.turns > 0) {
            TRY_AWAIT(next_completed, .from = &self->it);
            say_result(self, task);
        }
    }
    if (cell_8(self->stage)) {
        start(self, 10, 10, 1, true);
        if (iterate(self, WITHIN(stage_ns(self->stage, 2))) != 0)
            RAISE(ENOMEM, "as_completed: its timer");
        while (self->it.turns > 0) {
            TRY_AWAIT(next_completed, .from = &self->it);
            say_result(self, task);
        }
        if (stage_only(self->stage, "stay"))
            AWAIT(sleep, .delay_ns = stage_ns(self->stage, 10));
        else
            stage_say(self->stage, "tasks still alive: %zu", alive(self));
    }
    END;
}

/* What runs main(): asyncio.run, or a notebook, whose loop never ends. */
struct runner {
    struct coro coro;
    struct show show;
    struct async_timed async_timed;
    struct sleep sleep;
};
ASYNC_DECLARE(runner);

ASYNC(runner)
{
    struct stage *stage = self->show.stage;

    BEGIN;
    AWAIT(async_timed, .stage = stage, .name = "main", .arguments = "",
          .body = &self->show.coro);
    if (stage_only(stage, "notebook")) {
        stage_say(stage, "--- main() is over; the notebook loop goes on");
        AWAIT(sleep, .delay_ns = stage_ns(stage, 10));
    }
    END;
}

int main(int argc, char **argv)
{
    struct stage stage = { .parts = "completed, timeout, stay or notebook",
        .about = "results as they come, and a timeout that cancels nobody" };
    struct runner runner = { CORO(runner),
        .show = { CORO(show), .stage = &stage } };

    return stage_run(&stage, argc, argv, &runner.coro);
}
