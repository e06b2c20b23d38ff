/* field.h - the small change of HTTP: spans, byte classes, lists, fields.
 *
 * A span is a piece of somebody else's buffer; nothing here copies or
 * allocates. The fields of a message are kept as one block of text, each as
 * "name:value\n" without the white space around the value. Neither a name nor
 * a value may hold LF, so the block needs no index: a lookup walks it. That
 * is O(bytes of the head) per lookup; a hash of names would be O(1).
 */
#ifndef HTTP_FIELD_H
#define HTTP_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct http_span {
    const char *at; /* not terminated, owned by somebody else */
    size_t len;     /* bytes                                  */
};

/* Classes of bytes, bits of http_class[byte]. */
enum {
    HTTP_TOKEN = 0x01, /* tchar: a method or a field name (9110 5.6.2)    */
    HTTP_TEXT = 0x02,  /* HTAB SP VCHAR obs-text: a field value           */
    HTTP_URI = 0x04,   /* what a URI may hold, "#" aside (3986 appx. A)   */
    HTTP_HEX = 0x08,
    HTTP_DIGIT = 0x10,
    HTTP_WS = 0x20     /* SP HTAB                                         */
};
extern const unsigned char http_class[256];

static inline bool http_is(char c, unsigned classes)
{
    return (http_class[(unsigned char)c] & classes) != 0;
}

static inline struct http_span http_text(const char *string)
{
    return (struct http_span){ string, strlen(string) };
}

/* How many bytes at the beginning of text belong to one of the classes. */
size_t http_run(struct http_span text, unsigned classes);

/* The value 0..15 of a hexadecimal digit (which c must be). */
unsigned http_hex(char c);

/* Are text and word equal when ASCII case does not count? */
bool http_same(struct http_span text, const char *word);

/* Take the next member of a comma-separated list (9110 5.6.1): *item is what
 * stands before the first comma of *rest, white space trimmed, maybe empty.
 * False when nothing is left. A list of n commas has n + 1 members. */
bool http_list_next(struct http_span *rest, struct http_span *item);

/* Take the next field from a block of fields, in the order they came. False
 * when nothing is left. */
bool http_field_next(struct http_span *rest, struct http_span *name,
                     struct http_span *value);

/* The value of the first field called name (case does not count); false and
 * an untouched *value when there is none. */
bool http_field_find(struct http_span fields, const char *name,
                     struct http_span *value);

/* All values of the fields called name, joined by ", " (9110 5.3), written
 * to out (at most cap bytes, no terminator). Returns the whole length, which
 * may be over cap (what did not fit is missing), or -1: no such field. */
long http_field_join(struct http_span fields, const char *name, char *out,
                     size_t cap);

#endif
