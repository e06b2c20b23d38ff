/* field.c - byte classes, lists and the field block.
 *
 * One table of 256 bytes answers every "may this byte stand here?": a parser
 * that asks it once per byte needs no chain of comparisons. The table was
 * computed; a test compares it with the definitions of the RFCs.
 */
#include "http/field.h"

const unsigned char http_class[256] = {
    /* 00: HTAB */
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x22, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    /* 10: control */
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    /* 20: SP ! " # $ ... */
    0x22, 0x07, 0x02, 0x03, 0x07, 0x07, 0x07, 0x07,
    0x06, 0x06, 0x07, 0x07, 0x06, 0x07, 0x07, 0x06,
    /* 30: 0-9 : ; < = > ? */
    0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f,
    0x1f, 0x1f, 0x06, 0x06, 0x02, 0x06, 0x02, 0x06,
    /* 40: @ A-O */
    0x06, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x07,
    0x07, 0x07, 0x07, 0x07, 0x07, 0x07, 0x07, 0x07,
    /* 50: P-Z [ \ ] ^ _ */
    0x07, 0x07, 0x07, 0x07, 0x07, 0x07, 0x07, 0x07,
    0x07, 0x07, 0x07, 0x06, 0x02, 0x06, 0x03, 0x07,
    /* 60: ` a-o */
    0x03, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x07,
    0x07, 0x07, 0x07, 0x07, 0x07, 0x07, 0x07, 0x07,
    /* 70: p-z { | } ~ DEL */
    0x07, 0x07, 0x07, 0x07, 0x07, 0x07, 0x07, 0x07,
    0x07, 0x07, 0x07, 0x02, 0x03, 0x02, 0x07, 0x00,
    /* 80-ff: obs-text, bytes that a value may hold and a name may not */
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
};

size_t http_run(struct http_span text, unsigned classes)
{
    size_t n = 0;

    while (n < text.len && http_is(text.at[n], classes))
        n++;
    return n;
}

unsigned http_hex(char c)
{
    if (http_is(c, HTTP_DIGIT))
        return (unsigned)(c - '0');
    return (unsigned)((c | 0x20) - 'a') + 10;
}

/* tolower() would ask the locale; HTTP means ASCII. */
static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

bool http_same(struct http_span text, const char *word)
{
    for (size_t i = 0; i < text.len; i++)
        if (word[i] == '\0'
            || (text.at[i] != word[i] && lower(text.at[i]) != lower(word[i])))
            return false;
    return word[text.len] == '\0';
}

static struct http_span trim(struct http_span text)
{
    size_t blanks = http_run(text, HTTP_WS);

    text.at += blanks;
    text.len -= blanks;
    while (text.len > 0 && http_is(text.at[text.len - 1], HTTP_WS))
        text.len--;
    return text;
}

bool http_list_next(struct http_span *rest, struct http_span *item)
{
    if (rest->at == NULL)
        return false;
    const char *comma = memchr(rest->at, ',', rest->len);
    if (comma == NULL) {
        *item = trim(*rest);
        *rest = (struct http_span){ NULL, 0 };
        return true;
    }
    size_t len = (size_t)(comma - rest->at);
    *item = trim((struct http_span){ rest->at, len });
    *rest = (struct http_span){ comma + 1, rest->len - len - 1 };
    return true;
}

bool http_field_next(struct http_span *rest, struct http_span *name,
                     struct http_span *value)
{
    if (rest->len == 0)
        return false;
    const char *colon = memchr(rest->at, ':', rest->len);
    const char *end = memchr(rest->at, '\n', rest->len);
    if (colon == NULL || end == NULL || colon > end)
        return false;
    *name = (struct http_span){ rest->at, (size_t)(colon - rest->at) };
    *value = (struct http_span){ colon + 1, (size_t)(end - colon) - 1 };
    rest->len -= (size_t)(end - rest->at) + 1;
    rest->at = end + 1;
    return true;
}

bool http_field_find(struct http_span fields, const char *name,
                     struct http_span *value)
{
    struct http_span key;
    struct http_span candidate;

    while (http_field_next(&fields, &key, &candidate)) {
        if (http_same(key, name)) {
            *value = candidate;
            return true;
        }
    }
    return false;
}

/* Copy what fits; count all. */
static size_t put(char *out, size_t cap, size_t len, struct http_span text)
{
    size_t room = len < cap ? cap - len : 0;
    size_t n = text.len < room ? text.len : room;

    if (n > 0)
        memcpy(out + len, text.at, n);
    return len + text.len;
}

long http_field_join(struct http_span fields, const char *name, char *out,
                     size_t cap)
{
    struct http_span key;
    struct http_span value;
    size_t len = 0;
    bool found = false;

    while (http_field_next(&fields, &key, &value)) {
        if (!http_same(key, name))
            continue;
        if (found)
            len = put(out, cap, len, http_text(", "));
        len = put(out, cap, len, value);
        found = true;
    }
    return found ? (long)len : -1;
}
