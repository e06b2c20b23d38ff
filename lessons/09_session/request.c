/* request.c - one exchange on a pooled connection, and its response. */
#include "09_session/session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_REDIRECTS = 10 };

static const char *method_of(const struct request *self)
{
    return self->method != NULL ? self->method : "GET";
}

static bool is(const struct request *self, const char *method)
{
    return strcmp(method_of(self), method) == 0;
}

bool method_is_idempotent(const char *method)
{
    static const char *const methods[] = {
        "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"
    };

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(method, methods[i]) == 0)
            return true;
    return false;
}

static bool idempotent(const struct request *self)
{
    return method_is_idempotent(method_of(self));
}

static int parse_url(struct request *self, struct error *error)
{
    const char *url = self->location != NULL ? self->location : self->url;
    enum http_error class = self->session->options.tls != NULL
        ? http_url_parse_any(&self->parts, http_text(url))
        : http_url_parse(&self->parts, http_text(url));

    if (class != HTTP_OK)
        return client_error(error, url, class, self->parts.why);
    return 0;
}

/* Credentials are for the origin that they were given for, not for where
 * it sends us (RFC 9110 15.4). */
static bool secret(const char *name)
{
    return http_same(http_text(name), "authorization")
        || http_same(http_text(name), "proxy-authorization")
        || http_same(http_text(name), "cookie");
}

/* After a redirect that became a GET there is no content to describe. */
static bool about_content(const char *name)
{
    struct http_span start = { name, strlen("content-") };

    return strlen(name) > start.len && http_same(start, "content-");
}

static bool still_sent(const struct request *self, const char *name)
{
    return !(self->changed_origin && secret(name))
        && !(self->lost_body && about_content(name));
}

/* The head goes into the connection's buffer: nothing is read meanwhile. */
static int write_head(struct request *self, size_t *size,
                      struct error *error)
{
    struct pooled *pooled = self->response.pooled;
    const struct request_field *field = self->fields;
    struct http_writer w;

    http_write_request(&w, pooled->bytes, sizeof pooled->bytes,
                       http_text(method_of(self)), &self->parts);
    for (; field != NULL && field->name != NULL; field++)
        if (still_sent(self, field->name))
            http_write_field(&w, http_text(field->name),
                             http_text(field->value));
    if (self->session->options.force_close)
        http_write_field(&w, http_text("Connection"), http_text("close"));
    if (http_write_end(&w, self->body_size) != HTTP_OK)
        return client_error(error, self->url, w.error, w.why);
    *size = w.len;
    pooled->last = w.close;
    pooled->at = pooled->end = 0;
    http_response_init(&pooled->parser, NULL, pooled->head,
                       sizeof pooled->head, is(self, "HEAD"));
    return 0;
}

/* Parses what is in the buffer, up to the next event. */
static enum http_event parse(struct pooled *pooled, struct http_span *piece)
{
    size_t used;
    enum http_event event = http_parser_feed(&pooled->parser,
        pooled->bytes + pooled->at, pooled->end - pooled->at, &used, piece);

    pooled->at += used;
    return event;
}

/* What recv brought, or the end of the connection. */
static enum http_event take_in(struct pooled *pooled, size_t received,
                               struct http_span *piece)
{
    if (received == 0)
        return http_parser_eof(&pooled->parser);
    pooled->at = 0;
    pooled->end = received;
    return parse(pooled, piece);
}

/* The pool gave us a connection that had died: not one byte of an answer. */
static bool stale(const struct request *self, int code)
{
    const struct pooled *pooled = self->response.pooled;

    return pooled->used_before && !self->retried && idempotent(self)
        && !self->session->closed && pooled->end == 0
        && (code == E_DISCONNECTED || code == ECONNRESET || code == EPIPE);
}

static void drop(struct request *self)
{
    struct response *response = &self->response;

    if (response->pooled != NULL)
        session_release(response->pooled, false);
    response->pooled = NULL;
}

static void drop_on_error(void *request)
{
    drop(request);
}

static void free_location(void *request)
{
    struct request *self = request;

    free(self->location);
    self->location = NULL;
}

static bool is_redirect(const struct request *self, struct http_span *to)
{
    int status = self->response.status;

    return (status == 301 || status == 302 || status == 303 || status == 307
            || status == 308)
        && response_field(&self->response, "Location", to);
}

/* Where to go next, and as what: 303 asks for a GET, and 301 and 302 have
 * come to mean that after a POST (RFC 9110 15.4). */
static int follow(struct request *self, struct http_span to,
                  struct error *error)
{
    const char *from = self->location != NULL ? self->location : self->url;
    struct endpoint before = self->response.pooled->key, after;
    char *next = malloc(HTTP_URL_MAX + 1);
    enum http_error class;
    size_t n;

    if (next == NULL)
        return error_set(error, ENOMEM, "redirect: no memory for its URL");
    class = http_url_resolve(http_text(from), to, next, HTTP_URL_MAX, &n);
    if (class != HTTP_OK) {
        free(next);
        return client_error(error, from, class, "redirected too far");
    }
    next[n] = '\0';
    free(self->location);
    self->location = next;
    if (self->response.status == 303 ? !is(self, "HEAD")
        : self->response.status <= 302 && is(self, "POST")) {
        self->method = "GET";
        self->body_size = 0;
        self->lost_body = true;
    }
    response_close(&self->response);
    self->response.redirects++;
    if (self->response.redirects >= MAX_REDIRECTS) {
        error_set(error, E_REDIRECTS, "%s: %d redirects", self->url,
                  self->response.redirects);
        return E_REDIRECTS;
    }
    if (parse_url(self, error) != 0)
        return error->code;
    after = endpoint_of(&self->parts);
    self->changed_origin = self->changed_origin
        || !endpoint_equal(&before, &after);
    return 0;
}

/* What came is no answer, or nothing came. Then it matters to the caller
 * whether the request may be sent again. */
static int no_answer(const struct request *self, struct error *error)
{
    const struct http_parser *p = &self->response.pooled->parser;

    if (p->error != HTTP_CLOSED_BEFORE_RESPONSE || idempotent(self))
        return client_error(error, self->url, p->error, p->why);
    return error_set(error, E_DISCONNECTED, "connection closed before any "
                     "response byte; maybe processed");
}

static bool answered(const struct pooled *pooled)
{
    return http_parser_phase(&pooled->parser) > HTTP_IN_FIELDS;
}

/* Who answers with an error has seen enough of the body (RFC 9112 9.5); who
 * says early that all is well answers while it reads. */
static bool goes_on(const struct exchange *self)
{
    const struct pooled *pooled = self->request->response.pooled;

    return self->sent < self->request->body_size && !self->hung_up
        && !(answered(pooled) && pooled->parser.status >= 300);
}

static bool is_hang_up(int code)
{
    return code == EPIPE || code == ECONNRESET;
}

/* One exchange on a connection, up to the end of the answer's head, which
 * may come before the whole body is out. */
ASYNC(exchange)
{
    struct request *request = self->request;
    struct pooled *pooled = request->response.pooled;
    enum http_event event;
    struct http_span body;

    BEGIN;
    if (write_head(request, &self->head_size, &task->error) != 0)
        RERAISE(task->error.code);
    AWAIT_CORO(request_around(request->wrap, PHASE_SEND,
                      CALL(sock_sendall, .fd = pooled->socket.fd,
                           .data = pooled->bytes, .size = self->head_size)));
    for (;;) {
        if (goes_on(self)) {
            CATCH_AWAIT_CORO(request_around(request->wrap, PHASE_SEND,
                CALL(sock_sendall, .fd = pooled->socket.fd,
                     .data = (const char *)request->body + self->sent,
                     .size = request->body_size - self->sent,
                     .or_input = !answered(pooled))));
            self->sent += self->sock_sendall.sent;
            /* Before it hung up it may have said why: that is read next. */
            self->hung_up = is_hang_up(self->coro.callee->error);
            if (self->coro.callee->error != 0 && !self->hung_up)
                RERAISE(self->coro.callee->error);
        }
        if (answered(pooled))
            break;
        AWAIT_CORO(request_around(request->wrap, PHASE_READ,
                          CALL(sock_recv, .fd = pooled->socket.fd,
                               .buffer = pooled->bytes,
                               .size = sizeof pooled->bytes,
                               .blocked = true)));
        event = take_in(pooled, self->sock_recv.received, &body);
        if (event == HTTP_FAILED)
            RERAISE(no_answer(request, &task->error));
    }
    if (self->sent < request->body_size)
        pooled->last = true;
    END;
}

/* Connect, exchange; once more if the connection was a dead one, and again
 * for each redirect. */
ASYNC(request)
{
    struct http_span to;

    BEGIN;
    ERRDEFER(&self->on_error, drop_on_error, self);
    DEFER(&self->freeing, free_location, self);
    if (self->session->closed)
        RAISE(E_CLOSED, "Session is closed");
    if (parse_url(self, &task->error) != 0)
        RERAISE(task->error.code);
    for (;;) {
        AWAIT_CORO(request_around(self->wrap, PHASE_CONNECT,
                          CALL(connect_pooled, .session = self->session,
                               .url = &self->parts,
                               .fresh = self->retried,
                               .wrap = self->wrap)));
        self->response.pooled = self->connect_pooled.pooled;
        CATCH_AWAIT(exchange, .request = self);
        if (stale(self, self->exchange.coro.error)) {
            self->retried = true;
            self->session->retried++;
            drop(self);
            continue;
        }
        if (self->exchange.coro.error != 0)
            RERAISE(self->exchange.coro.error);
        self->response.status = self->response.pooled->parser.status;
        self->response.wrap = self->wrap;
        if (!is_redirect(self, &to))
            RETURN();
        if (follow(self, to, &task->error) != 0)
            RERAISE(task->error.code);
    }
    END;
}

/* The end of a body that says nothing of its size is worth what the end of
 * the connection is (RFC 9112 9.8). */
static int cut_off(const struct pooled *pooled, struct error *error)
{
    struct tls *tls = pooled->session->options.tls;

    return pooled->key.secure ? tls->ending(tls, pooled->socket.fd, error)
                              : 0;
}

bool response_field(const struct response *response, const char *name,
                    struct http_span *value)
{
    return http_field_find(response->pooled->parser.fields, name, value);
}

ASYNC(response_read)
{
    struct pooled *pooled = self->response->pooled;
    enum http_event event;

    BEGIN;
    event = parse(pooled, &self->piece);
    while (event == HTTP_NEED_MORE) {
        AWAIT_CORO(request_around(self->response->wrap, PHASE_READ,
                          CALL(sock_recv, .fd = pooled->socket.fd,
                               .buffer = pooled->bytes,
                               .size = sizeof pooled->bytes)));
        event = take_in(pooled, self->sock_recv.received, &self->piece);
        if (self->sock_recv.received == 0 && event == HTTP_GOT_ALL
            && cut_off(pooled, &task->error) != 0)
            RERAISE(task->error.code);
    }
    if (event == HTTP_FAILED)
        RERAISE(client_error(&task->error, "read body",
                             pooled->parser.error, pooled->parser.why));
    if (event == HTTP_GOT_ALL) {
        self->response->complete = true;
        self->piece = (struct http_span){ NULL, 0 };
    }
    END;
}

void response_close(void *arg)
{
    struct response *response = arg;
    struct pooled *pooled = response->pooled;
    enum http_event event;
    struct http_span piece;

    if (pooled == NULL)
        return;
    /* All of it may be here already, read or not. */
    do {
        event = parse(pooled, &piece);
    } while (event == HTTP_GOT_HEAD || event == HTTP_GOT_BODY);
    response->complete = event == HTTP_GOT_ALL;
    response->pooled = NULL;
    session_release(pooled, response->complete && pooled->at == pooled->end
                    && !pooled->last
                    && http_parser_reusable(&pooled->parser));
}
