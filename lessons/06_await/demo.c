/* demo.c - three sleeps one by one, all at once, and with a failure; and
 * one GET written three ways. */
#include "06_await/await.h"
#include "06_await/ways.h"

#include <fcntl.h>
#include <unistd.h>

/* The same GET by each of the three; the socket is ours every time. */
struct three_ways {
    struct coro coro;
    struct stage *stage;
    struct origin origin;
    int fd;
    struct callback_get callback_get;
    struct machine_get machine_get;
    struct coroutine_get coroutine_get;
};
ASYNC_DECLARE(three_ways);

static const char ask[] = "GET /delay/1 HTTP/1.1\r\nHost: localhost\r\n\r\n";

static int open_tcp(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd >= 0)
        (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void say_way(struct three_ways *self, const char *way, int code,
                    int status)
{
    close(self->fd);
    if (code != 0)
        stage_say(self->stage, "%s: %s", way, stage_python_name(code));
    else
        stage_say(self->stage, "%s: status %d", way, status);
    self->fd = open_tcp();
}

ASYNC(three_ways)
{
    BEGIN;
    if (origin_start(&self->origin, task_loop(task), "127.0.0.1", 0,
                     &task->error) != 0)
        RERAISE(task->error.code);
    self->fd = open_tcp();
    self->callback_get = (struct callback_get){ .fd = self->fd,
        .address = &self->origin.address, .request = ask };
    callback_get_start(&self->callback_get, task_loop(task));
    CATCH_AWAIT_FUTURE(&self->callback_get.done);
    say_way(self, "1, callbacks", task->outcome, self->callback_get.status);
    TRY_AWAIT(machine_get, .fd = self->fd,
              .address = &self->origin.address, .request = ask);
    say_way(self, "2, a state machine", self->machine_get.coro.error,
            self->machine_get.status);
    TRY_AWAIT(coroutine_get, .fd = self->fd,
              .address = &self->origin.address, .request = ask);
    say_way(self, "3, a coroutine", self->coroutine_get.coro.error,
            self->coroutine_get.status);
    close(self->fd);
    END;
}

struct show {
    struct coro coro;
    struct stage *stage;
    struct one_by_one one_by_one;
    struct all_at_once all_at_once;
    struct all_at_once unlucky;
    struct async_timed async_timed;
    struct three_ways three_ways;
    struct sleep sleep;
};
ASYNC_DECLARE(show);

static const double threes[] = { 3, 3, 3 };
static const double rising[] = { 1, 2, 3 };

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
    if (stage_part(self->stage, "sequential"))
        AWAIT(async_timed, .stage = self->stage, .name = "one_by_one",
              .arguments = "3, 3, 3",
              .body = CALL(one_by_one, .stage = self->stage,
                           .seconds = threes, .count = 3));
    if (stage_part(self->stage, "concurrent"))
        AWAIT(async_timed, .stage = self->stage, .name = "all_at_once",
              .arguments = "3, 3, 3",
              .body = CALL(all_at_once, .stage = self->stage,
                           .seconds = threes, .count = 3));
    if (stage_part(self->stage, "fails")) {
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
    if (stage_only(self->stage, "three"))
        AWAIT(three_ways, .stage = self->stage);
    END;
}

int main(int argc, char **argv)
{
    struct stage stage = { .no_origin = true,
        .parts = "sequential, concurrent, fails or three",
        .about = "three sleeps, and one GET written three ways" };
    struct show show = { CORO(show), .stage = &stage };

    return stage_run(&stage, argc, argv, &show.coro);
}
