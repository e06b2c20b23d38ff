/* urls.c - see urls.h. */
#include "18_fetchall/urls.h"

#include "loop/loop.h"
#include "sys.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void complain(struct urls *urls, const char *where, size_t number,
                     const char *why)
{
    char text[256];

    urls->bad++;
    snprintf(text, sizeof text, "%.99s:%zu: %s", where, number, why);
    urls->complain(urls, text);
}

/* "/path" belongs to the base; all else must be a URL as it is. */
static bool make_full(const struct urls *urls, struct url *url,
                      const char **why)
{
    struct http_span text = http_text(url->text);
    struct http_url parts;
    size_t n = text.len;

    *why = "too long";
    if (urls->base != NULL && text.at[0] == '/') {
        if (http_url_resolve(http_text(urls->base), text, url->full,
                             HTTP_URL_MAX, &n) != HTTP_OK)
            return false;
    } else if (n <= HTTP_URL_MAX) {
        memcpy(url->full, text.at, n);
    } else {
        return false;
    }
    url->full[n] = '\0';
    if (http_url_parse_any(&parts, http_text(url->full)) == HTTP_OK)
        return true;
    *why = parts.why;
    return false;
}

static bool accept_url(struct urls *urls, struct url *url,
                       struct http_span text, const char *where,
                       size_t number)
{
    const char *why = "it has a byte that is 0";

    if (memchr(text.at, '\0', text.len) == NULL) {
        memcpy(url->text, text.at, text.len);
        url->text[text.len] = '\0';
        if (make_full(urls, url, &why)) {
            urls->taken++;
            url->number = urls->taken;
            return true;
        }
    }
    complain(urls, where, number, why);
    return false;
}

static bool next_word(struct urls *urls, struct url *url)
{
    while (urls->word < urls->word_count) {
        struct http_span text = http_text(urls->words[urls->word]);

        urls->word++;
        if (text.len >= URLS_LINE)
            complain(urls, "argument", urls->word, "too long");
        else if (accept_url(urls, url, text, "argument", urls->word))
            return true;
    }
    return false;
}

/* The next line that is here as a whole; the last may end with the file. */
static bool next_line(struct urls *urls, struct http_span *line)
{
    const char *at = urls->bytes + urls->at;
    size_t left = urls->end - urls->at;
    const char *end = memchr(at, '\n', left);

    if (end == NULL && !(urls->ended && left > 0))
        return false;
    *line = (struct http_span){ at, end != NULL ? (size_t)(end - at) : left };
    urls->at += line->len + (end != NULL);
    urls->line++;
    return true;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct http_span trimmed(struct http_span line)
{
    while (line.len > 0 && blank(line.at[line.len - 1]))
        line.len--;
    while (line.len > 0 && blank(*line.at)) {
        line.at++;
        line.len--;
    }
    return line;
}

static bool next_of_lines(struct urls *urls, struct url *url)
{
    struct http_span line;

    while (next_line(urls, &line)) {
        bool rest = urls->skipping;

        urls->skipping = false;
        line = trimmed(line);
        if (!rest && line.len > 0 && *line.at != '#'
            && accept_url(urls, url, line, urls->name, urls->line))
            return true;
    }
    return false;
}

/* Full, and no line in it: told once, and skipped up to its end. */
static void make_room(struct urls *urls)
{
    memmove(urls->bytes, urls->bytes + urls->at, urls->end - urls->at);
    urls->end -= urls->at;
    urls->at = 0;
    if (urls->end < sizeof urls->bytes)
        return;
    if (!urls->skipping)
        complain(urls, urls->name, urls->line + 1, "too long");
    urls->skipping = true;
    urls->end = 0;
}

/* What woke us may be read by now, by another who waited: asked again, or
 * read() would block. */
static bool readable(const struct urls *urls)
{
    struct pollfd one = { .fd = urls->fd, .events = POLLIN };

    return urls->loop->sys->poll(&one, 1, 0) == 1;
}

static void give_up(struct urls *urls, const char *why)
{
    complain(urls, urls->name, urls->line + 1, why);
    urls->ended = true;
}

static void read_more(struct urls *urls)
{
    char why[80];
    ssize_t n;

    if (urls->ended || !readable(urls))
        return;
    make_room(urls);
    n = read(urls->fd, urls->bytes + urls->end,
             sizeof urls->bytes - urls->end);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n < 0) {
        snprintf(why, sizeof why, "read: %s", strerror(errno));
        give_up(urls, why);
        return;
    }
    urls->ended = n == 0;
    urls->end += (size_t)n;
}

ASYNC(next_url)
{
    struct urls *urls = self->urls;

    BEGIN;
    urls->ended = urls->ended || urls->fd < 0;
    for (;;) {
        if (next_word(urls, self->url) || next_of_lines(urls, self->url))
            RETURN();
        if (urls->ended && urls->at == urls->end)
            break;
        TRY_AWAIT(wait_fd, .fd = urls->fd, .events = POLLIN);
        if (self->wait_fd.coro.error != 0)
            give_up(urls, task->error.text);
        else
            read_more(urls);
    }
    self->ended = true;
    END;
}
