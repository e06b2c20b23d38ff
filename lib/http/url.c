/* url.c - URLs by RFC 3986: check every byte, split once, then look closer.
 *
 * The split into five parts is appendix B of the RFC written as a scan; both
 * parsing and resolving start from it. A part that is not there has at ==
 * NULL, which differs from a part that is there and empty: "http://h?" has a
 * query, "http://h" has none.
 */
#include "http/url.h"

#include <arpa/inet.h>

struct parts {
    struct http_span scheme, authority, path, query, fragment;
};

static bool is_in(char c, const char *set)
{
    while (*set != '\0' && *set != c)
        set++;
    return *set != '\0';
}

/* The text up to the first of the given bytes, or all of it. */
static struct http_span until(struct http_span text, const char *stops)
{
    size_t n = 0;

    while (n < text.len && !is_in(text.at[n], stops))
        n++;
    return (struct http_span){ text.at, n };
}

static struct http_span skip(struct http_span text, size_t n)
{
    return (struct http_span){ text.at + n, text.len - n };
}

static bool is_scheme(struct http_span text)
{
    if (text.len == 0 || !http_is(text.at[0], HTTP_TOKEN))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = (char)(text.at[i] | 0x20);
        bool letter = c >= 'a' && c <= 'z';
        bool other = http_is(text.at[i], HTTP_DIGIT) ||
                     is_in(text.at[i], "+-.");

        if (!letter && (i == 0 || !other))
            return false;
    }
    return true;
}

static struct parts split(struct http_span text)
{
    if (text.at == NULL)
        text.at = ""; /* an empty text, not an undefined one */
    struct parts parts = { .scheme = until(text, ":/?#") };
    size_t n = parts.scheme.len;

    if (n < text.len && text.at[n] == ':' && is_scheme(parts.scheme))
        text = skip(text, n + 1);
    else
        parts.scheme.at = NULL;
    if (text.len >= 2 && text.at[0] == '/' && text.at[1] == '/') {
        parts.authority = until(skip(text, 2), "/?#");
        text = skip(text, 2 + parts.authority.len);
    }
    parts.path = until(text, "?#");
    text = skip(text, parts.path.len);
    if (text.len > 0 && text.at[0] == '?') {
        parts.query = until(text, "#");
        text = skip(text, parts.query.len);
    }
    if (text.len > 0)
        parts.fragment = text;
    return parts;
}

static enum http_error refuse(struct http_url *url, enum http_error error,
                              size_t offset, const char *why)
{
    url->offset = offset;
    url->why = why;
    return error;
}

/* White space, controls and CR LF would end the request line early and let
 * the URL write lines of its own (9112 11.1), so this check comes first. */
static enum http_error check_bytes(struct http_url *url, struct http_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];

        if (!http_is(c, HTTP_URI) && c != '#')
            return refuse(url, HTTP_BAD_CHAR, i,
                          "this byte may not stand in a URL");
        if (c == '%' && (text.len - i < 3 ||
                         http_run(skip(text, i + 1), HTTP_HEX) < 2))
            return refuse(url, HTTP_BAD_PERCENT, i,
                          "\"%\" must be followed by two hex digits");
    }
    return HTTP_OK;
}

static enum http_error check_ipv6(struct http_url *url, size_t offset)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address;

    if (url->host.len < sizeof text) {
        memcpy(text, url->host.at, url->host.len);
        text[url->host.len] = '\0';
        if (inet_pton(AF_INET6, text, &address) == 1)
            return HTTP_OK;
    }
    return refuse(url, HTTP_BAD_HOST, offset,
                  "no IPv6 address between the brackets");
}

/* RFC 1035 2.3.4: names of at most 253 bytes, labels of 1 to 63. A dot at
 * the end is the root label. Percent-coding is legal here (3986 3.2.2) but
 * no resolver undoes it, so a name that uses it names nothing. */
static enum http_error check_name(struct http_url *url, size_t offset)
{
    size_t label = 0;

    if (url->host.len > 253)
        return refuse(url, HTTP_BAD_HOST, offset,
                      "a host name has at most 253 bytes");
    for (size_t i = 0; i < url->host.len; i++) {
        char c = url->host.at[i];

        if (c == '%' || c == '[' || c == ']')
            return refuse(url, HTTP_BAD_HOST, offset + i,
                          "this byte may not stand in a host name");
        if (c == '.' && label == 0)
            return refuse(url, HTTP_BAD_HOST, offset + i,
                          "a part of the host name is empty");
        label = c == '.' ? 0 : label + 1;
        if (label > 63)
            return refuse(url, HTTP_BAD_HOST, offset + i,
                          "a part of the host name is over 63 bytes");
    }
    return HTTP_OK;
}

/* text is what follows the host: nothing, ":" or ":digits". */
static enum http_error parse_port(struct http_url *url, struct http_span text,
                                  size_t offset)
{
    unsigned long port = 0;

    url->port = url->secure ? 443 : 80;
    if (text.len <= 1)
        return HTTP_OK;
    for (size_t i = 1; i < text.len; i++) {
        if (!http_is(text.at[i], HTTP_DIGIT))
            return refuse(url, HTTP_BAD_PORT, offset + i,
                          "a port is made of digits");
        port = port * 10 + (unsigned long)(text.at[i] - '0');
        /* Here and not after the loop: 2^32 + 80 must not wrap to 80. */
        if (port > 65535)
            return refuse(url, HTTP_BAD_PORT, offset + i,
                          "a port is at most 65535");
    }
    if (port == 0)
        return refuse(url, HTTP_BAD_PORT, offset + 1,
                      "nobody can connect to port 0");
    url->port = (uint16_t)port;
    return HTTP_OK;
}

static enum http_error parse_authority(struct http_url *url,
                                       struct http_span text, size_t offset)
{
    const char *at_sign = memchr(text.at, '@', text.len);
    size_t host_at = offset;
    size_t used;
    enum http_error error;

    if (at_sign != NULL)
        return refuse(url, HTTP_USERINFO, offset + (size_t)(at_sign - text.at),
                      "a user name may not stand in an http URL");
    url->bracketed = text.len > 0 && text.at[0] == '[';
    if (url->bracketed) {
        url->host = until(skip(text, 1), "]");
        used = url->host.len + 2;
        host_at++;
        if (used > text.len || (used < text.len && text.at[used] != ':'))
            return refuse(url, HTTP_BAD_HOST, offset,
                          "\"[\" needs its \"]\" and then a port or nothing");
        error = check_ipv6(url, host_at);
    } else {
        url->host = until(text, ":");
        used = url->host.len;
        if (used == 0)
            return refuse(url, HTTP_EMPTY_HOST, offset, "there is no host");
        error = check_name(url, host_at);
    }
    if (error != HTTP_OK)
        return error;
    return parse_port(url, skip(text, used), offset + used);
}

/* Path, query and fragment: brackets belong to hosts, and one "#" at most. */
static enum http_error parse_rest(struct http_url *url, struct parts parts,
                                  const char *start)
{
    struct http_span rest = parts.path;

    rest.len += parts.query.len + parts.fragment.len;
    for (size_t i = 0; i < rest.len; i++) {
        const char *at = rest.at + i;

        if (*at == '[' || *at == ']' ||
            (*at == '#' && at != parts.fragment.at))
            return refuse(url, HTTP_BAD_CHAR, (size_t)(at - start),
                          "this byte may not stand in a path or query");
    }
    url->path = parts.path.len > 0 ? parts.path : http_text("/");
    url->query = parts.query;
    return HTTP_OK;
}

static enum http_error parse(struct http_url *url, struct http_span text,
                             bool any)
{
    *url = (struct http_url){ .why = "" };
    if (text.len == 0)
        return refuse(url, HTTP_EMPTY, 0, "the URL is empty");
    if (text.len > HTTP_URL_MAX)
        return refuse(url, HTTP_TOO_LARGE, HTTP_URL_MAX,
                      "the URL is over 8190 bytes");
    enum http_error error = check_bytes(url, text);
    if (error != HTTP_OK)
        return error;
    struct parts parts = split(text);
    if (parts.scheme.at == NULL || parts.authority.at == NULL)
        return refuse(url, HTTP_BAD_SCHEME, 0,
                      "a URL begins with \"http://\"");
    url->secure = any && http_same(parts.scheme, "https");
    if (!url->secure && !http_same(parts.scheme, "http"))
        return refuse(url, HTTP_UNSUPPORTED_SCHEME, 0, any
                      ? "the lab speaks http, https and nothing else"
                      : "the lab speaks http and nothing else");
    error = parse_authority(url, parts.authority,
                            (size_t)(parts.authority.at - text.at));
    if (error != HTTP_OK)
        return error;
    return parse_rest(url, parts, text.at);
}

enum http_error http_url_parse(struct http_url *url, struct http_span text)
{
    return parse(url, text, false);
}

enum http_error http_url_parse_any(struct http_url *url,
                                   struct http_span text)
{
    return parse(url, text, true);
}

enum http_error http_target_parse(struct http_url *url,
                                  struct http_span target)
{
    struct parts parts = { .path = until(target, "?") };

    if (target.len == 0 || target.at[0] != '/') {
        enum http_error error = http_url_parse(url, target);
        return error == HTTP_BAD_SCHEME ? HTTP_BAD_TARGET : error;
    }
    *url = (struct http_url){ .port = 80, .why = "" };
    if (target.len > HTTP_URL_MAX)
        return refuse(url, HTTP_TOO_LARGE, HTTP_URL_MAX,
                      "the target is over 8190 bytes");
    enum http_error error = check_bytes(url, target);
    if (error != HTTP_OK)
        return error;
    parts.query = skip(target, parts.path.len);
    return parse_rest(url, parts, target.at);
}

enum http_error http_host_parse(struct http_url *url, struct http_span text)
{
    *url = (struct http_url){ .why = "" };
    if (text.len == 0)
        return refuse(url, HTTP_EMPTY_HOST, 0, "there is no host");
    enum http_error error = check_bytes(url, text);
    if (error != HTTP_OK)
        return error;
    size_t end = until(text, "/?#").len;
    if (end < text.len)
        return refuse(url, HTTP_BAD_CHAR, end, "a host ends before this byte");
    return parse_authority(url, text, 0);
}

/* RFC 3986 5.2.4, in place: the output never overtakes the input. Each turn
 * takes one "/segment"; "/.." takes the segment before it out again. */
static size_t remove_dots(char *path, size_t len)
{
    size_t out = 0;
    size_t end;

    for (size_t in = 0; in < len; in = end) {
        end = in + 1;
        while (end < len && path[end] != '/')
            end++;
        size_t dots = end - in - 1;
        bool up = dots == 2 && memcmp(path + in, "/..", 3) == 0;
        bool here = dots == 1 && path[in + 1] == '.';
        if (!up && !here) {
            memmove(path + out, path + in, end - in);
            out += end - in;
            continue;
        }
        if (up)
            while (out > 0 && path[--out] != '/')
                continue;
        if (end == len)
            path[out++] = '/';
    }
    return out;
}

/* Where the result is spliced together. */
struct output {
    char *at;
    size_t cap, len;
    bool full;
};

static void put(struct output *out, const char *prefix, struct http_span text)
{
    size_t n = strlen(prefix);

    if (text.at == NULL)
        return;
    if (n + text.len > out->cap - out->len) {
        out->full = true;
        return;
    }
    memcpy(out->at + out->len, prefix, n);
    memmove(out->at + out->len + n, text.at, text.len);
    out->len += n + text.len;
}

/* 5.2.3: a relative path replaces what follows the last "/" of the base. */
static void put_path(struct output *out, struct parts base, struct parts ref)
{
    size_t start = out->len;
    struct http_span stem = base.path;

    if (ref.scheme.at == NULL && ref.authority.at == NULL &&
        (ref.path.len == 0 || ref.path.at[0] != '/')) {
        while (stem.len > 0 && stem.at[stem.len - 1] != '/')
            stem.len--;
        put(out, "", stem.len > 0 ? stem : http_text("/"));
    }
    put(out, "", ref.path);
    /* A path that does not begin with "/" belongs to another kind of URL
     * ("mailto:a"), which http_url_parse refuses anyway. */
    if (!out->full && out->len > start && out->at[start] == '/')
        out->len = start + remove_dots(out->at + start, out->len - start);
}

enum http_error http_url_resolve(struct http_span base, struct http_span ref,
                                 char *out, size_t cap, size_t *len)
{
    struct output result = { .at = out, .cap = cap };
    struct parts b = split(base);
    struct parts r = split(ref);
    bool absolute = r.scheme.at != NULL;
    bool network = absolute || r.authority.at != NULL;

    put(&result, "", absolute ? r.scheme : b.scheme);
    put(&result, ":", http_text(""));
    put(&result, "//", network ? r.authority : b.authority);
    if (!network && r.path.len == 0) {
        put(&result, "", b.path);
        put(&result, "", r.query.at != NULL ? r.query : b.query);
    } else {
        put_path(&result, b, r);
        put(&result, "", r.query);
    }
    put(&result, "", r.fragment);
    *len = result.len;
    return result.full ? HTTP_TOO_LARGE : HTTP_OK;
}
