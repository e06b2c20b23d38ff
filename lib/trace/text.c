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
    int used;         /* of the line        */
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

/* Which error it was, if there is room to say so. */
static void put_error(const struct page *page, const struct picture_row *row,
                      int room)
{
    int code;
    const char *name;

    if (picture_end(page->picture, row->row, &code) != TRACE_ERROR)
        return;
    name = picture_error(code);
    if (name[0] != '\0' && (int)strlen(name) < room)
        fprintf(page->out, " %s", name);
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
    put_error(page, row, page->cells - n);
    putc('\n', page->out);
}

/* Two lines: the times, and under each the cell it means. */
static void put_axis(const struct page *page)
{
    char times[COLUMNS + 1], ruler[COLUMNS + 1], text[PICTURE_TIME];
    int64_t tick = picture_tick(page->picture, page->cells / 11);
    int free = 0;

    memset(times, ' ', sizeof times);
    memset(ruler, '-', sizeof ruler);
    for (int64_t at = 0; at <= page->picture->length; at += tick) {
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

static void put_word(struct page *page, enum trace_kind kind)
{
    int length = 2 + (int)strlen(picture_words[kind]);

    if (page->used > 0 && page->used + 3 + length > COLUMNS) {
        putc('\n', page->out);
        page->used = 0;
    }
    if (page->used > 0)
        page->used += fprintf(page->out, "   ");
    fprintf(page->out, "%s %s", glyphs[page->utf8][kind],
            picture_words[kind]);
    page->used += length;
}

static void put_legend(struct page *page)
{
    const bool *used = page->picture->used;
    static const unsigned char order[] = {
        TRACE_RUNNING, TRACE_TIMER, TRACE_FD, TRACE_TASKS, TRACE_POLL,
        TRACE_FIRED, TRACE_READY, TRACE_BOTH, TRACE_DONE, TRACE_ERROR,
        TRACE_CANCELLED
    };

    for (size_t i = 0; i < sizeof order; i++)
        if (used[order[i]] || (order[i] == TRACE_BOTH && used[TRACE_FIRED]
                               && used[TRACE_READY]))
            put_word(page, (enum trace_kind)order[i]);
    putc('\n', page->out);
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
    page->cells = COLUMNS - 2 - page->names;
}

int trace_text(const struct trace *trace, FILE *out, bool utf8)
{
    struct picture picture;
    struct page page = { &picture, out, utf8, 0, 0, 0 };
    char text[80];
    const char *remark;

    picture_make(&picture, trace);
    measure(&page);
    picture_summary(&picture, out);
    putc('\n', out);
    put_axis(&page);
    for (size_t i = 0; i < picture.count; i++)
        put_row(&page, &picture.rows[i]);
    put_legend(&page);
    remark = picture_remark(&picture, 0, text);
    for (int n = 1; remark != NULL; n++) {
        fprintf(out, "%s\n", remark);
        remark = picture_remark(&picture, n, text);
    }
    return ferror(out) ? EIO : 0;
}
