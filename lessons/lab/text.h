/* text.h - growing strings, paths, whole files: what C leaves to us.
 *
 * A zero struct text is an empty one. Out of memory ends the program: lab
 * has nothing to lose. */
#ifndef LAB_TEXT_H
#define LAB_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct text {
    char *data; /* NULL: empty; else length bytes and a 0 */
    size_t length, capacity;
};

void text_add(struct text *text, const char *data, size_t size);
void text_addf(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void text_free(struct text *text); /* empty again */

/* Its bytes, "" if it is empty; text's until it changes. */
static inline const char *text_string(const struct text *text)
{
    return text->data != NULL ? text->data : "";
}

/* The next line of *rest, without its end, for printf's %.*s; false at the
 * end of it. */
struct slice {
    const char *at;
    int length;
};
bool text_line(const char **rest, struct slice *line);
bool slice_is(struct slice slice, const char *beginning);
bool slice_has(struct slice slice, const char *part);

/* A string of a path's size, by value. One that does not fit ends the
 * program. */
struct path {
    char text[1024];
};
struct path path_of(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* The whole file, added to text; false (errno) if that is not possible. */
bool file_read(const char *path, struct text *text);

/* Writes the file as a whole, or leaves the old one: a new one is written
 * beside it and takes its name. False (errno). */
bool file_write(const char *path, const char *data, size_t size);

#endif
