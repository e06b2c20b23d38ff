/* client_timeout.c - lesson 10's timeout around lesson 09's phases.
 *
 * A request asks before each phase whether somebody wants to wrap it
 * (request_wrap), and we do, with one more timeout scope if that phase has a
 * limit. The scopes nest: total outside, connect inside, sock_connect inside
 * that. Each tells its own cancellation from the others' by the count, so
 * whichever strikes, the right one of them turns it into a timeout.
 */
#include "10_timeout/client_timeout.h"

#include <string.h>

ASYNC(limited)
{
    BEGIN;
    CATCH_AWAIT(timeout, .delay_ns = self->limit_ns, .body = self->body);
    /* Only our own timeout: an outer one passes through as it is. */
    if (self->timeout.expired && self->timeout.coro.error == E_TIMEOUT)
        RAISE(E_SERVER_TIMEOUT, "%s", self->what);
    RERAISE(self->timeout.coro.error);
    END;
}

/* connect and sock_connect. Over 5 s they end at a whole second of the loop's
 * clock, as aiohttp's do; sock_read never does (row H17). */
static int64_t rounded(const struct timed_request *self, int64_t limit_ns)
{
    return limit_ns > SECONDS(5)
        ? until_whole_second(self->request.session->loop, limit_ns)
        : limit_ns;
}

static struct coro *limit(struct limited *frame, int64_t limit_ns,
                          const char *what, struct coro *body)
{
    if (limit_ns <= 0)
        return body;
    *frame = (struct limited){ CORO(limited), .limit_ns = limit_ns,
                               .body = body, .what = what };
    return &frame->coro;
}

static struct coro *around(struct request_wrap *wrap,
                           enum request_phase phase, struct coro *body)
{
    struct timed_request *self = CONTAINER(wrap, struct timed_request, wrap);

    switch (phase) {
    case PHASE_CONNECT:
        self->phase = "waiting for a connection";
        return limit(&self->connect, rounded(self, self->limits.connect),
                     self->host_text, body);
    case PHASE_RESOLVE:
        self->phase = "looking up the host";
        return body;
    case PHASE_SOCK_CONNECT:
        self->phase = "connecting";
        return limit(&self->sock_connect,
                     rounded(self, self->limits.sock_connect),
                     self->host_text, body);
    case PHASE_READ:
        self->phase = self->request.response.status == 0
                    ? "reading the response head" : "reading the body";
        return limit(&self->sock_read, self->limits.sock_read,
                     "Timeout on reading data from socket", body);
    case PHASE_SEND:
    default:
        self->phase = "sending";
        return body;
    }
}

/* total is rounded from 5 s on, connect from the first ns over 5 s: so it is
 * in aiohttp. */
static void set_deadline(struct timed_request *self, const struct loop *loop)
{
    int64_t total = self->limits.total;

    if (total <= 0)
        return;
    if (total >= SECONDS(5))
        total = until_whole_second(loop, total);
    self->deadline_ns = loop_now(loop) + total;
}

static void prepare(struct timed_request *self, struct task *task)
{
    if (self->instead != NULL)
        self->limits = *self->instead;
    self->request.coro = (struct coro){ .type = &request_type };
    self->request.wrap = &self->wrap;
    self->wrap.around = around;
    self->phase = "starting";
    snprintf(self->host_text, sizeof self->host_text,
             "Connection timeout to host %.31s", self->request.url);
    set_deadline(self, task_loop(task));
}

ASYNC(timed_request)
{
    BEGIN;
    prepare(self, task);
    if (self->deadline_ns == 0) {
        AWAIT_CORO(&self->request.coro);
        RETURN();
    }
    CATCH_AWAIT(timeout, .delay_ns = self->deadline_ns
                - loop_now(task_loop(task)),
                .body = &self->request.coro);
    if (self->timeout.expired && self->timeout.coro.error == E_TIMEOUT)
        RAISE(E_TIMEOUT, "total timeout while %s", self->phase);
    RERAISE(self->timeout.coro.error);
    END;
}

ASYNC(timed_read)
{
    BEGIN;
    self->response_read = (struct response_read){ CORO(response_read),
        .response = &self->from->request.response };
    if (self->from->deadline_ns == 0) {
        CATCH_AWAIT_CORO(&self->response_read.coro);
    } else {
        CATCH_AWAIT(timeout, .delay_ns = self->from->deadline_ns
                    - loop_now(task_loop(task)),
                    .body = &self->response_read.coro);
        if (self->timeout.expired && self->timeout.coro.error == E_TIMEOUT)
            RAISE(E_TIMEOUT, "total timeout while reading the body");
    }
    if (self->coro.callee->error != 0)
        RERAISE(self->coro.callee->error);
    self->piece = self->response_read.piece;
    END;
}
