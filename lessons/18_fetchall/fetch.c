/* fetch.c - see fetch.h. Everything in here was built in a lesson. */
#include "18_fetchall/fetch.h"

#include <string.h>

bool ask_is_idempotent(const struct ask *ask)
{
    return ask->method == NULL || method_is_idempotent(ask->method);
}

bool error_passes(int code)
{
    switch (code) {
    case ECONNREFUSED: case ECONNRESET: case ECONNABORTED: case EPIPE:
    case EHOSTUNREACH: case ENETUNREACH: case ENETDOWN: case ETIMEDOUT:
    case EAGAIN: /* of a name server */
    case E_DISCONNECTED: case E_EOF: case E_TIMEOUT: case E_SERVER_TIMEOUT:
        return true;
    default:
        return false;
    }
}

/* Seconds, as many as fit; else 0. */
static int64_t retry_after(const struct response *response)
{
    struct http_span value;
    int64_t seconds = 0;

    if (!response_field(response, "Retry-After", &value) || value.len > 9
        || http_run(value, HTTP_DIGIT) != value.len)
        return 0;
    for (size_t i = 0; i < value.len; i++)
        seconds = seconds * 10 + value.at[i] - '0';
    return seconds * SECONDS(1);
}

static struct request request_of(const struct ask *ask)
{
    return (struct request){ .session = ask->session, .url = ask->url,
                             .method = ask->method, .body = ask->body,
                             .body_size = ask->body_size };
}

ASYNC(fetch_once)
{
    struct response *response = &self->timed_request.request.response;
    struct save *save = self->ask->save;
    struct http_span piece;

    BEGIN;
    AWAIT(timed_request, .limits = self->ask->limits,
          .request = request_of(self->ask));
    DEFER(&self->closing, response_close, response);
    self->retry_after_ns = retry_after(response);
    self->saving = save != NULL && response->status / 100 == 2;
    if (self->saving) {
        if (save_begin(save, &task->error) != 0)
            RERAISE(task->error.code);
        DEFER(&self->dropping, save_drop, save);
    }
    do {
        AWAIT(timed_read, .from = &self->timed_request);
        piece = self->timed_read.piece;
        self->bytes += piece.len;
        if (self->saving
            && save_write(save, piece.at, piece.len, &task->error) != 0)
            RERAISE(task->error.code);
    } while (self->timed_read.piece.len > 0);
    if (self->saving && save_keep(save, &task->error) != 0)
        RERAISE(task->error.code);
    self->status = response->status;
    END;
}
