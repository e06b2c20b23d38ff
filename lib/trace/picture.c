/* picture.c - the model between the record and its renderers.
 *
 * Folding: rows that look the same in n cells become one. n starts at what
 * the text picture has; as long as there are too many rows left, it is
 * about halved, so "similar" becomes no wider than it has to. The last
 * resort is what a row does at all, and how it ends.
 */
#include "trace/picture.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

enum { MOST_CELLS = 56 };

const char *const picture_words[TRACE_KINDS] = {
    [TRACE_NONE] = "", [TRACE_CANCEL] = "cancel requested",
    [TRACE_POLL] = "blocked in poll", [TRACE_TASKS] = "awaiting tasks",
    [TRACE_TIMER] = "awaiting timer", [TRACE_FD] = "awaiting fd",
    [TRACE_RUNNING] = "running", [TRACE_FIRED] = "timer fired",
    [TRACE_READY] = "fd ready", [TRACE_BOTH] = "timer and fd",
    [TRACE_DONE] = "done", [TRACE_CANCELLED] = "cancelled",
    [TRACE_ERROR] = "error"
};

int64_t picture_at(const struct picture *picture, struct trace_stamp stamp)
{
    return picture->in_order ? (int64_t)stamp.order
                             : stamp.ns - picture->trace->start.ns;
}

int picture_scale(const struct picture *picture, int64_t at, int n)
{
    int64_t length = picture->length;

    /* at * n must fit; a run of 12 days loses the last bit of a ns. */
    while (length > INT64_MAX / 8192) {
        length /= 2;
        at /= 2;
    }
    return (int)(at * n / length);
}

struct trace_stamp item_end(const struct trace *trace,
                            const struct trace_item *item)
{
    return item->open ? trace->now : item->to;
}

/* The larger kind wins a cell; the two marks of the loop join. */
static void put_cell(unsigned char *cell, short kind)
{
    if ((*cell == TRACE_FIRED && kind == TRACE_READY)
        || (*cell == TRACE_READY && kind == TRACE_FIRED))
        *cell = TRACE_BOTH;
    else if (kind > *cell)
        *cell = (unsigned char)kind;
}

void picture_cells(const struct picture *picture, size_t row,
                   unsigned char *cells, int n)
{
    const struct trace *trace = picture->trace;
    uint32_t i = trace->rows[row].first;

    memset(cells, TRACE_NONE, (size_t)n);
    for (; i != 0; i = trace->items[i].next) {
        const struct trace_item *item = &trace->items[i];
        int64_t from = picture_at(picture, item->from);
        int64_t to = picture_at(picture, item_end(trace, item));
        int first = picture_scale(picture, from, n - 1);
        int last = picture_scale(picture, to, n - 1);

        if (item->kind == TRACE_CANCEL)
            continue;
        /* The end is where the next span begins. */
        last -= last > first;
        for (int at = first; at <= last; at++)
            put_cell(&cells[at], item->kind);
    }
}

int64_t picture_tick(const struct picture *picture, int n)
{
    int64_t tick = 1;

    while (picture->length / tick > n) {
        if (picture->length / tick / 2 <= n)
            return tick * 2;
        if (picture->length / tick / 5 <= n)
            return tick * 5;
        tick *= 10;
    }
    return tick;
}

const char *picture_time(const struct picture *picture, int64_t at,
                         char text[static PICTURE_TIME])
{
    static const char *const names[] = { "ns", "us", "ms", "s" };
    int64_t unit = 1, left;
    int n, name = 0;

    if (picture->in_order) {
        snprintf(text, PICTURE_TIME, "%" PRId64, at);
        return text;
    }
    for (; name < 3 && picture->length / unit >= 1000; name++)
        unit *= 1000;
    /* Three digits more than the unit; a tick never has as many. */
    left = unit < 1000 ? 0 : at % unit - at % (unit / 1000);
    n = snprintf(text, PICTURE_TIME, "%" PRId64, at / unit);
    if (left != 0)
        text[n++] = '.';
    for (; left != 0; left %= unit) {
        unit /= 10;
        text[n++] = (char)('0' + left / unit);
    }
    snprintf(text + n, (size_t)(PICTURE_TIME - n), " %s", names[name]);
    return text;
}

/* What a row looks like from far away: `cells` of them, or for 0 one cell
 * for each kind of thing that it does. */
static void look(const struct picture *picture, size_t row, int cells,
                 unsigned char *out)
{
    const struct trace *trace = picture->trace;
    uint32_t i = trace->rows[row].first;

    assert(cells <= MOST_CELLS && (int)TRACE_KINDS <= MOST_CELLS);
    memset(out, 0, MOST_CELLS);
    if (cells > 0)
        picture_cells(picture, row, out, cells);
    for (; cells == 0 && i != 0; i = trace->items[i].next)
        out[trace->items[i].kind] = trace->items[i].kind != TRACE_CANCEL;
}

/* The name's length without the digits at its end, and those as a number;
 * false if there are none, or too many. */
static bool split_number(const char *name, size_t *stem, int64_t *number)
{
    size_t length = strlen(name);

    *number = 0;
    for (*stem = length; *stem > 0; (*stem)--)
        if (name[*stem - 1] < '0' || name[*stem - 1] > '9')
            break;
    for (size_t i = *stem; i < length && length - *stem <= 18; i++)
        *number = 10 * *number + (name[i] - '0');
    return length > *stem && length - *stem <= 18;
}

static void new_row(struct picture *picture, size_t row)
{
    struct picture_row *r = &picture->rows[picture->count];
    size_t stem;

    assert(picture->count < PICTURE_ROWS);
    *r = (struct picture_row){ .row = row, .count = 1 };
    r->numbered = split_number(picture->trace->rows[row].name, &stem,
                               &r->low);
    r->high = r->low;
    picture->count++;
}

static void join_row(const struct picture *picture, struct picture_row *r,
                     size_t row)
{
    const char *first = picture->trace->rows[r->row].name;
    const char *name = picture->trace->rows[row].name;
    size_t stem, other;
    int64_t number, ignored;

    r->count++;
    r->mixed = r->mixed || strcmp(first, name) != 0;
    r->numbered = split_number(name, &stem, &number) && r->numbered
        && split_number(first, &other, &ignored) && stem == other
        && strncmp(first, name, stem) == 0;
    if (number < r->low)
        r->low = number;
    if (number > r->high)
        r->high = number;
}

/* Groups all tasks by their look; false if there are too many groups, and
 * then, if `leave_out`, the rest is in no row. */
static bool group(struct picture *picture, int cells, bool leave_out)
{
    unsigned char looks[PICTURE_ROWS][MOST_CELLS], mine[MOST_CELLS];
    size_t at;

    picture->count = 0;
    new_row(picture, 0);
    for (size_t row = 1; row < picture->trace->row_count; row++) {
        look(picture, row, cells, mine);
        for (at = 1; at < picture->count; at++)
            if (memcmp(looks[at], mine, sizeof mine) == 0)
                break;
        if (at < picture->count) {
            join_row(picture, &picture->rows[at], row);
        } else if (at < PICTURE_ROWS) {
            memcpy(looks[at], mine, sizeof mine);
            new_row(picture, row);
        } else if (leave_out) {
            picture->left_out++;
        } else {
            return false;
        }
    }
    return true;
}

static void fold(struct picture *picture)
{
    static const int cells[] = { MOST_CELLS, 28, 14, 8, 5, 3, 2, 0 };

    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
        if (group(picture, cells[i], cells[i] == 0))
            break;
    picture->folded = true;
}

/* "fetch 3", "fetch 3-9" if all between look so, "fetch 3..9" if some do,
 * "this, ..." if the names are unlike. */
static void name_row(const struct picture *picture, struct picture_row *r)
{
    const char *name = picture->trace->rows[r->row].name;
    bool all = r->high - r->low + 1 == (int64_t)r->count;
    size_t stem;
    int64_t ignored;

    split_number(name, &stem, &ignored);
    if (!r->mixed)
        snprintf(r->name, sizeof r->name, "%s", name);
    else if (r->numbered)
        snprintf(r->name, sizeof r->name, "%.*s%" PRId64 "%s%" PRId64,
                 (int)(stem < 36 ? stem : 36), name, r->low,
                 all ? "-" : "..", r->high);
    else
        snprintf(r->name, sizeof r->name, "%s, ...", name);
    if (r->count > 1)
        snprintf(r->tail, sizeof r->tail, " x%zu", r->count);
}

/* What the legend has to explain. */
static void find_used(struct picture *picture)
{
    const struct trace *trace = picture->trace;

    for (size_t row = 0; row < picture->count; row++) {
        uint32_t i = trace->rows[picture->rows[row].row].first;

        for (; i != 0; i = trace->items[i].next)
            picture->used[trace->items[i].kind] = true;
    }
}

void picture_make(struct picture *picture, const struct trace *trace)
{
    assert(trace->row_count > 0);
    *picture = (struct picture){ .trace = trace };
    picture->in_order = trace->now.ns == trace->start.ns;
    picture->length = picture_at(picture, trace->now);
    if (picture->length < 1)
        picture->length = 1;
    if (trace->row_count > PICTURE_ROWS)
        fold(picture);
    else
        for (size_t row = 0; row < trace->row_count; row++)
            new_row(picture, row);
    for (size_t row = 0; row < picture->count; row++)
        name_row(picture, &picture->rows[row]);
    find_used(picture);
}

const struct trace_item *picture_end(const struct picture *picture,
                                     size_t row)
{
    const struct trace *trace = picture->trace;

    return trace->rows[row].over ? &trace->items[trace->rows[row].last]
                                 : NULL;
}

const char *picture_error(const struct picture *picture, size_t row)
{
    const struct trace_item *end = picture_end(picture, row);
    const char *name = picture->trace->rows[row].error;

    if (end == NULL || end->kind != TRACE_ERROR)
        return "";
    if (name == NULL)
        name = error_name(end->detail);
    return strcmp(name, "errno") == 0 ? "" : name;
}

void picture_summary(const struct picture *picture, FILE *out)
{
    const struct trace *trace = picture->trace;
    size_t tasks = trace->row_count - 1;
    char text[PICTURE_TIME];

    fprintf(out, "%zu task%s, %zu step%s, ", tasks, tasks == 1 ? "" : "s",
            trace->steps, trace->steps == 1 ? "" : "s");
    if (picture->in_order)
        fprintf(out, "no time passed");
    else
        fprintf(out, "%s%s", picture_time(picture, picture->length, text),
                trace->virtual_time ? " of virtual time" : "");
}

const char *picture_remark(const struct picture *picture, int n,
                           char text[static 80])
{
    const struct trace *trace = picture->trace;

    if (picture->in_order && n-- == 0)
        return "the axis counts steps and polls, in their order";
    if (picture->folded && n-- == 0)
        return "rows that look alike are folded; the first one is drawn";
    if (picture->left_out > 0 && n-- == 0) {
        snprintf(text, 80, "%zu more tasks are not drawn",
                 picture->left_out);
        return text;
    }
    if (trace->lost > 0 && n-- == 0) {
        snprintf(text, 80, "the record ends here: no memory for %zu more "
                 "events", trace->lost);
        return text;
    }
    return NULL;
}
