/* label.c - decode, replace, measure, escape; one character at a time. */
#include "trace/label.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static bool continues(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* The next character, and *text moved behind it; '?' and one byte further
 * if it is broken, or none that XML or a terminal should see. */
static uint32_t next_character(const char **text)
{
    const char *s = *text;
    uint32_t c = (unsigned char)s[0];
    int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
    static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };

    *text = s + 1;
    if (c < 0x80)
        return c < 0x20 || c == 0x7f ? '?' : c;
    if (more == 0 || c > 0xf4)
        return '?';
    c &= 0x3fu >> more;
    for (int i = 1; i <= more; i++) {
        if (!continues(s[i]))
            return '?';
        c = c << 6 | ((unsigned char)s[i] & 0x3fu);
    }
    if (c < least[more] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)
        || (c & 0xfffe) == 0xfffe || c < 0xa0)
        return '?';
    *text = s + 1 + more;
    return c;
}

static void put_utf8(FILE *out, uint32_t c)
{
    if (c >= 0x10000)
        fprintf(out, "%c%c", (int)(0xf0 | c >> 18),
                (int)(0x80 | (c >> 12 & 0x3f)));
    else if (c >= 0x800)
        fprintf(out, "%c", (int)(0xe0 | c >> 12));
    if (c >= 0x800)
        fprintf(out, "%c", (int)(0x80 | (c >> 6 & 0x3f)));
    else
        fprintf(out, "%c", (int)(0xc0 | c >> 6));
    fprintf(out, "%c", (int)(0x80 | (c & 0x3f)));
}

static void put(FILE *out, uint32_t c, enum label_form form)
{
    bool xml = form == LABEL_XML;

    if (c >= 0x80)
        put_utf8(out, c);
    else if (xml && strchr("<>&\"'", (int)c) != NULL)
        fprintf(out, "&#%u;", (unsigned)c);
    else if (form == LABEL_JSON && (c == '"' || c == '\\'))
        fprintf(out, "\\%c", (int)c);
    else
        putc((int)c, out);
}

static int width(uint32_t c)
{
    return c >= 0x1100 && (c < 0x2000 || c >= 0x2e80) ? 2 : 1;
}

int label_put(FILE *out, const char *text, int columns, enum label_form form)
{
    bool fits = columns == INT_MAX
        || label_put(NULL, text, INT_MAX, form) <= columns;
    int used = 0;

    while (*text != '\0') {
        uint32_t c = next_character(&text);

        if (form == LABEL_ASCII && c >= 0x80)
            c = '?';
        /* Cut text ends in an ellipsis, which needs a column itself. */
        if (!fits && used + width(c) > columns - 1) {
            if (columns > 0 && out != NULL)
                put(out, form == LABEL_ASCII ? '~' : 0x2026, form);
            return columns > 0 ? used + 1 : 0;
        }
        if (out != NULL)
            put(out, c, form);
        used += width(c);
    }
    return used;
}
