/* writer.c - check, then append.
 *
 * All output goes through put(), which is where a full buffer is noticed; all
 * errors go through refuse(), which is where the output is thrown away.
 */
#include "http/writer.h"


static enum http_error refuse(struct http_writer *w, enum http_error error,
                              const char *why)
{
    if (w->error == HTTP_OK) {
        w->error = error;
        w->why = why;
    }
    w->len = 0;
    return w->error;
}

static void put(struct http_writer *w, struct http_span text)
{
    if (w->error != HTTP_OK || text.len == 0)
        return;
    if (text.len > w->cap - w->len) {
        refuse(w, HTTP_TOO_LARGE, "the message does not fit in its buffer");
        return;
    }
    memcpy(w->buf + w->len, text.at, text.len);
    w->len += text.len;
}

static void put_text(struct http_writer *w, const char *text)
{
    put(w, http_text(text));
}

/* By hand: snprintf was an eighth of the CPU of a whole request. */
static void put_number(struct http_writer *w, uint64_t n, unsigned base)
{
    char text[20]; /* the digits of 2^64 - 1 */
    size_t at = sizeof text;

    do {
        at--;
        text[at] = "0123456789abcdef"[n % base];
        n /= base;
    } while (n > 0);
    put(w, (struct http_span){ text + at, sizeof text - at });
}

static bool all(struct http_span text, unsigned classes)
{
    return http_run(text, classes) == text.len;
}

static bool is_one_of(struct http_span text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (http_same(text, *words))
            return true;
    return false;
}

static void put_host(struct http_writer *w, const struct http_url *url)
{
    put_text(w, url->bracketed ? "[" : "");
    put(w, url->host);
    put_text(w, url->bracketed ? "]" : "");
    if (url->port != (url->secure ? 443 : 80)) {
        put_text(w, ":");
        put_number(w, url->port, 10);
    }
}

enum http_error http_write_request(struct http_writer *w, char *buf,
                                   size_t cap, struct http_span method,
                                   const struct http_url *url)
{
    /* Where a body is expected, its absence is told too (9110 8.6). */
    static const char *const with_body[] = { "POST", "PUT", "PATCH", NULL };

    *w = (struct http_writer){
        .buf = buf,
        .cap = cap,
        .why = "",
        .may_have_body = true,
        .wants_length = is_one_of(method, with_body),
    };
    if (method.len == 0 || !all(method, HTTP_TOKEN))
        return refuse(w, HTTP_BAD_METHOD, "a method is a token");
    if (url->path.len == 0 || url->path.at[0] != '/' ||
        !all(url->path, HTTP_URI) || !all(url->query, HTTP_URI))
        return refuse(w, HTTP_BAD_TARGET, "a target is a path and a query");
    if (url->host.len == 0 || !all(url->host, HTTP_URI))
        return refuse(w, HTTP_BAD_HOST, "this host may not stand in Host");
    put(w, method);
    put_text(w, " ");
    put(w, url->path);
    put(w, url->query);
    put_text(w, " HTTP/1.1\r\nHost: ");
    put_host(w, url);
    put_text(w, "\r\n");
    return w->error;
}

enum http_error http_write_response(struct http_writer *w, char *buf,
                                    size_t cap, int status,
                                    struct http_span reason, bool to_head)
{
    bool bodiless = status < 200 || status == 204 || status == 304;

    *w = (struct http_writer){
        .buf = buf,
        .cap = cap,
        .why = "",
        .may_have_body = !bodiless && !to_head,
        .wants_length = !bodiless,
    };
    if (status < 100 || status > 599)
        return refuse(w, HTTP_BAD_STATUS, "a status code is 100 to 599");
    if (!all(reason, HTTP_TEXT))
        return refuse(w, HTTP_BAD_REASON, "a reason is one line of text");
    put_text(w, "HTTP/1.1 ");
    put_number(w, (uint64_t)status, 10);
    put_text(w, " ");
    put(w, reason);
    put_text(w, "\r\n");
    return w->error;
}

static void note_connection(struct http_writer *w, struct http_span list)
{
    struct http_span item;

    while (http_list_next(&list, &item))
        w->close = w->close || http_same(item, "close");
}

enum http_error http_write_field(struct http_writer *w, struct http_span name,
                                 struct http_span value)
{
    static const char *const ours[] = { "Content-Length", "Transfer-Encoding",
                                        "Host", NULL };

    if (name.len == 0 || !all(name, HTTP_TOKEN))
        return refuse(w, HTTP_BAD_HEADER_NAME, "a field name is a token");
    if (!all(value, HTTP_TEXT))
        return refuse(w, HTTP_BAD_HEADER_VALUE, "a value is one line of text");
    if (is_one_of(name, ours))
        return refuse(w, HTTP_CONFLICTING_FRAMING,
                      "this field is written by the writer only");
    if (http_same(name, "Connection"))
        note_connection(w, value);
    put(w, name);
    put_text(w, ": ");
    put(w, value);
    put_text(w, "\r\n");
    return w->error;
}

enum http_error http_write_end(struct http_writer *w, uint64_t body_len)
{
    /* HEAD may announce the length of the body it does not send. */
    if (body_len > 0 && !w->may_have_body && !w->wants_length)
        return refuse(w, HTTP_BODY_NOT_ALLOWED, "this status has no body");
    w->chunked = body_len == HTTP_CHUNKED;
    w->body_left = body_len;
    if (w->chunked) {
        put_text(w, "Transfer-Encoding: chunked\r\n");
    } else if (body_len > 0 || w->wants_length) {
        put_text(w, "Content-Length: ");
        put_number(w, body_len, 10);
        put_text(w, "\r\n");
    }
    put_text(w, "\r\n");
    return w->error;
}

enum http_error http_write_body(struct http_writer *w, struct http_span data)
{
    if (data.len == 0)
        return w->error; /* as a chunk it would end the body */
    if (!w->may_have_body)
        return refuse(w, HTTP_BODY_NOT_ALLOWED, "this response has no body");
    if (data.len > w->body_left)
        return refuse(w, HTTP_BODY_NOT_ALLOWED, "more body than announced");
    if (w->chunked) {
        put_number(w, data.len, 16);
        put_text(w, "\r\n");
    } else {
        w->body_left -= data.len;
    }
    put(w, data);
    if (w->chunked)
        put_text(w, "\r\n");
    return w->error;
}

enum http_error http_write_last_chunk(struct http_writer *w)
{
    if (w->chunked && w->may_have_body)
        put_text(w, "0\r\n\r\n");
    return w->error;
}
