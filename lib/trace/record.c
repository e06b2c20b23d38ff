/* record.c - events in, rows of spans out.
 *
 * One growing array of items, chained per row, so that recording costs a
 * hash look-up and an append. Rows are found by the task's address; an
 * address that is used again by a new task simply gets a new row.
 *
 * The loop's own row needs some care under virtual time: there, poll takes
 * no time and the clock jumps after it, so the jump is what was waited.
 */
#include "trace/trace.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Makes room for one more element. 0 or ENOMEM, and *array is still valid. */
static int reserve(void **array, size_t *capacity, size_t count, size_t size)
{
    size_t more = *capacity == 0 ? 256 : 2 * *capacity;
    void *larger;

    if (count < *capacity)
        return 0;
    if (more > UINT32_MAX || more > SIZE_MAX / size)
        return ENOMEM;
    larger = realloc(*array, more * size);
    if (larger == NULL)
        return ENOMEM;
    *array = larger;
    *capacity = more;
    return 0;
}

/* Where `task` is in the index, or where it would go. */
static uint32_t *find(const struct trace *trace, const struct task *task)
{
    /* Knuth's multiplier spreads addresses, which end alike. */
    uint64_t hash = ((uint64_t)(uintptr_t)task >> 4) * 0x9e3779b97f4a7c15u;
    size_t mask = trace->index_capacity - 1;
    size_t at = (size_t)(hash >> 32) & mask;

    while (trace->index[at] != 0
           && trace->rows[trace->index[at]].task != task)
        at = (at + 1) & mask;
    return &trace->index[at];
}

/* Keeps the index at most half full: a search then takes two looks. */
static int grow_index(struct trace *trace)
{
    size_t capacity = trace->index_capacity == 0 ? 512
                                                 : 2 * trace->index_capacity;
    uint32_t *index;

    if (2 * trace->row_count < trace->index_capacity)
        return 0;
    index = calloc(capacity, sizeof *index);
    if (index == NULL)
        return ENOMEM;
    free(trace->index);
    trace->index = index;
    trace->index_capacity = capacity;
    for (size_t i = 1; i < trace->row_count; i++)
        *find(trace, trace->rows[i].task) = (uint32_t)i;
    return 0;
}

/* A picture shows 20 columns of a name; 60 bytes are enough for those. */
static char *copy_name(const char *name)
{
    size_t length = strnlen(name, 60);
    char *copy = malloc(length + 1);

    if (copy == NULL)
        return NULL;
    /* Cut between characters, not inside one. */
    while (length > 0 && name[length] != '\0'
           && ((unsigned char)name[length] & 0xc0) == 0x80)
        length--;
    memcpy(copy, name, length);
    copy[length] = '\0';
    return copy;
}

static int add_row(struct trace *trace, const struct task *task,
                   const char *name)
{
    void *rows = trace->rows;
    int code = reserve(&rows, &trace->row_capacity, trace->row_count,
                       sizeof *trace->rows);
    char *copy = code == 0 ? copy_name(name) : NULL;

    trace->rows = rows;
    if (copy == NULL || grow_index(trace) != 0) {
        free(copy);
        return ENOMEM;
    }
    trace->rows[trace->row_count] = (struct trace_row){
        .name = copy, .task = task, .from = trace->now
    };
    if (task != NULL)
        *find(trace, task) = (uint32_t)trace->row_count;
    trace->row_count++;
    return 0;
}

static struct trace_item *span_of(struct trace *trace, size_t row)
{
    return &trace->items[trace->rows[row].span];
}

static void close_span(struct trace *trace, size_t row)
{
    struct trace_item *span = span_of(trace, row);

    if (span->open)
        span->to = trace->now;
    span->open = false;
}

/* A mark, as it stands; begin() makes a span of it. */
static struct trace_item *mark(struct trace *trace, size_t row,
                               enum trace_kind kind, int detail)
{
    struct trace_row *r = &trace->rows[row];
    void *items = trace->items;
    uint32_t at = (uint32_t)trace->item_count;

    if (trace->item_count > trace->limit
        || reserve(&items, &trace->item_capacity, trace->item_count,
                   sizeof *trace->items) != 0) {
        trace->lost++;
        return &trace->items[0];
    }
    trace->items = items;
    trace->items[at] = (struct trace_item){
        .from = trace->now, .to = trace->now, .kind = (short)kind,
        .detail = detail
    };
    if (r->last == 0)
        r->first = at;
    else
        trace->items[r->last].next = at;
    r->last = at;
    trace->item_count++;
    return &trace->items[at];
}

/* Ends what the row was doing and begins something else. */
static struct trace_item *begin(struct trace *trace, size_t row,
                                enum trace_kind kind, int detail)
{
    struct trace_item *item;

    close_span(trace, row);
    item = mark(trace, row, kind, detail);
    if (item == &trace->items[0])
        return item;
    item->open = true;
    trace->rows[row].span = trace->rows[row].last;
    trace->rows[row].span_count++;
    return item;
}

static size_t row_of(const struct trace *trace, const struct task *task)
{
    return trace->index_capacity == 0 ? 0 : *find(trace, task);
}

/* Real time: the loop runs from poll's return to the next poll. Virtual:
 * what the clock jumped belongs to poll, called or not. */
static void wake_loop(struct trace *trace, const struct loop_event *event)
{
    bool jumped = trace->virtual_time && event->time_ns > trace->now.ns;
    struct trace_stamp woken;

    if (!jumped && (!trace->polled || event->kind == EVENT_POLL))
        return;
    if (!trace->polled)
        begin(trace, 0, TRACE_POLL, 0);
    if (jumped) {
        trace->now.ns = event->time_ns;
        span_of(trace, 0)->to = trace->now;
    }
    trace->polled = false;
    woken = span_of(trace, 0)->to;
    /* What passed between poll's return and this event, it ran. */
    begin(trace, 0, TRACE_RUNNING, 0)->from = woken;
}

static void poll_starts(struct trace *trace)
{
    if (trace->polled)
        span_of(trace, 0)->open = true; /* two polls, nothing between */
    else
        begin(trace, 0, TRACE_POLL, 0);
    trace->polled = false;
}

static void poll_ends(struct trace *trace)
{
    trace->now.order++;
    close_span(trace, 0);
    trace->polled = true;
}

/* CONTAINER, for what is not ours to change. */
static const struct watch *watch_of(const struct future *ready)
{
    return (const void *)((const char *)ready
                          - offsetof(struct watch, ready));
}

static void park(struct trace *trace, size_t row, const struct future *on)
{
    trace->now.order++;
    close_span(trace, row);
    if (on == NULL)
        return; /* it yielded: ready, neither running nor waiting */
    if (on->kind == FUTURE_TIMER)
        begin(trace, row, TRACE_TIMER, 0);
    else if (on->kind == FUTURE_FD)
        begin(trace, row, TRACE_FD, watch_of(on)->fd);
    else if (on->kind == FUTURE_TASK)
        begin(trace, row, TRACE_TASKS,
              (int)row_of(trace, (const void *)on)); /* its first member */
    else
        begin(trace, row, TRACE_TASKS, 0);
}

static void end_task(struct trace *trace, size_t row, int code)
{
    trace->now.order++;
    close_span(trace, row);
    mark(trace, row, code == 0 ? TRACE_DONE
         : code == E_CANCELLED ? TRACE_CANCELLED : TRACE_ERROR, code);
    trace->rows[row].to = trace->now;
    trace->rows[row].over = true;
}

static void record(struct trace *trace, const struct loop_event *event)
{
    size_t row = event->task == NULL ? 0 : row_of(trace, event->task);

    assert(row != 0 || event->task == NULL
           || event->kind == EVENT_TASK_CREATED);
    switch (event->kind) {
    case EVENT_TASK_CREATED:
        if (add_row(trace, event->task, event->task->name) != 0)
            trace->lost++;
        break;
    case EVENT_STEP:
        trace->steps++;
        begin(trace, row, TRACE_RUNNING, 0);
        break;
    case EVENT_PARKED:
        park(trace, row, event->on);
        break;
    case EVENT_TASK_DONE:
        end_task(trace, row, event->code);
        break;
    case EVENT_CANCEL:
        mark(trace, row, TRACE_CANCEL, 0);
        break;
    case EVENT_POLL:
        poll_starts(trace);
        break;
    case EVENT_POLLED:
        poll_ends(trace);
        break;
    case EVENT_TIMER:
        mark(trace, 0, TRACE_FIRED, 0);
        break;
    case EVENT_FD:
        mark(trace, 0, TRACE_READY, event->fd);
        break;
    }
}

/* From the first loss on nothing is kept, not even the time: a record with
 * holes would show waits that never were. */
static void tell(struct loop_hook *hook, struct loop *loop,
                 const struct loop_event *event)
{
    struct trace *trace = CONTAINER(hook, struct trace, hook);

    if (trace->lost > 0) {
        trace->lost++;
    } else {
        wake_loop(trace, event);
        trace->now.ns = event->time_ns;
        record(trace, event);
    }
    if (trace->next != NULL)
        trace->next->tell(trace->next, loop, event);
}

static int add_first_rows(struct trace *trace, struct loop *loop)
{
    int code = add_row(trace, NULL, "loop");
    void *items = NULL;

    if (code == 0)
        code = reserve(&items, &trace->item_capacity, 0,
                       sizeof *trace->items);
    trace->items = items;
    if (code != 0 || items == NULL)
        return ENOMEM;
    trace->items[0] = (struct trace_item){ .kind = TRACE_NONE };
    trace->item_count = 1;
    LIST_EACH(&loop->tasks, link) {
        struct task *task = CONTAINER(link, struct task, link);

        if (add_row(trace, task, task->name) != 0)
            return ENOMEM;
        park(trace, trace->row_count - 1, task->waiting_on);
    }
    begin(trace, 0, TRACE_RUNNING, 0);
    return 0;
}

int trace_open(struct trace *trace, struct loop *loop)
{
    int code;

    *trace = (struct trace){
        .hook.tell = tell, .next = loop->hook, .limit = UINT32_MAX,
        .virtual_time = loop->virtual_time
    };
    trace->start.ns = trace->now.ns = loop_now(loop);
    code = add_first_rows(trace, loop);
    trace->loop = loop;
    if (code == 0)
        loop->hook = &trace->hook;
    else
        trace_close(trace);
    return code;
}

void trace_call_error(struct trace *trace, const struct task *task,
                      const char *error)
{
    size_t row = row_of(trace, task);

    assert(task != NULL);
    if (row == 0)
        return;
    free(trace->rows[row].error);
    trace->rows[row].error = copy_name(error);
}

void trace_close(struct trace *trace)
{
    if (trace->loop != NULL && trace->loop->hook == &trace->hook)
        trace->loop->hook = trace->next;
    for (size_t i = 0; i < trace->row_count; i++) {
        free(trace->rows[i].name);
        free(trace->rows[i].error);
    }
    free(trace->rows);
    free(trace->items);
    free(trace->index);
    *trace = (struct trace){ .loop = NULL };
}
