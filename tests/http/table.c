/* table.c - see table.h. Cells are pointers into the file's text, whose tabs
 * and line ends become terminators.
 */
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *memory)
{
    if (memory == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(2);
    }
    return memory;
}

bool read_file(const char *path, struct bytes *out)
{
    FILE *file = fopen(path, "rb");
    size_t cap = 0;
    size_t n = 1;

    *out = (struct bytes){ NULL, 0 };
    if (file == NULL)
        return false;
    while (n > 0) {
        if (out->len == cap) {
            cap = cap * 2 + 4096;
            out->at = must(realloc(out->at, cap + 1));
        }
        n = fread(out->at + out->len, 1, cap - out->len, file);
        out->len += n;
    }
    out->at[out->len] = '\0';
    bool good = ferror(file) == 0;
    fclose(file);
    return good;
}

static size_t count(const char *text, char c)
{
    size_t n = 0;

    for (; *text != '\0'; text++)
        n += *text == c;
    return n;
}

/* Cut one line into cells; false when it has another number of them. */
static bool cut(char *line, char **cells, size_t columns)
{
    for (size_t i = 0; i < columns; i++) {
        cells[i] = line;
        line = strchr(line, '\t');
        if ((line == NULL) != (i + 1 == columns))
            return false;
        if (line != NULL)
            *line++ = '\0';
    }
    return true;
}

bool table_open(struct table *table, const char *path)
{
    *table = (struct table){ .rows = 0 };
    if (!read_file(path, &table->text)) {
        perror(path);
        return false;
    }
    size_t lines = count(table->text.at, '\n') + 1;
    size_t used = 0;
    char *next = table->text.at;
    while (next != NULL && *next != '\0') {
        char *line = next;

        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        line[strcspn(line, "\r")] = '\0';
        if (used == 0) {
            table->columns = count(line, '\t') + 1;
            table->cells = must(calloc(lines * table->columns,
                                       sizeof *table->cells));
        }
        if (!cut(line, table->cells + used * table->columns,
                 table->columns)) {
            fprintf(stderr, "%s:%zu: not %zu cells\n", path, used + 1,
                    table->columns);
            table_close(table);
            return false;
        }
        used++;
    }
    table->rows = used > 0 ? used - 1 : 0;
    return true;
}

void table_close(struct table *table)
{
    free(table->cells);
    free(table->text.at);
    *table = (struct table){ .rows = 0 };
}

const char *table_cell(const struct table *table, size_t row,
                       const char *column)
{
    for (size_t i = 0; i < table->columns; i++)
        if (strcmp(table->cells[i], column) == 0)
            return table->cells[(row + 1) * table->columns + i];
    return "";
}

/* One escape at *cell, which is advanced; the plain byte otherwise. */
static char escape(const char **cell)
{
    static const char names[] = "rnt\\";
    static const char values[] = "\r\n\t\\";
    const char *at = *cell;
    const char *name = at[0] == '\\' && at[1] != '\0' ? strchr(names, at[1])
                                                      : NULL;
    unsigned value;

    if (name != NULL) {
        *cell += 2;
        return values[name - names];
    }
    if (at[0] == '\\' && at[1] == 'x' && sscanf(at + 2, "%2x", &value) == 1) {
        *cell += 4;
        return (char)value;
    }
    *cell += 1;
    return at[0];
}

struct bytes unescape(const char *cell)
{
    struct bytes out = { NULL, 0 };

    out.at = must(malloc(1));
    while (*cell != '\0') {
        char c = '\0';
        size_t times = 1;
        int used = 0;

        if (sscanf(cell, "{%c*%zu}%n", &c, &times, &used) == 2 && used > 0) {
            cell += used;
        } else {
            times = 1;
            c = escape(&cell);
        }
        out.at = must(realloc(out.at, out.len + times + 1));
        memset(out.at + out.len, c, times);
        out.len += times;
    }
    return out;
}
