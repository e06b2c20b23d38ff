/* origin.c - accept, and one task per connection that reads, routes and
 * answers until somebody closes.
 *
 * A connection's frame is allocated when it is accepted and freed when its
 * task is done; everything it needs is in it.
 */
#include "stage/origin.h"

#include "http/request.h"
#include "http/writer.h"
#include "sys.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEAD_BYTES = 16384, /* the longest head; 431 above */
    READ_BYTES = 8192,
    ECHO_BYTES = 1 << 20, /* the longest body; 413 above */
    PIECE_BYTES = 16384
};
/* A tebibyte: more is a slip of the client, not a download. */
#define LONGEST_ANSWER (UINT64_C(1) << 40)

static const struct http_limits limits = {
    .line = 8190, .head = HEAD_BYTES, .fields = 100, .chunk_line = 256,
    .chunk_ext = 16384, .skips = 16, .body = ECHO_BYTES
};

struct connection {
    struct coro coro;
    struct origin *origin;
    struct open_socket socket;
    struct cleanup closing;
    struct task task;
    struct callback done;
    struct timer deadline;
    enum { IDLE, IN_HEAD, AFTER_HEAD } stretch; /* the deadline is for */
    bool late, answering, continued;
    /* the request */
    struct http_parser parser;
    struct http_url url;
    struct http_answer answer;
    enum http_event event;
    char head[HEAD_BYTES];
    char in[READ_BYTES];
    size_t in_at, in_end;
    char *body;
    size_t body_used, body_size;
    bool is_head;
    /* the answer */
    struct http_writer writer;
    char out[PIECE_BYTES];
    uint64_t left; /* of a body made up on the way */
    double delay;
    union {
        struct sock_recv sock_recv;
        struct sock_sendall sock_sendall;
        struct sleep sleep;
    };
};
ASYNC_DECLARE(connection);

/* --- Reading a request --------------------------------------------------- */

static void too_late(struct callback *callback)
{
    struct connection *self = CONTAINER(callback, struct connection,
                                        deadline.callback);

    self->late = true;
    task_cancel(&self->task);
}

static void begin_request(struct connection *self)
{
    http_request_init(&self->parser, &limits, self->head, sizeof self->head);
    self->answer = (struct http_answer){ .why = "" };
    self->event = HTTP_NEED_MORE;
    self->body_used = 0;
    self->continued = false;
}

static int keep_body(struct connection *self, struct http_span piece)
{
    size_t size = 2 * (self->body_used + piece.len);
    char *body = self->body;

    if (self->body_used + piece.len > self->body_size) {
        body = realloc(self->body, size);
        if (body == NULL)
            return ENOMEM;
        self->body = body;
        self->body_size = size;
    }
    memcpy(body + self->body_used, piece.at, piece.len);
    self->body_used += piece.len;
    return 0;
}

/* Feeds what was read; the event at which reading stops: NEED_MORE, GOT_ALL
 * or FAILED, and an answer that closes counts as FAILED. */
static enum http_event parse(struct connection *self)
{
    struct http_span piece;
    size_t used;

    for (;;) {
        enum http_event event = http_parser_feed(&self->parser,
            self->in + self->in_at, self->in_end - self->in_at, &used,
            &piece);

        self->in_at += used;
        if (event == HTTP_GOT_HEAD || event == HTTP_FAILED)
            self->answer = http_request_judge(&self->parser, &self->url);
        if (event == HTTP_GOT_HEAD && !self->answer.then_close)
            continue;
        if (event == HTTP_GOT_BODY && keep_body(self, piece) == 0)
            continue;
        if (event == HTTP_GOT_BODY) /* a part of it is not what was sent */
            self->answer = (struct http_answer){ 503, true, "no memory\n" };
        return event == HTTP_GOT_HEAD || event == HTTP_GOT_BODY
            ? HTTP_FAILED : event;
    }
}

/* Better no connection than one that nothing ends. */
#define NO_DEADLINE "origin: no memory for one more timer"

static int rearm_deadline(struct connection *self)
{
    bool idle = self->parser.head == 0 && self->parser.line == 0;
    bool in_head = !idle && http_parser_phase(&self->parser) < HTTP_IN_BODY;
    struct loop *loop = self->origin->loop;

    /* A head has its time as a whole: a byte now and then buys no more. */
    if (in_head && self->stretch == IN_HEAD && self->deadline.slot != 0)
        return 0;
    self->stretch = idle ? IDLE : in_head ? IN_HEAD : AFTER_HEAD;
    timer_stop(loop, &self->deadline);
    return timer_start(loop, &self->deadline, idle ? ORIGIN_IDLE_NS
                       : ORIGIN_HEAD_NS, too_late);
}

/* A client that asks and never reads must not keep us for ever: each piece
 * of the answer has its time. */
static int rearm_for_sending(struct connection *self)
{
    struct loop *loop = self->origin->loop;

    self->stretch = AFTER_HEAD;
    timer_stop(loop, &self->deadline);
    return timer_start(loop, &self->deadline, ORIGIN_IDLE_NS, too_late);
}

/* --- Answers ------------------------------------------------------------- */

static bool path_is(const struct connection *self, const char *path)
{
    return self->url.path.len == strlen(path)
        && memcmp(self->url.path.at, path, self->url.path.len) == 0;
}

/* "/delay/0.5" and prefix "/delay/": "0.5", or NULL. Into `copy`. */
static const char *after(const struct connection *self, const char *prefix,
                         char copy[static 2048])
{
    size_t n = strlen(prefix);

    if (self->url.path.len <= n || self->url.path.len - n >= 2048
        || memcmp(self->url.path.at, prefix, n) != 0)
        return NULL;
    memcpy(copy, self->url.path.at + n, self->url.path.len - n);
    copy[self->url.path.len - n] = '\0';
    return copy;
}

static void begin_answer(struct connection *self, int status,
                         const char *reason)
{
    struct http_writer *w = &self->writer;

    self->is_head = self->parser.method.len == 4
        && memcmp(self->parser.method.at, "HEAD", 4) == 0;
    http_write_response(w, self->out, sizeof self->out, status,
                        http_text(reason), self->is_head);
    http_write_field(w, http_text("Content-Type"), http_text("text/plain"));
    if (self->answer.then_close || !http_parser_reusable(&self->parser))
        http_write_field(w, http_text("Connection"), http_text("close"));
    else if (self->parser.minor == 0) /* such clients want it in writing */
        http_write_field(w, http_text("Connection"),
                         http_text("keep-alive"));
}

static void short_answer(struct connection *self, int status,
                         const char *reason, const char *text)
{
    bool bodiless = status == 204 || status == 205 || status == 304;

    begin_answer(self, status, reason);
    http_write_end(&self->writer, bodiless ? 0 : strlen(text));
    if (!bodiless && !self->is_head)
        http_write_body(&self->writer, http_text(text));
}

static void redirect(struct connection *self, const char *to)
{
    begin_answer(self, 302, "Found");
    http_write_field(&self->writer, http_text("Location"), http_text(to));
    http_write_end(&self->writer, 0);
}

/* Digits and nothing else, at most `max`: strtoull takes "-1" for the largest
 * number there is, and no client should get that many bytes. */
static bool number(const char *text, uint64_t max, uint64_t *n)
{
    size_t len = strspn(text, "0123456789");

    *n = 0;
    for (size_t i = 0; i < len && *n <= max; i++)
        *n = *n * 10 + (uint64_t)(text[i] - '0');
    return len > 0 && text[len] == '\0' && *n <= max;
}

static void no_number(struct connection *self)
{
    short_answer(self, 404, "Not Found", "not a number, or too large\n");
}

static void redirect_again(struct connection *self, const char *count)
{
    char to[64];
    uint64_t n;

    if (!number(count, 1000000, &n)) {
        no_number(self);
        return;
    }
    snprintf(to, sizeof to, n > 1 ? "/redirect/%llu" : "/",
             (unsigned long long)(n - 1));
    redirect(self, to);
}

/* An interim status is no answer: its client would wait for another. */
static void status(struct connection *self, const char *code)
{
    uint64_t n;

    if (number(code, 599, &n) && n >= 200)
        short_answer(self, (int)n, "", "as you wish\n");
    else
        no_number(self);
}

/* One count for all: who asks for two of them at once mixes them up. */
static void flaky(struct connection *self, const char *times)
{
    uint64_t n;

    if (!number(times, 1000000, &n)) {
        no_number(self);
        return;
    }
    if (self->origin->refused >= n) {
        self->origin->refused = 0;
        short_answer(self, 200, "OK", "hello\n");
        return;
    }
    self->origin->refused++;
    begin_answer(self, 503, "Service Unavailable");
    http_write_field(&self->writer, http_text("Retry-After"),
                     http_text("1"));
    http_write_end(&self->writer, 0);
}

/* A body that is made up while it is sent; the head goes first. */
static void long_answer(struct connection *self, const char *count,
                        bool chunked)
{
    uint64_t n;

    if (!number(count, LONGEST_ANSWER, &n)) {
        no_number(self);
        return;
    }
    /* A client of HTTP/1.0 cannot undo chunks (9112 6.1). */
    chunked = chunked && self->parser.minor > 0;
    begin_answer(self, 200, "OK");
    http_write_end(&self->writer, chunked ? HTTP_CHUNKED : n);
    if (!self->is_head)
        self->left = n;
    if (chunked && n == 0 && !self->is_head)
        http_write_last_chunk(&self->writer);
}

static void echo(struct connection *self)
{
    begin_answer(self, 200, "OK");
    http_write_end(&self->writer, self->body_used);
    self->left = self->is_head ? 0 : self->body_used;
}

/* What "/delay/0.5" asks for; -1 if it is not a time of up to an hour. */
static double delay_in(const struct connection *self)
{
    char copy[2048], *end;
    const char *text = after(self, "/delay/", copy);
    double seconds;

    if (text == NULL)
        return -1;
    seconds = strtod(text, &end);
    return end != text && *end == '\0' && seconds >= 0 && seconds <= 3600
        ? seconds : -1;
}

static void route(struct connection *self)
{
    char copy[2048];
    const char *rest;

    if (self->answer.status != 0)
        short_answer(self, self->answer.status, "", self->answer.why);
    else if (path_is(self, "/echo"))
        echo(self);
    else if ((rest = after(self, "/status/", copy)) != NULL)
        status(self, rest);
    else if ((rest = after(self, "/flaky/", copy)) != NULL)
        flaky(self, rest);
    else if ((rest = after(self, "/bytes/", copy)) != NULL)
        long_answer(self, rest, false);
    else if ((rest = after(self, "/chunked/", copy)) != NULL)
        long_answer(self, rest, true);
    else if ((rest = after(self, "/redirect/", copy)) != NULL)
        redirect_again(self, rest);
    else if ((rest = after(self, "/redirect-to/", copy)) != NULL)
        redirect(self, rest);
    else if (path_is(self, "/") || delay_in(self) >= 0)
        short_answer(self, 200, "OK", "hello\n");
    else
        short_answer(self, 404, "Not Found", "no such page\n");
    /* What may not be sent is the client's mistake, not ours. */
    if (self->writer.error != HTTP_OK)
        short_answer(self, 404, "Not Found", "not to be said\n");
}

/* The next piece of a long body, into `out`: of the echo, or made up. */
static void next_piece(struct connection *self)
{
    struct http_writer *w = &self->writer;
    char piece[PIECE_BYTES - 64];
    size_t n = sizeof piece;

    if (self->left < n)
        n = (size_t)self->left;
    if (path_is(self, "/echo"))
        memcpy(piece, self->body + self->body_used - self->left, n);
    else
        memset(piece, 'x', n);
    w->len = 0;
    http_write_body(w, (struct http_span){ piece, n });
    self->left -= n;
    if (self->left == 0 && w->chunked)
        http_write_last_chunk(w);
}

static bool misbehave(struct connection *self)
{
    struct linger reset = { .l_onoff = 1, .l_linger = 0 };

    if (path_is(self, "/rst"))
        setsockopt(self->socket.fd, SOL_SOCKET, SO_LINGER, &reset,
                   sizeof reset);
    return path_is(self, "/rst") || path_is(self, "/drop");
}

/* Not a cancellation after all, but an answer. */
static void turn_away(struct connection *self, struct task *task)
{
    task_uncancel(task);
    self->answer = (struct http_answer){ 408, true, "too slow\n" };
}

/* Once a request: a body that comes in small pieces is not begged for. */
static bool owes_continue(struct connection *self)
{
    bool owes = !self->continued && self->parser.body_seen == 0
        && http_request_expects_continue(&self->parser)
        && http_parser_phase(&self->parser) == HTTP_IN_BODY;

    self->continued = self->continued || owes;
    return owes;
}

/* The client has sent all it ever will. It may still read: a request that
 * was cut short is told so. */
static bool was_between_requests(struct connection *self)
{
    self->event = http_parser_eof(&self->parser);
    self->answer = http_request_judge(&self->parser, &self->url);
    return self->parser.error == HTTP_CLOSED_BEFORE_REQUEST;
}

/* --- A connection -------------------------------------------------------- */

static void count_answer(struct connection *self)
{
    if (self->answering)
        self->origin->busy--;
    self->answering = false;
}

static void count_out(void *connection)
{
    struct connection *self = connection;

    timer_stop(self->origin->loop, &self->deadline);
    count_answer(self);
    net_close(self->origin->loop, &self->socket.fd);
}

static void count_in(struct connection *self)
{
    struct origin *origin = self->origin;

    timer_stop(origin->loop, &self->deadline);
    self->answering = true;
    origin->requests++;
    origin->busy++;
    if (origin->busy > origin->peak)
        origin->peak = origin->busy;
}

static double seconds_asked(struct connection *self)
{
    double seconds = self->answer.status == 0 ? delay_in(self) : 0;

    return seconds > 0 ? seconds * self->origin->delay_scale : 0;
}

ASYNC(connection)
{
    BEGIN;
    DEFER(&self->closing, count_out, self);
    do {
        begin_request(self);
        while (self->event == HTTP_NEED_MORE) {
            self->event = parse(self);
            if (self->event != HTTP_NEED_MORE)
                break;
            if (owes_continue(self))
                AWAIT(sock_sendall, .fd = self->socket.fd,
                      .data = "HTTP/1.1 100 Continue\r\n\r\n", .size = 25);
            self->in_at = self->in_end = 0;
            if (rearm_deadline(self) != 0)
                RAISE(ENOMEM, NO_DEADLINE);
            CATCH_AWAIT(sock_recv, .fd = self->socket.fd,
                        .buffer = self->in, .size = sizeof self->in);
            if (self->sock_recv.coro.error != 0 && !self->late)
                RERAISE(self->sock_recv.coro.error);
            if (self->late && self->parser.head + self->parser.line == 0)
                RETURN(); /* idle for too long: nothing to answer */
            if (self->late) {
                turn_away(self, task);
                break;
            }
            self->in_end = self->sock_recv.received;
            if (self->in_end == 0 && was_between_requests(self))
                RETURN();
        }
        count_in(self);
        self->delay = seconds_asked(self);
        if (self->delay > 0)
            AWAIT(sleep, .delay_ns = SECONDS(self->delay));
        if (self->answer.status == 0 && misbehave(self))
            RETURN();
        if (self->answer.status == 0 && path_is(self, "/garbage")) {
            AWAIT(sock_sendall, .fd = self->socket.fd,
                  .data = "SSH-2.0-not-http\r\n\r\n", .size = 20);
            RETURN();
        }
        route(self);
        for (;;) {
            if (rearm_for_sending(self) != 0)
                RAISE(ENOMEM, NO_DEADLINE);
            AWAIT(sock_sendall, .fd = self->socket.fd, .data = self->out,
                  .size = self->writer.len);
            if (self->left == 0)
                break;
            next_piece(self);
        }
        count_answer(self);
    } while (!self->writer.close);
    /* Input left unread would make close() send a reset, which may overtake
     * the answer: say goodbye, and read until the client has, too. */
    shutdown(self->socket.fd, SHUT_WR);
    if (rearm_deadline(self) != 0)
        RAISE(ENOMEM, NO_DEADLINE);
    do {
        AWAIT(sock_recv, .fd = self->socket.fd, .buffer = self->in,
              .size = sizeof self->in);
    } while (self->sock_recv.received > 0);
    END;
}

static void connection_over(struct callback *callback)
{
    struct connection *self = CONTAINER(callback, struct connection, done);

    /* A client that vanishes is no failure of ours. */
    future_look(&self->task.future);
    /* Cancelled before its first step, it never ran its cleanup (T04). */
    net_close(self->origin->loop, &self->socket.fd);
    self->origin->open--;
    free(self->body);
    free(self);
}

static void begin_connection(struct origin *origin, int fd)
{
    struct connection *self = calloc(1, sizeof *self);

    if (self == NULL) {
        net_close(origin->loop, &fd);
        return;
    }
    self->coro.type = &connection_type;
    self->origin = origin;
    self->socket = (struct open_socket){ origin->loop, fd };
    self->done.run = connection_over;
    origin->connections++;
    origin->open++;
    task_create(origin->loop, &self->task, "~connection", &self->coro);
    future_add_callback(&self->task.future, &self->done);
}

ASYNC(accept_loop)
{
    BEGIN;
    for (;;) {
        AWAIT(sock_accept, .listener = self->origin->listener.fd);
        begin_connection(self->origin, self->sock_accept.fd);
    }
    END;
}

/* Not a cleanup: cancelled before its first step, it would run none (T04),
 * and clients would wait for ever to be accepted. */
static void accepting_over(struct callback *callback)
{
    close_socket(&CONTAINER(callback, struct origin, over)->listener);
}

int origin_start(struct origin *origin, struct loop *loop, const char *host,
                 unsigned port, struct error *error)
{
    const struct sockaddr_in *name = (const void *)&origin->address.storage;
    int code;

    *origin = (struct origin){ .loop = loop, .delay_scale = 1 };
    origin->listener.loop = loop;
    code = address_parse(&origin->address, host, port, error);
    if (code == 0)
        code = net_listen(loop, &origin->address, 1024, &origin->listener.fd,
                          error);
    if (code != 0)
        return code;
    origin->port = ntohs(name->sin_port);
    origin->accept_loop.coro.type = &accept_loop_type;
    origin->accept_loop.origin = origin;
    origin->over.run = accepting_over;
    future_add_callback(task_create(loop, &origin->task, "~origin",
                                    &origin->accept_loop.coro),
                        &origin->over);
    return 0;
}

void origin_stop(struct origin *origin)
{
    if (!future_done(&origin->task.future))
        task_cancel(&origin->task);
}
