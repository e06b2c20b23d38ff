/* demo.c - GET, PUT and POST on one connection, and what a full pool does:
 * ten requests through three connections. */
#include "09_session/session.h"

#include "stage/stage.h"

#include <stdlib.h>

static const char *limit = "3";

enum { MANY = 10 };

struct fetch {
    struct coro coro;
    struct stage *stage;
    struct session *session;
    const char *name;
    const char *url;
    struct request request;
};
ASYNC_DECLARE(fetch);

ASYNC(fetch)
{
    BEGIN;
    AWAIT(request, .session = self->session, .url = self->url);
    stage_say(self->stage, "%s: status %d, connections so far %zu",
              self->name, self->request.response.status,
              self->session->opened);
    response_close(&self->request.response);
    END;
}

/* Three methods, one after another, each response read. */
struct methods {
    struct coro coro;
    struct stage *stage;
    struct session *session;
    const char *root, *echo;
    size_t i;
    struct response response;
    union {
        struct request request;
        struct response_read response_read;
    };
};
ASYNC_DECLARE(methods);

static void say_response(const struct methods *self, const char *method)
{
    struct http_span body = self->response_read.piece;

    while (body.len > 0 && body.at[body.len - 1] == '\n')
        body.len--;
    stage_say(self->stage, "%s: status %d, body \"%.*s\", connections so far "
              "%zu", method, self->response.status, (int)body.len,
              body.at != NULL ? body.at : "", self->session->opened);
}

ASYNC(methods)
{
    static const char *const names[] = { "GET", "PUT", "POST" };

    BEGIN;
    for (self->i = 0; self->i < 3; self->i++) {
        AWAIT(request, .session = self->session, .method = names[self->i],
              .body = "hello", .body_size = self->i == 0 ? 0 : 5,
              .url = self->i == 0 ? self->root : self->echo);
        self->response = self->request.response;
        TRY_AWAIT(response_read, .response = &self->response);
        say_response(self, names[self->i]);
        response_close(&self->response);
        if (self->response_read.coro.error != 0)
            RERAISE(self->response_read.coro.error);
    }
    END;
}

struct show {
    struct coro coro;
    struct stage *stage;
    struct session session;
    struct async_cleanup closing;
    struct cleanup leaving;
    struct session_close session_close;
    char root[256], slow[256], echo[256];
    size_t i;
    struct methods methods;
    struct fetch fetches[MANY];
    struct task tasks[MANY];
};
ASYNC_DECLARE(show);

static const char *const names[MANY] = { "A", "B", "C", "D", "E",
                                         "F", "G", "H", "I", "J" };

static void start_fetches(struct show *self)
{
    for (size_t i = 0; i < MANY; i++) {
        self->fetches[i] = (struct fetch){ CORO(fetch),
            .stage = self->stage, .session = &self->session,
            .name = names[i], .url = self->slow };
        task_create(self->stage->loop, &self->tasks[i], names[i],
                    &self->fetches[i].coro);
    }
}

/* Ctrl-C: or each of them would fail on the closed session, unseen. */
static void cancel_fetches(void *arg)
{
    struct show *self = arg;

    for (size_t i = 0; i < MANY; i++)
        task_cancel(&self->tasks[i]);
}

static void prepare(struct show *self)
{
    struct session_options options = SESSION_DEFAULTS;
    const char *url = self->stage->url;

    options.limit = strtoul(limit, NULL, 10);
    session_open(&self->session, self->stage->loop, options);
    snprintf(self->root, sizeof self->root, "%s", url);
    /* Somebody else's server may have neither. */
    snprintf(self->slow, sizeof self->slow, "%s%s", url,
             self->stage->given_url == NULL ? "delay/1" : "");
    snprintf(self->echo, sizeof self->echo, "%s%s", url,
             self->stage->given_url == NULL ? "echo" : "");
}

ASYNC(show)
{
    BEGIN;
    prepare(self);
    DEFER_AWAIT(&self->closing, CALL(session_close,
                                     .session = &self->session));
    if (stage_part(self->stage, "methods"))
        AWAIT(methods, .stage = self->stage, .session = &self->session,
              .root = self->root, .echo = self->echo);
    if (stage_part(self->stage, "pool")) {
        start_fetches(self);
        DEFER(&self->leaving, cancel_fetches, self);
        for (self->i = 0; self->i < MANY; self->i++)
            AWAIT_FUTURE(&self->tasks[self->i].future);
        stage_say(self->stage, "%d requests, %zu connections", MANY,
                  self->session.opened);
    }
    END;
}

int main(int argc, char **argv)
{
    static struct show show = { CORO(show) };
    const struct option more[] = {
        { "--limit", &limit, NULL, "N", "connections in use at once (3)" },
        { NULL, NULL, NULL, NULL, NULL }
    };
    struct stage stage = { .more = more, .parts = "methods or pool",
        .about = "a pool: GET, PUT, POST; ten requests, three connections" };

    show.stage = &stage;
    return stage_run(&stage, argc, argv, &show.coro);
}
