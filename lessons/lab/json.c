/* json.c - see json.h. */
#include "lab/json.h"

#include <stdlib.h>
#include <string.h>

/* How many bytes of well-formed UTF-8 begin here; 0: none. A second byte has
 * narrower limits where the form would be too long, a surrogate or beyond
 * U+10FFFF: readers refuse a whole file for one of those. */
static size_t utf8(const char *string)
{
    const unsigned char *at = (const unsigned char *)string;
    size_t length = at[0] < 0x80 ? 1 : at[0] >= 0xf0 && at[0] < 0xf5 ? 4
        : at[0] >= 0xe0 && at[0] < 0xf0 ? 3
        : at[0] >= 0xc2 && at[0] < 0xe0 ? 2 : 0;

    if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f)
        || (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

void json_string(struct text *text, const char *string)
{
    size_t length;

    text_add(text, "\"", 1);
    for (const char *at = string; *at != '\0'; at += length) {
        length = utf8(at);
        if (*at == '"' || *at == '\\')
            text_addf(text, "\\%c", *at);
        else if (*at == '\n')
            text_add(text, "\\n", 2);
        else if ((unsigned char)*at < 0x20 || *at == 0x7f)
            text_addf(text, "\\u%04x", (unsigned)*at);
        else if (length == 0)
            text_add(text, "\\ufffd", 6);
        else
            text_add(text, at, length);
        length += length == 0;
    }
    text_add(text, "\"", 1);
}

/* Behind the string that begins at the quote `at`. */
static const char *skip_string(const char *at)
{
    for (at++; *at != '\0' && *at != '"'; at++)
        if (*at == '\\' && at[1] != '\0')
            at++;
    return *at == '"' ? at + 1 : at;
}

static const char *skip_space(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

/* Behind the value that begins at `at`. */
static const char *skip_value(const char *at)
{
    int depth = 0;

    do {
        if (*at == '"') {
            at = skip_string(at);
            continue;
        }
        if (*at == '{' || *at == '[')
            depth++;
        else if (*at == '}' || *at == ']')
            depth--;
        else if (depth == 0)
            return at + strcspn(at, ",}] \t\r\n");
        at += *at != '\0';
    } while (depth > 0 && *at != '\0');
    return at;
}

bool json_find(const char *object, const char *key, struct slice *value)
{
    const char *at = skip_space(object), *name, *end;

    if (*at != '{')
        return false;
    do {
        name = skip_space(at + 1);
        if (*name != '"')
            return false;
        end = skip_string(name);
        at = skip_space(end);
        if (*at != ':')
            return false;
        at = skip_space(at + 1);
        *value = (struct slice){ at, (int)(skip_value(at) - at) };
        if (strlen(key) + 2 == (size_t)(end - name)
            && strncmp(key, name + 1, strlen(key)) == 0)
            return value->length > 0;
        at = skip_space(at + value->length);
    } while (*at == ',');
    return false;
}

int json_number(const char *object, const char *key, int otherwise)
{
    struct slice value;

    if (!json_find(object, key, &value) || strchr("-0123456789", *value.at)
        == NULL)
        return otherwise;
    return (int)strtol(value.at, NULL, 10);
}
