/* trace.h - a picture of what the loop did.
 *
 * The recorder hangs on the loop's hook and keeps, for the loop and for
 * each task, what it was doing from when to when. Afterwards the same
 * record is drawn three times: as text, as SVG, as Chrome trace JSON.
 *
 *     loop  #________t________t________t    # running   _ in poll
 *     main  #--------#--------#--------*    . - ~ awaiting timer, tasks, fd
 *
 * The same run gives the same bytes: no addresses, no calendar, no locale.
 * With virtual time a step takes no time: it is drawn as a tick.
 */
#ifndef LAB_TRACE_H
#define LAB_TRACE_H

#include "loop/loop.h"

#include <stdio.h>

/* What a row can show. In one cell of a text picture the last one wins. */
enum trace_kind {
    TRACE_NONE,
    TRACE_CANCEL, /* mark: a cancellation was requested; JSON only       */
    TRACE_POLL,   /* the loop: blocked in poll                           */
    TRACE_TASKS,  /* awaiting a task, a gather, a plain future           */
    TRACE_TIMER,  /* awaiting a timer                                    */
    TRACE_FD,     /* awaiting readiness of a descriptor                  */
    TRACE_RUNNING,
    TRACE_FIRED,  /* mark, on the loop: a timer was due                  */
    TRACE_READY,  /* mark, on the loop: a descriptor became ready        */
    TRACE_BOTH,   /* both in one cell; never recorded                    */
    TRACE_DONE,   /* mark: the task returned                             */
    TRACE_CANCELLED,
    TRACE_ERROR,
    TRACE_KINDS
};

/* A moment: its time, and how many steps and polls were over by then. */
struct trace_stamp {
    int64_t ns;
    uint32_t order;
};

/* A span, or a mark if `from` is `to`. */
struct trace_item {
    struct trace_stamp from, to;
    uint32_t next;   /* the row's next item; 0: none            */
    short kind;      /* enum trace_kind                         */
    bool open;       /* not over: reaches to the record's end   */
    int detail;      /* fd; error code; row of the awaited task */
};

struct trace_row {
    char *name;
    char *error;             /* what its own world calls the error that
                              * ended it; NULL: as error_name does */
    const struct task *task; /* to tell them apart; never followed */
    struct trace_stamp from, to;
    bool over;
    uint32_t first, last; /* items, oldest first; 0: none */
    uint32_t span;        /* the last of them that is no mark */
    size_t span_count;
};

struct trace {
    struct loop_hook hook;  /* first                              */
    struct loop_hook *next; /* who listened before; told after us */
    struct loop *loop;
    struct trace_row *rows; /* [0] is the loop's own              */
    size_t row_count, row_capacity;
    struct trace_item *items; /* [0] takes what found no room     */
    size_t item_count, item_capacity;
    uint32_t *index; /* hash of tasks: row, or 0 */
    size_t index_capacity;
    struct trace_stamp start, now;
    size_t steps;
    size_t limit;      /* items to keep at most; may be set after open */
    size_t lost;       /* events not kept: no memory, or the limit     */
    bool virtual_time;
    bool polled;       /* out of poll, and nothing has run yet */
};

/* Starts recording; tasks that exist already get their rows. 0, or ENOMEM
 * and nothing is attached. Events that find no memory later are dropped,
 * and so are all after them: the picture says how many. Other hooks that
 * are set on the loop later must be taken off before trace_close. */
int trace_open(struct trace *trace, struct loop *loop);

/* Stops recording and frees the record. Idempotent. The loop may be closed
 * by then, but its storage must still be there. */
void trace_close(struct trace *trace);

/* `task`, whose end is recorded, ended with an error that its program calls
 * `error`: "ValueError" for Python. Pictures show that in place of a name
 * of ours. Copied; nothing changes without memory. */
void trace_call_error(struct trace *trace, const struct task *task,
                      const char *error);

/* The three below draw what was recorded so far, at any time before
 * trace_close, tasks gone or not. They return 0, or EIO if `out` did not
 * take all of it. In text and SVG, more than 24 rows are folded: rows that
 * look alike become one with a count, drawn as the first of them. If no
 * time passed at all (sockets and virtual time), the axis counts steps and
 * polls in their order instead. */

/* At most 76 columns; ASCII only, unless `utf8`. */
int trace_text(const struct trace *trace, FILE *out, bool utf8);

/* One <svg> element, 760 wide, at most 60 KB, for light and dark. `id` makes
 * its ids and classes unique in a page; all but letters, digits, - and _
 * becomes -. `title` is shown, `description` is read aloud; both may hold
 * any characters, bad UTF-8 included. */
int trace_svg(const struct trace *trace, FILE *out, const char *id,
              const char *title, const char *description);

/* Chrome's trace event format, for ui.perfetto.dev: all rows, unfolded, one
 * thread each, one event a line. A task is one slice, and what it did lies
 * inside it. */
int trace_json(const struct trace *trace, FILE *out);

#endif
