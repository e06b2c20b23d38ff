/* url.c - a URL is refused with a sentence and a place, or it is whole: its
 * parts lie in the text, put together they are the same URL, and the request
 * that we make of it is one that our own origin takes. */
#include "fuzz.h"

#include "http/url.h"
#include "http/writer.h"
#include "replay.h"

#include <string.h>

static bool inside(struct http_span span, struct http_span text)
{
    return span.len == 0
        || (span.at >= text.at && span.at + span.len <= text.at + text.len);
}

static bool same(struct http_span a, struct http_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static void check_again(const struct http_url *url)
{
    static char text[HTTP_URL_MAX + 32];
    struct http_url again;
    int n;

    n = snprintf(text, sizeof text, "http://%s%.*s%s:%u%.*s%.*s",
                 url->bracketed ? "[" : "", (int)url->host.len, url->host.at,
                 url->bracketed ? "]" : "", url->port, (int)url->path.len,
                 url->path.at, (int)url->query.len, url->query.at);
    if (n > HTTP_URL_MAX)
        return;
    PROMISE(http_url_parse(&again, http_text(text)) == HTTP_OK);
    PROMISE(same(again.host, url->host) && same(again.path, url->path));
    PROMISE(same(again.query, url->query) && again.port == url->port);
}

static void check_request(const struct http_url *url)
{
    static struct dialog dialog;
    static char request[HTTP_URL_MAX * 2];
    struct http_writer w;

    http_write_request(&w, request, sizeof request, http_text("GET"), url);
    http_write_field(&w, http_text("Connection"), http_text("close"));
    PROMISE(http_write_end(&w, 0) == HTTP_OK);
    replay_requests((struct http_span){ request, w.len },
                    (struct cuts){ .way = WHOLE }, &dialog);
    PROMISE(dialog.answers == 1 && dialog.closed);
    PROMISE(dialog.status[0] == 200 || dialog.status[0] == 404
            || dialog.status[0] == 414);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_span text = { (const char *)data, size };
    struct http_url url;

    if (http_url_parse(&url, text) != HTTP_OK) {
        PROMISE(url.why[0] != '\0' && url.offset <= size);
        return 0;
    }
    PROMISE(url.host.len > 0 && url.port > 0 && url.path.at[0] == '/');
    PROMISE(inside(url.host, text) && inside(url.query, text));
    check_again(&url);
    check_request(&url);
    return 0;
}
