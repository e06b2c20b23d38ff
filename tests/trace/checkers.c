/* checkers.c - recursive descent over NUL-terminated text. */
#include "checkers.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9') || c == '-' || c == ':';
}

const char *check_utf8(const char *text)
{
    const unsigned char *s = (const void *)text;

    while (*s != '\0') {
        int more = *s >= 0xf0 ? 3 : *s >= 0xe0 ? 2 : *s >= 0xc0 ? 1 : 0;
        unsigned c = more == 0 ? *s : *s & (0x3fu >> more);

        if ((*s >= 0x80 && *s < 0xc2) || *s > 0xf4)
            return "a byte that begins no character";
        for (s++; more > 0; more--, s++) {
            if ((*s & 0xc0) != 0x80)
                return "half a character";
            c = c << 6 | (*s & 0x3fu);
        }
        if (c < ' ' && c != '\n')
            return "a control character";
        if ((c >= 0xd800 && c < 0xe000) || c == 0xfffe || c == 0xffff
            || c > 0x10ffff)
            return "no character at all";
    }
    return NULL;
}

/* "&amp;", "&#60;": moves behind it. */
static bool entity(const char **s)
{
    size_t n = strspn(*s + 1, "#0123456789abcdefghijklmnopqrstuvwxyz");

    if (n < 2 || (*s)[n + 1] != ';')
        return false;
    *s += n + 2;
    return true;
}

/* name="value", once in its tag. */
static const char *attribute(const char **s, const char *tag)
{
    size_t n = 0;
    const char *end;

    while (is_name((*s)[n]))
        n++;
    if (n == 0 || strncmp(*s + n, "=\"", 2) != 0)
        return "an attribute without a name or a quoted value";
    for (const char *t = tag; t < *s; t++)
        if (strncmp(t, *s, n + 2) == 0 && t[-1] == ' ')
            return "an attribute given twice";
    *s += n + 2;
    end = strchr(*s, '"');
    while (end != NULL && *s < end) {
        if (**s == '<' || (**s == '&' && !entity(s)))
            return "markup inside an attribute";
        *s += *s < end;
    }
    *s += 1;
    return end == NULL ? "an attribute that does not end" : NULL;
}

struct open_tags {
    const char *name[32];
    size_t length[32];
    int count, roots;
};

static const char *start_tag(const char **s, struct open_tags *open)
{
    const char *tag = *s, *wrong;
    size_t n = 0;

    while (is_name(tag[n]))
        n++;
    *s += n;
    if (n == 0 || open->count == 32 || (open->count == 0 && open->roots > 0))
        return "a tag where none may be";
    open->roots += open->count == 0;
    while (**s == ' ') {
        ++*s;
        wrong = attribute(s, tag);
        if (wrong != NULL)
            return wrong;
    }
    if (strncmp(*s, "/>", 2) == 0) {
        *s += 2;
        return NULL;
    }
    if (**s != '>')
        return "a tag that does not end";
    ++*s;
    open->name[open->count] = tag;
    open->length[open->count] = n;
    open->count++;
    return NULL;
}

static const char *end_tag(const char **s, struct open_tags *open)
{
    size_t n;

    if (open->count == 0)
        return "an end tag too many";
    open->count--;
    n = open->length[open->count];
    if (strncmp(*s, open->name[open->count], n) != 0 || (*s)[n] != '>')
        return "an end tag of another element";
    *s += n + 1;
    return NULL;
}

const char *check_xml(const char *text)
{
    struct open_tags open = { .count = 0 };
    const char *s = text, *wrong = check_utf8(text);

    while (wrong == NULL && *s != '\0') {
        if (strncmp(s, "</", 2) == 0) {
            s += 2;
            wrong = end_tag(&s, &open);
        } else if (*s == '<') {
            s++;
            wrong = start_tag(&s, &open);
        } else if (*s == '&') {
            wrong = entity(&s) ? NULL : "a bare &";
        } else if (strncmp(s, "]]>", 3) == 0) {
            wrong = "]]> in text";
        } else if (open.count == 0 && *s != '\n') {
            wrong = "text outside the root";
        } else {
            s++;
        }
    }
    if (wrong == NULL && (open.count > 0 || open.roots != 1))
        wrong = "an element that does not end";
    return wrong;
}

static void skip_space(const char **s)
{
    *s += strspn(*s, " \n");
}

static bool json_string(const char **s)
{
    if (**s != '"')
        return false;
    for (++*s; **s != '"'; ++*s) {
        if ((unsigned char)**s < ' ')
            return false;
        if (**s == '\\') {
            ++*s;
            if (**s == '\0' || strchr("\"\\/bfnrt", **s) == NULL)
                return false;
        }
    }
    ++*s;
    return true;
}

static bool json_number(const char **s)
{
    size_t n;

    *s += **s == '-';
    n = strspn(*s, "0123456789");
    if (n == 0 || (n > 1 && **s == '0'))
        return false;
    *s += n;
    if (**s != '.')
        return true;
    n = strspn(*s + 1, "0123456789");
    *s += n + 1;
    return n > 0;
}

static bool json_value(const char **s, int depth);

/* What stands between { } or [ ], commas between and none at the end. */
static bool json_members(const char **s, char end, int depth)
{
    ++*s;
    skip_space(s);
    while (**s != end) {
        if (end == '}' && (!json_string(s) || *(*s)++ != ':'))
            return false;
        if (!json_value(s, depth))
            return false;
        skip_space(s);
        if (**s == end)
            break;
        if (**s != ',')
            return false;
        ++*s;
        skip_space(s);
        if (**s == end)
            return false;
    }
    ++*s;
    return true;
}

static bool json_value(const char **s, int depth)
{
    skip_space(s);
    if (depth > 8)
        return false;
    if (**s == '{')
        return json_members(s, '}', depth + 1);
    if (**s == '[')
        return json_members(s, ']', depth + 1);
    return **s == '"' ? json_string(s) : json_number(s);
}

const char *check_json(const char *text)
{
    static char words[80];
    const char *s = text, *wrong = check_utf8(text);

    if (wrong != NULL)
        return wrong;
    if (!json_value(&s, 0)) {
        snprintf(words, sizeof words, "no JSON at byte %td: %.30s", s - text,
                 s);
        return words;
    }
    skip_space(&s);
    return *s == '\0' ? NULL : "something after the value";
}

/* One thread's open slices: when each ends. */
struct slices {
    int64_t end[8], last_start;
    size_t thread;
    int depth;
};

static const char *add_slice(struct slices *slices, int64_t start,
                             int64_t end)
{
    if (end < start)
        return "a slice that ends before it begins";
    if (start < slices->last_start)
        return "slices out of order";
    slices->last_start = start;
    while (slices->depth > 1 && slices->end[slices->depth - 1] <= start)
        slices->depth--;
    if (slices->depth > 0 && end > slices->end[slices->depth - 1])
        return "a slice that ends after the one it lies in";
    if (slices->depth == 8)
        return "more than eight slices inside one another";
    slices->end[slices->depth] = end;
    slices->depth++;
    return NULL;
}

const char *check_nesting(const char *text)
{
    static const char format[] = "{\"ph\":\"X\",\"pid\":1,\"tid\":%zu,"
        "\"ts\":%" SCNd64 ".%3" SCNd64 ",\"dur\":%" SCNd64 ".%3" SCNd64;
    struct slices slices = { .thread = SIZE_MAX };
    const char *wrong = NULL;
    size_t seen = 0;

    for (const char *s = text; s != NULL && wrong == NULL;
         s = strchr(s + 1, '\n')) {
        int64_t us, ns, dur_us, dur_ns;
        size_t thread;
        char line[160];

        /* sscanf measures its whole text first: give it a line. */
        snprintf(line, sizeof line, "%.150s", s + (*s == '\n'));
        if (sscanf(line, format, &thread, &us, &ns, &dur_us,
                   &dur_ns) != 5)
            continue;
        if (thread != slices.thread)
            slices = (struct slices){ .thread = thread,
                                      .last_start = INT64_MIN };
        us = 1000 * us + ns;
        wrong = add_slice(&slices, us, us + 1000 * dur_us + dur_ns);
        seen++;
    }
    if (wrong == NULL && seen == 0)
        wrong = "no slices";
    return wrong;
}
