/* picture.h - what text and SVG have in common: which rows to draw, where
 * on the axis a moment lies, and what a row looks like in n cells.
 */
#ifndef LAB_PICTURE_H
#define LAB_PICTURE_H

#include "trace/trace.h"

/* What fits on a page, the loop's row included. */
enum { PICTURE_ROWS = 24, PICTURE_NAME = 80, PICTURE_TIME = 32 };

/* An error's name is cut after so many: "ServerDisconnectedError" is not. */
enum { PICTURE_ERROR = 24 };

struct picture_row {
    size_t row;              /* of the trace: the first of these */
    size_t count;            /* how many look like it            */
    int64_t low, high;       /* the numbers their names end in   */
    bool numbered;           /* ... and they differ in no more   */
    bool mixed;              /* not all of one name              */
    char name[PICTURE_NAME]; /* "fetch 13-112"                   */
    char tail[24];           /* " x100", or nothing              */
};

struct picture {
    const struct trace *trace;
    int64_t length; /* of the axis, at least 1              */
    bool in_order;  /* no time passed: it counts the events */
    bool folded;
    size_t left_out; /* tasks in no row */
    size_t count;
    struct picture_row rows[PICTURE_ROWS];
    bool used[TRACE_KINDS];
};

void picture_make(struct picture *picture, const struct trace *trace);

/* A stamp's place on the axis, 0..length. */
int64_t picture_at(const struct picture *picture, struct trace_stamp stamp);

/* ... and on one of `n` units, 0..n. */
int picture_scale(const struct picture *picture, int64_t at, int n);

/* A span, or a mark. */
static inline bool item_is_span(const struct trace_item *item)
{
    return item->kind >= TRACE_POLL && item->kind <= TRACE_RUNNING;
}

/* When it ended; what is open ends now. */
struct trace_stamp item_end(const struct trace *trace,
                            const struct trace_item *item);

/* Fills cells[0..n) with enum trace_kind; n >= 2. */
void picture_cells(const struct picture *picture, size_t row,
                   unsigned char *cells, int n);

/* The distance of ticks: 1, 2 or 5 and zeros, so that `n` are enough. */
int64_t picture_tick(const struct picture *picture, int n);

/* "1.5 s", "250 ms"; a plain number if the axis counts events. */
const char *picture_time(const struct picture *picture, int64_t at,
                         char text[static PICTURE_TIME]);

/* "3 tasks, 7 steps, 2.5 s of virtual time". */
void picture_summary(const struct picture *picture, FILE *out);

/* What a reader has to know beyond the legend; NULL: no n-th remark. */
const char *picture_remark(const struct picture *picture, int n,
                           char text[static 80]);

/* The mark that ended the row's task, or NULL. */
const struct trace_item *picture_end(const struct picture *picture,
                                     size_t row);

/* The name of the error that ended it; "" if none did, or one without. */
const char *picture_error(const struct picture *picture, size_t row);

extern const char *const picture_words[TRACE_KINDS];

#endif
