/* demo.c - a lookup of two seconds and everybody else, a limit on one, five
 * requests that share one; and the system's own, for any name.
 *
 * All but the last play a name server, so that they need no network and are
 * the same each time: the thread blocks in read() until the name server, a
 * coroutine, has taken its time and writes. Then that waits until the thread
 * has told the loop, or a virtual clock would run ahead of it.
 */
#include "10_timeout/timeout.h"
#include "15_resolve/shared_resolver.h"

#include "stage/stage.h"
#include "sys.h"

#include <string.h>
#include <unistd.h>

static const char *name = "localhost";
static int answers[2]; /* a byte is an answer, its end the end of waiting */

static int play(const char *host, const char *service,
                const struct addrinfo *hints, struct addrinfo **found)
{
    char byte;

    while (read(answers[0], &byte, 1) == -1)
        continue;
    if (strcmp(host, "nowhere.example") == 0)
        return EAI_NONAME;
    return getaddrinfo("127.0.0.1", service, hints, found);
}

struct name_server {
    struct coro coro;
    struct stage *stage;
    struct executor *executor;
    struct sleep sleep;
    struct task task;
};
ASYNC_DECLARE(name_server);

ASYNC(name_server)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = stage_ns(self->stage, 2));
    if (write(answers[1], "", 1) != 1)
        RAISE_ERRNO("answer: write");
    executor_settle(self->executor);
    END;
}

struct ticker {
    struct coro coro;
    struct stage *stage;
    int i;
    struct sleep sleep;
    struct task task;
};
ASYNC_DECLARE(ticker);

ASYNC(ticker)
{
    BEGIN;
    for (self->i = 0; self->i < 5; self->i++) {
        AWAIT(sleep, .delay_ns = stage_ns(self->stage, .5));
        stage_say(self->stage, "tick");
    }
    END;
}

/* One lookup, and how it ended. */
struct look {
    struct coro coro;
    struct stage *stage;
    struct executor *executor;
    const char *host;
    struct resolve resolve;
};
ASYNC_DECLARE(look);

ASYNC(look)
{
    char text[ADDRESS_TEXT];

    BEGIN;
    stage_say(self->stage, "looking up %s", self->host);
    CATCH_AWAIT(resolve, .executor = self->executor, .host = self->host,
                .port = 80);
    if (self->resolve.coro.error != 0) {
        stage_say(self->stage, "%s: %s",
                  self->resolve.coro.error == E_CANCELLED ? "CancelledError"
                  : "OSError", task->error.text);
        RERAISE(self->resolve.coro.error);
    }
    for (size_t i = 0; i < self->resolve.count; i++)
        stage_say(self->stage, "%s is %s", self->host,
                  address_text(&self->resolve.found[i], text));
    END;
}

struct fetch {
    struct coro coro;
    struct stage *stage;
    struct session *session;
    const char *name, *url;
    struct request request;
    struct task task;
};
ASYNC_DECLARE(fetch);

ASYNC(fetch)
{
    BEGIN;
    AWAIT(request, .session = self->session, .url = self->url);
    stage_say(self->stage, "%s: status %d", self->name,
              self->request.response.status);
    response_close(&self->request.response);
    END;
}

struct show {
    struct coro coro;
    struct stage *stage;
    struct sys sys;
    struct executor executor;
    struct cleanup closing, hanging_up;
    struct shared_resolver resolver;
    struct session session;
    struct name_server server;
    struct ticker ticker;
    struct fetch fetches[5];
    char url[64];
    struct look look;
    struct in_time {
        struct coro coro;
        struct show *show;
        struct timeout timeout;
    } in_time;
    struct five {
        struct coro coro;
        struct show *show;
        size_t i;
        struct cleanup shutting;
    } five;
};
ASYNC_DECLARE(in_time);
ASYNC_DECLARE(five);
ASYNC_DECLARE(show);

static void play_names(struct show *self, bool on)
{
    self->sys = sys_real;
    if (on)
        self->sys.getaddrinfo = play;
    self->stage->loop->sys = &self->sys;
}

static void start_server(struct show *self)
{
    self->server = (struct name_server){ CORO(name_server),
        .stage = self->stage, .executor = &self->executor };
    task_create(self->stage->loop, &self->server.task, "~name server",
                &self->server.coro);
}

static void start_ticker(struct show *self)
{
    self->ticker = (struct ticker){ CORO(ticker), .stage = self->stage };
    task_create(self->stage->loop, &self->ticker.task, "ticker",
                &self->ticker.coro);
}

static void start_fetches(struct show *self)
{
    static const char *const names[] = { "A", "B", "C", "D", "E" };
    struct session_options options = SESSION_DEFAULTS;
    const char *port = strrchr(self->stage->url, ':');

    shared_resolver_open(&self->resolver, &self->executor);
    options.resolver = &self->resolver.resolver;
    session_open(&self->session, self->stage->loop, options);
    snprintf(self->url, sizeof self->url, "http://shop.example%.32s",
             port != NULL ? port : "");
    for (size_t i = 0; i < 5; i++) {
        self->fetches[i] = (struct fetch){ CORO(fetch), .name = names[i],
            .stage = self->stage, .session = &self->session,
            .url = self->stage->given_url != NULL ? self->stage->url
                                                  : self->url };
        task_create(self->stage->loop, &self->fetches[i].task, names[i],
                    &self->fetches[i].coro);
    }
}

/* A second for what takes two. */
ASYNC(in_time)
{
    struct show *show = self->show;

    BEGIN;
    start_server(show);
    show->look = (struct look){ CORO(look), .stage = show->stage,
        .executor = &show->executor, .host = "slow.example" };
    CATCH_AWAIT(timeout, .delay_ns = stage_ns(show->stage, 1),
                .body = &show->look.coro);
    if (self->timeout.coro.error != E_TIMEOUT)
        RERAISE(self->timeout.coro.error);
    stage_say(show->stage, "TimeoutError, threads at work: %zu",
              show->executor.running);
    AWAIT_FUTURE(&show->server.task.future);
    YIELD(); /* the pipe is readable, and then it has been read */
    YIELD();
    stage_say(show->stage, "and now: %zu", show->executor.running);
    END;
}

ASYNC(five)
{
    struct show *show = self->show;

    BEGIN;
    play_names(show, show->stage->given_url == NULL);
    if (show->stage->given_url == NULL)
        start_server(show);
    start_fetches(show);
    DEFER(&self->shutting, session_shut, &show->session);
    for (; self->i < 5; self->i++)
        AWAIT_FUTURE(&show->fetches[self->i].task.future);
    stage_say(show->stage, "5 requests, %zu connections, %zu lookup%s",
              show->session.opened, show->resolver.asked,
              show->resolver.asked == 1 ? "" : "s");
    END;
}

/* Whoever still waits for an answer gets none: Ctrl-C must not hang. */
static void hang_up(void *end)
{
    close(*(int *)end);
}

ASYNC(show)
{
    BEGIN;
    if (executor_open(&self->executor, self->stage->loop, EXECUTOR_LIMIT,
                      &task->error) != 0)
        RERAISE(task->error.code);
    DEFER(&self->closing, executor_close, &self->executor);
    DEFER(&self->hanging_up, hang_up, &answers[1]);
    play_names(self, true);
    if (stage_part(self->stage, "thread")) {
        start_server(self);
        start_ticker(self);
        AWAIT(look, .stage = self->stage, .executor = &self->executor,
              .host = "slow.example");
        AWAIT_FUTURE(&self->ticker.task.future);
    }
    if (stage_part(self->stage, "timeout"))
        AWAIT(in_time, .show = self);
    if (stage_part(self->stage, "error")) {
        start_server(self);
        TRY_AWAIT(look, .stage = self->stage, .executor = &self->executor,
                  .host = "nowhere.example");
    }
    if (stage_part(self->stage, "session"))
        AWAIT(five, .show = self);
    play_names(self, false);
    if (stage_only(self->stage, "real"))
        AWAIT(look, .stage = self->stage, .executor = &self->executor,
              .host = name);
    END;
}

int main(int argc, char **argv)
{
    static struct show show = { CORO(show) };
    const struct option more[] = {
        { "--name", &name, NULL, "HOST", "for --only real (localhost)" },
        { NULL, NULL, NULL, NULL, NULL }
    };
    struct stage stage = { .more = more,
        .parts = "thread, timeout, error, session or real",
        .about = "names looked up in a thread, while the loop goes on" };
    int code;

    if (pipe(answers) != 0) {
        perror("15_resolve: pipe");
        return 2;
    }
    show.stage = &stage;
    code = stage_run(&stage, argc, argv, &show.coro);
    close(answers[0]);
    return code;
}
