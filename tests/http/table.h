/* table.h - the case tables: tab-separated text with a header line.
 *
 * Columns are found by name, so a table may order them as it likes and have
 * more of them. Everything read is owned by the table until table_close.
 */
#ifndef TESTS_HTTP_TABLE_H
#define TESTS_HTTP_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct bytes {
    char *at;
    size_t len;
};

struct table {
    struct bytes text; /* the file, cut up in place      */
    char **cells;      /* rows * columns                 */
    size_t columns;
    size_t rows;       /* the header line not counted    */
};

/* Read a whole file into memory that the caller frees. False: unreadable. */
bool read_file(const char *path, struct bytes *out);

/* Read a table. False, with a message on stderr: unreadable or ragged. */
bool table_open(struct table *table, const char *path);
void table_close(struct table *table);

/* The cell of a row in the named column, "" when there is no such column. */
const char *table_cell(const struct table *table, size_t row,
                       const char *column);

/* What a cell stands for: \r \n \t \\ \xNN are bytes, {c*N} is N times c. The
 * caller frees the result. */
struct bytes unescape(const char *cell);

#endif
