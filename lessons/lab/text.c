/* text.c - see text.h. */
#include "lab/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void give_up(const char *why)
{
    fprintf(stderr, "lab: %s\n", why);
    exit(1);
}

/* Room for `size` bytes more and the 0; where they go. */
static char *reserve(struct text *text, size_t size)
{
    size_t capacity = text->capacity == 0 ? 256 : text->capacity;
    char *grown = text->data;

    while (capacity < text->length + size + 1)
        capacity *= 2;
    if (capacity != text->capacity)
        grown = realloc(text->data, capacity);
    if (grown == NULL)
        give_up("out of memory");
    text->data = grown;
    text->capacity = capacity;
    return grown + text->length;
}

void text_add(struct text *text, const char *data, size_t size)
{
    char *end = reserve(text, size);

    memcpy(end, data, size);
    end[size] = '\0';
    text->length += size;
}

void text_addf(struct text *text, const char *format, ...)
{
    va_list arguments, again;
    int size;

    va_start(arguments, format);
    va_copy(again, arguments);
    size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (size < 0)
        give_up("a text that cannot be made");
    vsnprintf(reserve(text, (size_t)size), (size_t)size + 1, format, again);
    va_end(again);
    text->length += (size_t)size;
}

void text_free(struct text *text)
{
    free(text->data);
    *text = (struct text){ .data = NULL };
}

bool text_line(const char **rest, struct slice *line)
{
    size_t length = strcspn(*rest, "\n");

    if (**rest == '\0')
        return false;
    *line = (struct slice){ *rest, (int)length };
    *rest += length + ((*rest)[length] == '\n');
    if (length > 0 && line->at[length - 1] == '\r')
        line->length--;
    return true;
}

bool slice_is(struct slice slice, const char *beginning)
{
    size_t length = strlen(beginning);

    return (size_t)slice.length >= length
        && memcmp(slice.at, beginning, length) == 0;
}

bool slice_has(struct slice slice, const char *part)
{
    const char *found = strstr(slice.at, part); /* of a string, all are */

    return found != NULL
        && found + strlen(part) <= slice.at + slice.length;
}

struct path path_of(const char *format, ...)
{
    struct path path;
    va_list arguments;
    int size;

    va_start(arguments, format);
    size = vsnprintf(path.text, sizeof path.text, format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)size >= sizeof path.text)
        give_up("a path of more than 1023 bytes");
    return path;
}

bool file_read(const char *path, struct text *text)
{
    FILE *file = fopen(path, "rb");
    char buffer[4096];
    size_t n;
    bool fine;

    if (file == NULL)
        return false;
    do {
        n = fread(buffer, 1, sizeof buffer, file);
        text_add(text, buffer, n);
    } while (n > 0);
    fine = ferror(file) == 0;
    fclose(file);
    if (!fine)
        errno = EIO;
    return fine;
}

bool file_write(const char *path, const char *data, size_t size)
{
    struct path fresh = path_of("%s.new", path);
    FILE *file = fopen(fresh.text, "wb");
    bool fine;

    if (file == NULL)
        return false;
    fine = fwrite(data, 1, size, file) == size;
    fine = fclose(file) == 0 && fine;
    if (fine && rename(fresh.text, path) == 0)
        return true;
    remove(fresh.text);
    return false;
}
