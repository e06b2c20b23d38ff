/* draw_main.c - draws a run that somebody else has recorded.
 *
 *     draw [--svg FILE] [--title TEXT] < record       the text on stdout
 *
 * A record is text, one event a line: when (ns, never going back), what,
 * of whom. Tasks have numbers, 1, 2, 3 ... in the order of creation.
 *
 *     awaitlab-record 1 virtual     or: real; then the first row's name,
 *                                   if it is not "loop"
 *     0 task 1 main                 created; the rest of the line names it
 *     0 step 1                      it begins to run
 *     0 park 1 timer                it waits: timer, fd N, task N, future
 *     0 park 1                      it only gave up its turn
 *     0 done 1 ValueError           or OK, CancelledError: Python's names;
 *                                   nothing: an error of no known name
 *     0 cancel 1                    somebody asked for it
 *     0 poll                        the loop begins to block
 *     0 polled                      ... and is back
 *     9 timer                       a timer was due
 *     9 fd 7                        became ready
 */
#include "stage/stage.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct record {
    struct loop loop;    /* never run: it has a clock and no tasks */
    struct trace trace;
    struct task **tasks; /* by number - 1; rows know their addresses */
    size_t count, capacity;
    int64_t time_ns;
    char *at;            /* what is left of the line */
};

static const struct verb {
    const char *name;
    enum event_kind kind;
    bool task; /* its number follows */
} verbs[] = {
    { "task", EVENT_TASK_CREATED, false }, { "step", EVENT_STEP, true },
    { "park", EVENT_PARKED, true }, { "done", EVENT_TASK_DONE, true },
    { "cancel", EVENT_CANCEL, true }, { "poll", EVENT_POLL, false },
    { "polled", EVENT_POLLED, false }, { "timer", EVENT_TIMER, false },
    { "fd", EVENT_FD, false }
};

/* The next word, "" at the end of the line. */
static const char *next_word(struct record *record)
{
    char *word = record->at + strspn(record->at, " ");

    record->at = word + strcspn(word, " ");
    if (*record->at != '\0')
        *record->at++ = '\0';
    return word;
}

/* The next word as 0..most. */
static bool next_number(struct record *record, int64_t most, int64_t *value)
{
    const char *word = next_word(record);
    char *end;

    errno = 0;
    *value = strtoll(word, &end, 10);
    return end != word && *end == '\0' && errno == 0 && *value >= 0
        && *value <= most;
}

static bool next_task(struct record *record, struct task **task)
{
    int64_t number;

    if (!next_number(record, (int64_t)record->count, &number) || number == 0)
        return false;
    *task = record->tasks[number - 1];
    return true;
}

/* Each has storage of its own, because a row is found by its address. */
static const char *add_task(struct record *record, struct task **task)
{
    size_t more = record->capacity == 0 ? 64 : 2 * record->capacity;
    int64_t number;
    void *tasks = record->tasks;

    if (!next_number(record, INT32_MAX, &number)
        || number != (int64_t)record->count + 1)
        return "tasks are numbered 1, 2, 3 ...";
    if (record->count == record->capacity)
        tasks = realloc(tasks, more * sizeof(struct task *));
    *task = calloc(1, sizeof **task);
    if (tasks == NULL || *task == NULL) {
        free(*task);
        return "no memory";
    }
    if (record->count == record->capacity)
        record->capacity = more;
    record->tasks = tasks;
    record->tasks[record->count] = *task;
    record->count++;
    future_init(&(*task)->future, &record->loop, FUTURE_TASK);
    (*task)->name = record->at;
    return NULL;
}

/* Any error but a cancellation is E_USER: its name is kept beside it. */
static int code_of(const char *name)
{
    if (strcmp(name, "OK") == 0)
        return 0;
    return strcmp(name, "CancelledError") == 0 ? E_CANCELLED : E_USER;
}

/* What a task waits on, in the shape in which the recorder reads it. */
static const char *read_wait(struct record *record, struct watch *watch,
                             const struct future **on)
{
    const char *word = next_word(record);
    struct task *task;
    int64_t fd = 0;

    *on = &watch->ready;
    watch->ready.kind = FUTURE_PLAIN;
    if (strcmp(word, "timer") == 0) {
        watch->ready.kind = FUTURE_TIMER;
    } else if (strcmp(word, "fd") == 0) {
        watch->ready.kind = FUTURE_FD;
        if (!next_number(record, INT32_MAX, &fd))
            return "fd: which?";
        watch->fd = (int)fd;
    } else if (strcmp(word, "task") == 0) {
        if (!next_task(record, &task))
            return "task: no such number";
        *on = &task->future;
    } else if (strcmp(word, "") == 0) {
        *on = NULL;
    } else if (strcmp(word, "future") != 0) {
        return "waits for timer, fd, task or future";
    }
    return NULL;
}

/* One line; NULL, or what is wrong with it. */
static const char *read_event(struct record *record)
{
    struct watch watch = { .fd = -1 };
    struct task *task = NULL;
    const char *word, *name = "OK", *problem = NULL;
    const struct verb *verb = NULL;
    struct loop_event event;
    int64_t time_ns, fd = -1;

    if (!next_number(record, INT64_MAX, &time_ns)
        || time_ns < record->time_ns)
        return "a line begins with its time, in ns, never going back";
    record->time_ns = time_ns;
    word = next_word(record);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (strcmp(word, verbs[i].name) == 0)
            verb = &verbs[i];
    if (verb == NULL)
        return "no such event";
    if (verb->task && !next_task(record, &task))
        return "no such task";
    event = (struct loop_event){ .kind = verb->kind, .time_ns = time_ns };
    if (verb->kind == EVENT_TASK_CREATED)
        problem = add_task(record, &task);
    else if (verb->kind == EVENT_PARKED)
        problem = read_wait(record, &watch, &event.on);
    else if (verb->kind == EVENT_TASK_DONE)
        name = next_word(record);
    else if (verb->kind == EVENT_FD
             && !next_number(record, INT32_MAX, &fd))
        problem = "fd: which?";
    if (problem != NULL)
        return problem;
    event.task = task;
    event.fd = (int)fd;
    event.code = code_of(name);
    record->trace.hook.tell(&record->trace.hook, &record->loop, &event);
    if (event.code == E_USER)
        trace_call_error(&record->trace, task, name);
    return NULL;
}

/* The first line: which clock, and whose row the first one is. */
static const char *read_head(struct record *record)
{
    struct trace *trace = &record->trace;
    bool known = strcmp(next_word(record), "awaitlab-record") == 0
        && strcmp(next_word(record), "1") == 0;
    const char *clock = next_word(record);
    char *name;

    trace->virtual_time = strcmp(clock, "virtual") == 0;
    if (!known || (!trace->virtual_time && strcmp(clock, "real") != 0))
        return "not a record: expected \"awaitlab-record 1 virtual\"";
    if (*record->at == '\0')
        return NULL;
    name = strdup(record->at);
    if (name == NULL)
        return "no memory";
    free(trace->rows[0].name);
    trace->rows[0].name = name;
    return NULL;
}

static int read_all(struct record *record, FILE *in)
{
    const char *problem = NULL;
    char *line = NULL;
    size_t size = 0, number = 0;

    while (problem == NULL && getline(&line, &size, in) >= 0) {
        line[strcspn(line, "\n")] = '\0';
        record->at = line;
        number++;
        problem = number == 1 ? read_head(record) : read_event(record);
    }
    free(line);
    if (number == 0)
        problem = "empty";
    if (problem != NULL)
        fprintf(stderr, "draw: line %zu: %s\n", number, problem);
    return problem == NULL ? 0 : 2;
}

static int draw(struct record *record, const char *svg, const char *title,
                bool utf8)
{
    FILE *file;
    int code = trace_text(&record->trace, stdout, utf8);

    if (svg == NULL)
        return code;
    file = fopen(svg, "w");
    if (file == NULL) {
        fprintf(stderr, "draw: write %s: %s\n", svg, strerror(errno));
        return 2;
    }
    code |= trace_svg(&record->trace, file, title, title,
                      "who ran, who waited, and for what");
    return fclose(file) != 0 || code != 0;
}

static void free_all(struct record *record)
{
    trace_close(&record->trace);
    loop_close(&record->loop);
    for (size_t i = 0; i < record->count; i++)
        free(record->tasks[i]);
    free(record->tasks);
}

int main(int argc, char **argv)
{
    const char *svg = NULL, *title = "a run", *locale = getenv("LC_ALL");
    const struct option options[] = {
        { "--svg", &svg, NULL, "FILE", "also as SVG" },
        { "--title", &title, NULL, "TEXT", "above the SVG" },
        { NULL, NULL, NULL, NULL, NULL }
    };
    /* Virtual: its clock is ours, and begins with 0. */
    const struct loop_options clock = { .virtual_time = true };
    struct record record = { .tasks = NULL };
    struct error error;
    int status;

    options_parse(argc, argv, options, "draws a recorded run from stdin");
    if (loop_open(&record.loop, &clock, &error) != 0) {
        fprintf(stderr, "draw: %s\n", error.text);
        return 2;
    }
    status = trace_open(&record.trace, &record.loop) != 0 ? 1
        : read_all(&record, stdin);
    if (status == 0)
        status = draw(&record, svg, title, locale != NULL
                      && strstr(locale, "UTF-8") != NULL);
    free_all(&record);
    return status;
}
