/* demo.c - GET, PUT and POST on one connection, and what a full pool does:
 * ten requests through three connections. */
#include "09_session/session.h"

#include "stage/stage.h"

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

struct show {
    struct coro coro;
    struct stage *stage;
    struct session session;
    struct async_cleanup closing;
    struct session_close session_close;
    char root[256], slow[256], echo[256];
    size_t i;
    const char *body;
    struct fetch fetches[MANY];
    struct task tasks[MANY];
    union {
        struct request request;
        struct response_read response_read;
    };
    struct response response;
};
ASYNC_DECLARE(show);

static const char *const methods[] = { "GET", "PUT", "POST" };
static const char *const names[MANY] = { "A", "B", "C", "D", "E",
                                         "F", "G", "H", "I", "J" };

ASYNC(show)
{
    BEGIN;
    session_open(&self->session, task_loop(task),
                 (struct session_options){ .limit = 3,
                                           .keepalive_ns = SECONDS(15) });
    DEFER_AWAIT(&self->closing, CALL(session_close,
                                     .session = &self->session));
    snprintf(self->root, sizeof self->root, "%s", self->stage->url);
    snprintf(self->slow, sizeof self->slow, "%sdelay/1", self->stage->url);
    snprintf(self->echo, sizeof self->echo, "%secho", self->stage->url);
    for (self->i = 0; self->i < 3; self->i++) {
        self->body = self->i == 0 ? "" : "hello";
        AWAIT(request, .session = &self->session,
              .method = methods[self->i], .body = self->body,
              .body_size = self->i == 0 ? 0 : 5,
              .url = self->i == 0 ? self->root : self->echo);
        self->response = self->request.response;
        AWAIT(response_read, .response = &self->response);
        stage_say(self->stage, "%s: status %d, body \"%.*s\", connections "
                  "so far %zu", methods[self->i], self->response.status,
                  (int)self->response_read.piece.len,
                  self->response_read.piece.len > 0
                  ? self->response_read.piece.at : "",
                  self->session.opened);
        response_close(&self->response);
    }
    for (self->i = 0; self->i < MANY; self->i++) {
        self->fetches[self->i] = (struct fetch){ CORO(fetch),
            .stage = self->stage, .session = &self->session,
            .name = names[self->i], .url = self->slow };
        task_create(task_loop(task), &self->tasks[self->i], names[self->i],
                    &self->fetches[self->i].coro);
    }
    for (self->i = 0; self->i < MANY; self->i++)
        AWAIT_FUTURE(&self->tasks[self->i].future);
    stage_say(self->stage, "%d requests, %zu connections", MANY + 3,
              self->session.opened);
    END;
}

int main(int argc, char **argv)
{
    static struct show show = { CORO(show) };
    struct stage stage = { .about = "a pool: ten requests, three "
                                    "connections; GET, PUT, POST" };

    show.stage = &stage;
    return stage_run(&stage, argc, argv, &show.coro);
}
