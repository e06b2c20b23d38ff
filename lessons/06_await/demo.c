/* demo.c - three sleeps one by one, all at once, and with a failure. */
#include "06_await/await.h"

#include <string.h>

static const char *only;

struct show {
    struct coro coro;
    struct stage *stage;
    struct one_by_one one_by_one;
    struct all_at_once all_at_once;
    struct all_at_once unlucky;
    struct async_timed async_timed;
    struct sleep sleep;
};
ASYNC_DECLARE(show);

static const double threes[] = { 3, 3, 3 };
static const double rising[] = { 1, 2, 3 };

static bool wanted(const char *part)
{
    return only == NULL || strcmp(only, part) == 0;
}

static const char *state(const struct task *task)
{
    return future_done(&task->future) ? "done" : "pending";
}

static void say_states(struct show *self, const char *before)
{
    const struct task *tasks = self->unlucky.tasks;

    stage_say(self->stage, "%s[%s, %s, %s]", before, state(&tasks[0]),
              state(&tasks[1]), state(&tasks[2]));
}

ASYNC(show)
{
    BEGIN;
    if (wanted("sequential"))
        AWAIT(async_timed, .stage = self->stage, .name = "one_by_one",
              .arguments = "3, 3, 3",
              .body = CALL(one_by_one, .stage = self->stage,
                           .seconds = threes, .count = 3));
    if (wanted("concurrent"))
        AWAIT(async_timed, .stage = self->stage, .name = "all_at_once",
              .arguments = "3, 3, 3",
              .body = CALL(all_at_once, .stage = self->stage,
                           .seconds = threes, .count = 3));
    if (wanted("fails")) {
        self->unlucky = (struct all_at_once){ CORO(all_at_once),
            .stage = self->stage, .seconds = rising, .count = 3,
            .failing = 1 };
        TRY_AWAIT_CORO(&self->unlucky.coro);
        stage_say(self->stage, "caught %s: %s",
                  stage_python_name(self->unlucky.coro.error),
                  task->error.text);
        say_states(self, "");
        AWAIT(sleep, .delay_ns = stage_ns(self->stage, 4));
        say_states(self, "");
    }
    END;
}

int main(int argc, char **argv)
{
    const struct option more[] = {
        { "--only", &only, NULL, "PART", "sequential, concurrent or fails" },
        { NULL, NULL, NULL, NULL, NULL }
    };
    struct stage stage = { .no_origin = true, .more = more,
        .about = "three sleeps one by one, all at once, and a failure" };
    struct show show = { CORO(show), .stage = &stage };

    return stage_run(&stage, argc, argv, &show.coro);
}
