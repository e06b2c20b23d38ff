/* demo.c - one GET and its status, timed; a zoo of errors; and what a
 * hundred GETs cost when each of them hangs up.
 *
 * The zoo's redirects come in lesson 09, its unknown host in lesson 15.
 */
#include "08_get/get.h"

#include "stage/stage.h"

#include <netinet/in.h>

/* --- The zoo ------------------------------------------------------------- */

enum { ZOO = 10 };

struct zoo {
    struct coro coro;
    struct stage *stage;
    char urls[ZOO][128];
    int at;
    struct open_socket closed;
    struct cleanup closing;
    struct get get;
};
ASYNC_DECLARE(zoo);

/* A port where nobody listens: bound by *fd, or another program might come
 * to listen there. */
static unsigned closed_port(int *fd)
{
    struct sockaddr_in name = { .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof name;

    *fd = socket(AF_INET, SOCK_STREAM, 0);
    if (*fd < 0 || bind(*fd, (struct sockaddr *)&name, sizeof name) != 0
        || getsockname(*fd, (struct sockaddr *)&name, &length) != 0)
        return 1;
    return ntohs(name.sin_port);
}

static void fill(struct zoo *self)
{
    static const char *const whole[] = { "python://www.example.com",
        "http://", "www.example.com", "http://127.0.0.1:99999/",
        "ftp://127.0.0.1/" };
    static const char *const paths[] = { "drop", "rst", "garbage",
                                         "status/404" };
    int n = 0;

    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++, n++)
        strcpy(self->urls[n], whole[i]);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++, n++)
        snprintf(self->urls[n], sizeof self->urls[n], "%.90s%s",
                 self->stage->url, paths[i]);
    snprintf(self->urls[n], sizeof self->urls[n], "http://127.0.0.1:%u/",
             closed_port(&self->closed.fd));
}

/* As the notebook prints exceptions; an `assert` has no words. */
static void say_end(struct zoo *self, const struct task *task)
{
    const char *url = self->urls[self->at];
    int code = self->get.coro.error;

    if (code == 0)
        stage_say(self->stage, "%s -> status %d", url, self->get.status);
    else
        stage_say(self->stage, "%s -> %s(%s)", url, stage_python_name(code),
                  code == E_SCHEME ? "" : task->error.text);
}

ASYNC(zoo)
{
    BEGIN;
    fill(self);
    self->closed.loop = task_loop(task);
    DEFER(&self->closing, close_socket, &self->closed);
    for (; self->at < ZOO; self->at++) {
        TRY_AWAIT(get, .url = self->urls[self->at]);
        say_end(self, task);
    }
    END;
}

/* --- The show ------------------------------------------------------------ */

enum { HUNDRED = 100 };

struct show {
    struct coro coro;
    struct stage *stage;
    int at;
    struct get get;
    struct zoo zoo;
    struct async_timed async_timed;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    BEGIN;
    if (stage_part(self->stage, "fetch")) {
        AWAIT(async_timed, .stage = self->stage, .name = "fetch_status",
              .arguments = self->stage->url,
              .body = CALL(get, .url = self->stage->url));
        stage_say(self->stage, "Status for %s was %d", self->stage->url,
                  self->get.status);
    }
    if (stage_part(self->stage, "zoo"))
        AWAIT(zoo, .stage = self->stage);
    if (stage_part(self->stage, "hundred")) {
        self->stage->origin.connections = 0;
        for (self->at = 0; self->at < HUNDRED; self->at++)
            AWAIT(get, .url = self->stage->url);
        if (self->stage->origin.connections > 0)
            stage_say(self->stage, "%d GETs, %zu connections", HUNDRED,
                      self->stage->origin.connections);
    }
    END;
}

int main(int argc, char **argv)
{
    struct stage stage = { .parts = "fetch, zoo or hundred",
        .about = "one GET, its status; a zoo of errors; a hundred GETs" };
    struct show show = { CORO(show), .stage = &stage };
    struct async_timed timed = { CORO(async_timed), .stage = &stage,
        .name = "main", .arguments = "", .body = &show.coro };

    return stage_run(&stage, argc, argv, &timed.coro);
}
