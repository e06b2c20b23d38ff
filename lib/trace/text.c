/* text.c - the picture for a terminal: 76 columns, one line a row.
 *
 *     name  |  cells: one character is one n-th of the run
 */
#include "trace/label.h"
#include "trace/picture.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

enum { COLUMNS = 76, NAME_COLUMNS = 20 };

static const char *const glyphs[2][TRACE_KINDS] = {
    { " ", "", "_", "-", ".", "~", "#", "t", "f", "+", "*", "x", "!" },
    { " ", "", "_", "─", "░", "▒", "█", "t", "f", "+", "✓", "⊘", "✗" }
};

struct page {
    const struct picture *picture;
    FILE *out;
    bool utf8;
    int names, cells; /* widths, in columns */
};

static enum label_form form(const struct page *page)
{
    return page->utf8 ? LABEL_UTF8 : LABEL_ASCII;
}

static void put_indent(const struct page *page, int columns)
{
    fprintf(page->out, "%*s", columns, "");
}

/* The columns it leaves of the name's. */
static int put_name(const struct page *page, const struct picture_row *row)
{
    int tail = (int)strlen(row->tail);
    int used = label_put(page->out, row->name, page->names - tail,
                         form(page));

    fputs(row->tail, page->out);
    return page->names - used - tail;
}

static void put_error(const struct page *page, size_t row)
{
    const char *name = picture_error(page->picture, row);

    if (name[0] == '\0')
        return;
    putc(' ', page->out);
    label_put(page->out, name, PICTURE_ERROR, form(page));
}

static void put_row(const struct page *page, const struct picture_row *row)
{
    unsigned char cells[COLUMNS];
    int n = page->cells, indent = 2 + put_name(page, row);

    picture_cells(page->picture, row->row, cells, n);
    while (n > 0 && cells[n - 1] == TRACE_NONE)
        n--;
    if (n > 0)
        put_indent(page, indent);
    for (int i = 0; i < n; i++)
        fputs(glyphs[page->utf8][cells[i]], page->out);
    put_error(page, row->row);
    putc('\n', page->out);
}

/* Two lines: the times, and under each the cell it means. */
static void put_axis(const struct page *page)
{
    char times[COLUMNS + 1], ruler[COLUMNS + 1], text[PICTURE_TIME];
    int64_t tick = picture_tick(page->picture, page->cells / 11);
    int64_t ticks = page->picture->length / tick;
    int free = 0;

    memset(times, ' ', sizeof times);
    memset(ruler, '-', sizeof ruler);
    for (int64_t i = 0; i <= ticks; i++) {
        int64_t at = i * tick; /* counted: the next may be too much */
        int cell = picture_scale(page->picture, at, page->cells - 1);
        int length = (int)strlen(picture_time(page->picture, at, text));
        int start = cell + length > page->cells ? page->cells - length
                                                : cell;

        ruler[cell] = '|';
        if (start < free)
            continue;
        memcpy(times + start, text, (size_t)length);
        free = start + length + 1;
    }
    put_indent(page, page->names + 2);
    fprintf(page->out, "%.*s\n", free - 1, times);
    put_indent(page, page->names + 2);
    fprintf(page->out, "%.*s\n", page->cells, ruler);
}

static void put_word(const struct page *page, enum trace_kind kind)
{
    fprintf(page->out, "%s %s", glyphs[page->utf8][kind],
            picture_words[kind]);
}

/* In lines of `columns`: how many words the last one has. Written only if
 * `draw`. */
static int put_legend(const struct page *page, int columns, bool draw)
{
    const bool *used = page->picture->used;
    static const unsigned char order[] = {
        TRACE_RUNNING, TRACE_TIMER, TRACE_FD, TRACE_TASKS, TRACE_POLL,
        TRACE_FIRED, TRACE_READY, TRACE_BOTH, TRACE_DONE, TRACE_ERROR,
        TRACE_CANCELLED
    };
    int words = 0, at = 0;

    for (size_t i = 0; i < sizeof order; i++) {
        enum trace_kind kind = (enum trace_kind)order[i];
        int length = 2 + (int)strlen(picture_words[kind]);
        bool fits = at + 3 + length <= columns;

        if (!used[kind] && (kind != TRACE_BOTH || !used[TRACE_FIRED]
                            || !used[TRACE_READY]))
            continue;
        if (draw && at > 0)
            fputs(fits ? "   " : "\n", page->out);
        words = at > 0 && fits ? words + 1 : 1;
        at = at > 0 && fits ? at + 3 + length : length;
        if (draw)
            put_word(page, kind);
    }
    if (draw)
        putc('\n', page->out);
    return words;
}

/* A last word that stands alone gets company from the line above. */
static void put_even_legend(const struct page *page)
{
    int columns = COLUMNS;

    while (columns > COLUMNS / 2 && put_legend(page, columns, false) == 1)
        columns--;
    put_legend(page, columns, true);
}

static bool error_fits(const struct page *page, size_t row, int columns)
{
    const struct picture *picture = page->picture;
    const char *name = picture_error(picture, row);
    int room = label_put(NULL, name, PICTURE_ERROR, form(page));

    if (room == 0)
        return true;
    return picture_scale(picture, picture_at(picture, picture_end(picture,
        row)->from), page->cells - 1) + 2 + room <= columns;
}

/* Time gets what names leave of a line; less if it takes that to say which
 * error it was behind a row that ends far to the right. */
static void measure_cells(struct page *page)
{
    int columns = COLUMNS - 2 - page->names;

    page->cells = columns;
    for (size_t i = 0; i < page->picture->count; i++)
        while (!error_fits(page, page->picture->rows[i].row, columns))
            page->cells--;
}

/* As wide as the widest name, so that short names leave room for time. */
static void measure(struct page *page)
{
    for (size_t i = 0; i < page->picture->count; i++) {
        const struct picture_row *row = &page->picture->rows[i];
        int columns = label_put(NULL, row->name, INT_MAX, form(page))
            + (int)strlen(row->tail);

        if (columns > page->names)
            page->names = columns;
    }
    if (page->names > NAME_COLUMNS)
        page->names = NAME_COLUMNS;
    measure_cells(page);
}

int trace_text(const struct trace *trace, FILE *out, bool utf8)
{
    struct picture picture;
    struct page page = { &picture, out, utf8, 0, 0 };
    char text[80];
    const char *remark;

    picture_make(&picture, trace);
    measure(&page);
    picture_summary(&picture, out);
    putc('\n', out);
    put_axis(&page);
    for (size_t i = 0; i < picture.count; i++)
        put_row(&page, &picture.rows[i]);
    put_even_legend(&page);
    remark = picture_remark(&picture, 0, text);
    for (int n = 1; remark != NULL; n++) {
        fprintf(out, "%s\n", remark);
        remark = picture_remark(&picture, n, text);
    }
    return ferror(out) ? EIO : 0;
}
