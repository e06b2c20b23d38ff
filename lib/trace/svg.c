/* svg.c - the picture for a page: 760 wide, light and dark, no script.
 *
 *     title, summary
 *     name  |=====|   |=======|         one path for all spans of a kind,
 *     name  |=========|   v done        which keeps a big picture small
 *     legend, remarks
 *
 * Light colours are attributes, so that a viewer without CSS shows the
 * picture; <style> only says what is different in the dark. A span too
 * short to see is drawn SLIVER wide, and pushes what follows to the right
 * until its own time catches up: a burst reads in its order.
 */
#include "trace/label.h"
#include "trace/picture.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

enum {
    WIDTH = 760, MARGIN = 16, TOP = 84, /* of the first row        */
    PITCH = 26, BAR = 16,               /* of rows                 */
    RIGHT = 648,   /* of time: behind it is room for "cancelled"   */
    NAMES = 20,    /* columns of a name                            */
    SLIVER = 3, BURST = 15, /* how far a burst may push            */
    ENDS = 18,     /* from a row's end to its word                 */
    BOXES = 1500   /* at 20 bytes each, half of what 60 KB allow   */
};

/* Columns to pixels, in tenths: what the widest of the usual monospaced
 * fonts needs at 12 and at 11 px. */
#define NAME_PX(columns) ((columns) * 73 / 10)
#define WORD_PX(columns) ((columns) * 67 / 10)

struct look {
    const char *css;    /* class, and the word in a wide box */
    const char *fill[2], *stroke[2]; /* light, dark          */
    const char *more;   /* attributes */
};

#define ON(color, dark) { color, dark }
#define NO { "none", "none" }
#define THICK "stroke-width=\"2\""

static const struct look looks[TRACE_KINDS] = {
    [TRACE_POLL] = { "poll", ON("#eef1f4", "#1c222a"),
                     ON("#6e7781", "#8b949e"), "" },
    [TRACE_TASKS] = { "tasks", ON("#dceffb", "#10344a"),
                      ON("#3579a3", "#6cb6e8"),
                      "stroke-dasharray=\"12 4\"" },
    [TRACE_TIMER] = { "timer", ON("#cdebe1", "#0b3d30"),
                      ON("#00795a", "#2dc79b"),
                      "stroke-dasharray=\"5 3\"" },
    [TRACE_FD] = { "fd", ON("#fde7b8", "#4a3300"), ON("#9a6700", "#e69f00"),
                   "stroke-dasharray=\"1 2\"" },
    [TRACE_RUNNING] = { "running", ON("#0072b2", "#56b4e9"),
                        ON("#0072b2", "#56b4e9"), "" },
    [TRACE_FIRED] = { "fired", ON("#00795a", "#2dc79b"), NO, "" },
    [TRACE_READY] = { "ready", ON("#9a6700", "#e69f00"), NO, "" },
    [TRACE_DONE] = { "done", NO, ON("#00795a", "#2dc79b"), THICK },
    [TRACE_CANCELLED] = { "cancelled", NO, ON("#a03e78", "#e79fc8"), THICK },
    [TRACE_ERROR] = { "error", NO, ON("#c04a00", "#ff8a3d"), THICK }
};

/* Words and paper are no kinds, but change in the dark like them. */
static const struct look ink = { "ink", ON("#1f2328", "#f0f6fc"), NO, "" };
static const struct look card = { "card", ON("#fff", "#0d1117"), NO, "" };
static const struct look grid = { "grid", NO, ON("#1f2328", "#f0f6fc"),
                                  "stroke-opacity=\".13\"" };

struct box {
    short x, width;
    unsigned char kind, row;
};

struct page {
    struct picture picture;
    FILE *out;
    const char *id;
    int left, right; /* where time begins and ends */
    size_t box_count;
    struct box boxes[BOXES];
    int ends[PICTURE_ROWS]; /* where each row's drawing ends */
};

static int row_y(size_t row)
{
    return TOP + PITCH * (int)row;
}

static int x_of(const struct page *page, struct trace_stamp stamp)
{
    return page->left + picture_scale(&page->picture,
                                      picture_at(&page->picture, stamp),
                                      page->right - page->left);
}

/* An id may stand in CSS: a letter first, then letters, digits, - and _. */
static void put_id(const struct page *page, const char *part)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyz"
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

    fputs("t-", page->out);
    for (const char *s = page->id; *s != '\0'; s++)
        putc(strchr(good, *s) != NULL ? *s : '-', page->out);
    fprintf(page->out, "-%s", part);
}

static void put_class(const struct page *page, const struct look *look)
{
    fputs(" class=\"", page->out);
    put_id(page, look->css);
    fprintf(page->out, "\" fill=\"%s\"", look->fill[0]);
    if (strcmp(look->stroke[0], "none") != 0)
        fprintf(page->out, " stroke=\"%s\"", look->stroke[0]);
    if (look->more[0] != '\0')
        fprintf(page->out, " %s", look->more);
}

static void put_dark(const struct page *page, const struct look *look)
{
    if (look->css == NULL)
        return;
    putc('.', page->out);
    put_id(page, look->css);
    fprintf(page->out, "{fill:%s;stroke:%s}\n", look->fill[1],
            look->stroke[1]);
}

static void put_style(const struct page *page)
{
    fputs("<style>@media (prefers-color-scheme:dark){\n", page->out);
    for (int kind = 0; kind < TRACE_KINDS; kind++)
        put_dark(page, &looks[kind]);
    put_dark(page, &ink);
    put_dark(page, &card);
    put_dark(page, &grid);
    fputs("}</style>\n", page->out);
}

static void put_head(const struct page *page, int height, const char *title,
                     const char *description)
{
    FILE *out = page->out;

    fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
            "height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\" "
            "aria-labelledby=\"", WIDTH, height, WIDTH, height);
    put_id(page, "title ");
    put_id(page, "desc");
    fputs("\" font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,"
          "'DejaVu Sans Mono',monospace\" font-size=\"12\">\n<title id=\"",
          out);
    put_id(page, "title\">");
    label_put(out, title, INT_MAX, LABEL_XML);
    fputs("</title>\n<desc id=\"", out);
    put_id(page, "desc\">");
    label_put(out, description, INT_MAX, LABEL_XML);
    fputs("</desc>\n", out);
    put_style(page);
    fprintf(out, "<rect width=\"%d\" height=\"%d\" rx=\"8\"", WIDTH, height);
    put_class(page, &card);
    fputs("/>\n<g", out);
    put_class(page, &ink);
    fprintf(out, ">\n<text x=\"%d\" y=\"28\" font-size=\"14\" "
            "font-weight=\"bold\">", MARGIN);
    label_put(out, title, 84, LABEL_XML);
    fprintf(out, "</text>\n<text x=\"%d\" y=\"47\" font-size=\"11\">",
            MARGIN);
    picture_summary(&page->picture, out);
    fputs("</text>\n</g>\n", out);
}

static void put_axis(const struct page *page, int bottom)
{
    const struct picture *picture = &page->picture;
    int64_t tick = picture_tick(picture, (page->right - page->left) / 70);
    int64_t ticks = picture->length / tick; /* the next may be too much */
    char text[PICTURE_TIME];

    fputs("<path", page->out);
    put_class(page, &grid);
    fputs(" transform=\"translate(.5)\" d=\"", page->out);
    for (int64_t i = 0; i <= ticks; i++)
        fprintf(page->out, "M%d %dV%d", page->left + picture_scale(
                picture, i * tick, page->right - page->left), TOP - 10, bottom);
    fputs("\"/>\n<g font-size=\"11\" text-anchor=\"middle\"", page->out);
    put_class(page, &ink);
    fputs(">\n", page->out);
    for (int64_t i = 0; i <= ticks; i++)
        fprintf(page->out, "<text x=\"%d\" y=\"%d\">%s</text>\n",
                page->left + picture_scale(picture, i * tick,
                page->right - page->left), TOP - 15,
                picture_time(picture, i * tick, text));
    fputs("</g>\n", page->out);
}

/* The shortest a span is drawn: a crowded row is drawn coarser, so that
 * `room` boxes suffice to its end. */
static int shortest(const struct page *page, size_t row, int room)
{
    int coarse = (page->right + BURST - page->left) / room + 1;

    if (page->picture.trace->rows[row].span_count <= (size_t)room)
        return SLIVER;
    return coarse > SLIVER ? coarse : SLIVER;
}

/* True if a span that would be a sliver is better left out: it would be
 * pushed too far from its time, or go on with what the last one shows. */
static bool is_crowded(int pushed, short kind, const struct box *last)
{
    return pushed > BURST || (pushed > 0 && last->kind == kind);
}

/* Puts the row's spans side by side; `room` boxes at most. */
static void lay_out(struct page *page, size_t at, int room)
{
    const struct trace *trace = page->picture.trace;
    size_t row = page->picture.rows[at].row;
    int least = shortest(page, row, room), x = page->left, left = room;
    struct box box = { .row = (unsigned char)at };

    for (uint32_t i = trace->rows[row].first; i != 0 && left > 0;
         i = trace->items[i].next) {
        const struct trace_item *item = &trace->items[i];
        int from = x_of(page, item->from);
        int to = x_of(page, item_end(trace, item));
        int start = from > x ? from : x;

        if (!item_is_span(item)
            || (to - start < least
                && is_crowded(start - from, item->kind, &box)))
            continue;
        x = to - start > least ? to : start + least;
        box.x = (short)start;
        box.width = (short)(x - start);
        box.kind = (unsigned char)item->kind;
        page->boxes[page->box_count] = box;
        page->box_count++;
        left--;
    }
    page->ends[at] = x;
}

/* Outlines are drawn on the middle of pixels: crisp, and inside the box. */
static void put_box(const struct page *page, int x, int y, int w, int h)
{
    fprintf(page->out, "M%d %dh%dv%dh-%dz", x, y, w - 1, h - 1, w - 1);
}

static void open_path(const struct page *page, enum trace_kind kind)
{
    fputs("<path", page->out);
    put_class(page, &looks[kind]);
    fputs(" transform=\"translate(.5 .5)\" d=\"", page->out);
}

static void put_boxes(const struct page *page, enum trace_kind kind)
{
    bool any = false;

    for (size_t i = 0; i < page->box_count; i++) {
        const struct box *box = &page->boxes[i];

        if (box->kind != kind)
            continue;
        if (!any)
            open_path(page, kind);
        any = true;
        put_box(page, box->x, row_y(box->row), box->width, BAR);
    }
    if (any)
        fputs("\"/>\n", page->out);
}

static void put_words(const struct page *page, bool on_running)
{
    fputs("<g font-size=\"11\" text-anchor=\"middle\"", page->out);
    put_class(page, on_running ? &card : &ink);
    fputs(">\n", page->out);
    for (size_t i = 0; i < page->box_count; i++) {
        const struct box *box = &page->boxes[i];
        const char *word = looks[box->kind].css;

        if (on_running == (box->kind == TRACE_RUNNING)
            && box->width >= WORD_PX((int)strlen(word)) + 10)
            fprintf(page->out, "<text x=\"%d\" y=\"%d\">%s</text>\n",
                    box->x + box->width / 2, row_y(box->row) + 12, word);
    }
    fputs("</g>\n", page->out);
}

/* One mark's path, its middle at x, y. */
static void put_mark(const struct page *page, enum trace_kind kind, int x,
                     int y)
{
    if (kind == TRACE_FIRED)
        fprintf(page->out, "M%d %dh8l-4 7z", x - 4, y - 3);
    else if (kind == TRACE_READY)
        fprintf(page->out, "M%d %dl4 4-4 4-4-4z", x, y - 4);
    else if (kind == TRACE_DONE)
        fprintf(page->out, "M%d %dl3 3 6-7", x - 4, y);
    else if (kind == TRACE_ERROR)
        fprintf(page->out, "M%d %dl8 8m0-8l-8 8", x - 4, y - 4);
    else
        fprintf(page->out, "M%d %da5 5 0 1 0 10 0a5 5 0 1 0-10 0m2 3l6-6",
                x - 5, y);
}

/* The loop's marks: timers above its bar, descriptors below. */
static void put_loop_marks(const struct page *page, enum trace_kind kind)
{
    const struct trace *trace = page->picture.trace;
    int y = kind == TRACE_FIRED ? TOP - 3 : TOP + BAR + 3, before = -WIDTH;

    open_path(page, kind);
    for (uint32_t i = trace->rows[0].first; i != 0;
         i = trace->items[i].next) {
        int x = x_of(page, trace->items[i].from);

        if (trace->items[i].kind != (short)kind || x < before + 9)
            continue;
        put_mark(page, kind, x, y);
        before = x;
    }
    fputs("\"/>\n", page->out);
}

static void put_ends(const struct page *page, enum trace_kind kind)
{
    open_path(page, kind);
    for (size_t i = 1; i < page->picture.count; i++) {
        const struct trace_item *end = picture_end(
            &page->picture, page->picture.rows[i].row);

        if (end != NULL && end->kind == (short)kind)
            put_mark(page, kind, page->ends[i] + 9, row_y(i) + BAR / 2);
    }
    fputs("\"/>\n", page->out);
}

static void put_end_words(const struct page *page)
{
    fputs("<g font-size=\"11\"", page->out);
    put_class(page, &ink);
    fputs(">\n", page->out);
    for (size_t i = 1; i < page->picture.count; i++) {
        size_t row = page->picture.rows[i].row;
        const struct trace_item *end = picture_end(&page->picture, row);
        const char *name = picture_error(&page->picture, row);

        if (end == NULL)
            continue;
        fprintf(page->out, "<text x=\"%d\" y=\"%d\">%s%s",
                page->ends[i] + ENDS, row_y(i) + 12,
                picture_words[end->kind], name[0] != '\0' ? " " : "");
        label_put(page->out, name, PICTURE_ERROR, LABEL_XML);
        fputs("</text>\n", page->out);
    }
    fputs("</g>\n", page->out);
}

static void put_names(const struct page *page)
{
    const struct picture *picture = &page->picture;

    fputs("<g", page->out);
    put_class(page, &ink);
    fputs(">\n", page->out);
    for (size_t i = 0; i < picture->count; i++) {
        const struct picture_row *row = &picture->rows[i];

        fprintf(page->out, "<text x=\"%d\" y=\"%d\">", MARGIN,
                row_y(i) + 12);
        label_put(page->out, row->name, NAMES - (int)strlen(row->tail),
                  LABEL_XML);
        fprintf(page->out, "%s</text>\n", row->tail);
    }
    fputs("</g>\n", page->out);
}

static void put_swatch(const struct page *page, enum trace_kind kind, int x,
                       int y)
{
    open_path(page, kind);
    if (kind <= TRACE_RUNNING)
        put_box(page, x, y - 10, 22, 12);
    else
        put_mark(page, kind, x + 12, y - 4);
    fputs("\"/>\n<text font-size=\"11\"", page->out);
    put_class(page, &ink);
    fprintf(page->out, " x=\"%d\" y=\"%d\">%s</text>\n", x + 28, y,
            picture_words[kind]);
}

/* One line of the legend, from x on: where the next swatch may begin. */
static int put_swatches(const struct page *page, const unsigned char *kinds,
                        int x, int y, bool draw)
{
    for (; *kinds != TRACE_NONE; kinds++) {
        enum trace_kind kind = (enum trace_kind)*kinds;

        if (!page->picture.used[kind])
            continue;
        if (draw)
            put_swatch(page, kind, x, y);
        x += 28 + WORD_PX((int)strlen(picture_words[kind])) + 16;
    }
    return x;
}

/* Draws it, or only measures if !draw: the y below it. What does not fit on
 * one line is two: bars, then marks; all of either kind fit on theirs. */
static int put_legend(const struct page *page, int y, bool draw)
{
    static const unsigned char bars[] = {
        TRACE_RUNNING, TRACE_TIMER, TRACE_FD, TRACE_TASKS, TRACE_POLL,
        TRACE_NONE
    };
    static const unsigned char marks[] = {
        TRACE_FIRED, TRACE_READY, TRACE_DONE, TRACE_ERROR, TRACE_CANCELLED,
        TRACE_NONE
    };
    int x = put_swatches(page, bars, MARGIN, y, draw);

    if (put_swatches(page, marks, x, y, false) - 16 > WIDTH - MARGIN) {
        x = MARGIN;
        y += 20;
    }
    put_swatches(page, marks, x, y, draw);
    return y + 20;
}

static int put_remarks(const struct page *page, int y, bool draw)
{
    char text[80];
    const char *remark = picture_remark(&page->picture, 0, text);

    for (int n = 1; remark != NULL; n++) {
        if (draw) {
            fputs("<text font-size=\"11\"", page->out);
            put_class(page, &ink);
            fprintf(page->out, " x=\"%d\" y=\"%d\">%s</text>\n", MARGIN, y,
                    remark);
        }
        y += 18;
        remark = picture_remark(&page->picture, n, text);
    }
    return y;
}

/* Is there room for the word behind the row, wherever a burst pushes it? */
static bool end_fits(const struct page *page, size_t row)
{
    const struct trace_item *end = picture_end(&page->picture, row);
    int columns = label_put(NULL, picture_error(&page->picture, row),
                            PICTURE_ERROR, LABEL_XML);

    if (end == NULL)
        return true;
    columns += (int)strlen(picture_words[end->kind]) + (columns > 0);
    return x_of(page, end->from) + BURST + SLIVER + ENDS + WORD_PX(columns)
        <= WIDTH - MARGIN / 2;
}

static void measure(struct page *page)
{
    const struct picture *picture = &page->picture;
    int widest = 0, columns;

    for (size_t i = 0; i < picture->count; i++) {
        columns = label_put(NULL, picture->rows[i].name, INT_MAX, LABEL_XML)
            + (int)strlen(picture->rows[i].tail);
        if (columns > widest)
            widest = columns;
    }
    if (widest > NAMES)
        widest = NAMES;
    page->left = MARGIN + NAME_PX(widest) + 20;
    page->right = RIGHT;
    for (size_t i = 1; i < picture->count; i++)
        while (!end_fits(page, picture->rows[i].row))
            page->right--;
    for (size_t i = 0; i < picture->count; i++)
        lay_out(page, i, BOXES / (int)picture->count);
}

static void draw(struct page *page, const char *title,
                 const char *description)
{
    static const unsigned char spans[] = {
        TRACE_POLL, TRACE_TASKS, TRACE_TIMER, TRACE_FD, TRACE_RUNNING
    };
    static const unsigned char ends[] = {
        TRACE_DONE, TRACE_ERROR, TRACE_CANCELLED
    };
    int bottom = row_y(page->picture.count);
    int legend = bottom + 20;
    int remarks = put_legend(page, legend, false);

    put_head(page, put_remarks(page, remarks, false), title, description);
    put_axis(page, bottom);
    put_names(page);
    for (size_t i = 0; i < sizeof spans; i++)
        put_boxes(page, (enum trace_kind)spans[i]);
    put_words(page, false);
    put_words(page, true);
    put_loop_marks(page, TRACE_FIRED);
    put_loop_marks(page, TRACE_READY);
    for (size_t i = 0; i < sizeof ends; i++)
        put_ends(page, (enum trace_kind)ends[i]);
    put_end_words(page);
    put_legend(page, legend, true);
    put_remarks(page, remarks, true);
    fputs("</svg>\n", page->out);
}

int trace_svg(const struct trace *trace, FILE *out, const char *id,
              const char *title, const char *description)
{
    struct page page = { .out = out, .id = id };

    picture_make(&page.picture, trace);
    measure(&page);
    draw(&page, title, description);
    return ferror(out) ? EIO : 0;
}
