/* json.c - the record for ui.perfetto.dev and chrome://tracing.
 *
 * Complete events ("ph":"X") of microseconds. A row is a thread; a task is
 * one slice of its thread, and its spans lie inside it, one after another,
 * so that they nest. Nothing is folded: this is for programs to read.
 * Perfetto draws no slice of no length, so if no time passed the order of
 * steps stands for it.
 */
#include "trace/label.h"
#include "trace/picture.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>

struct export {
    struct picture picture;
    FILE *out;
};

/* Microseconds with the ns behind the point, from integers: printf's %f
 * asks the locale for the point. */
static void put_us(const struct export *export, const char *key, int64_t at)
{
    if (export->picture.in_order)
        at *= 1000;
    fprintf(export->out, ",\"%s\":%" PRId64 ".%03d", key, at / 1000,
            (int)(at % 1000));
}

static void put_string(const struct export *export, const char *text)
{
    putc('"', export->out);
    label_put(export->out, text, INT_MAX, LABEL_JSON);
    putc('"', export->out);
}

/* The thread's name, and its place from the top. */
static void put_thread(const struct export *export, size_t row)
{
    fprintf(export->out, ",\n{\"ph\":\"M\",\"pid\":1,\"tid\":%zu,"
            "\"name\":\"thread_name\",\"args\":{\"name\":", row);
    put_string(export, export->picture.trace->rows[row].name);
    fprintf(export->out, "}},\n{\"ph\":\"M\",\"pid\":1,\"tid\":%zu,"
            "\"name\":\"thread_sort_index\",\"args\":{\"sort_index\":%zu}}",
            row, row);
}

static void put_slice(const struct export *export, size_t row,
                      struct trace_stamp from, struct trace_stamp to)
{
    int64_t at = picture_at(&export->picture, from);

    fprintf(export->out, ",\n{\"ph\":\"X\",\"pid\":1,\"tid\":%zu", row);
    put_us(export, "ts", at);
    put_us(export, "dur", picture_at(&export->picture, to) - at);
    fputs(",\"name\":", export->out);
}

/* Its code is told only where the name is ours. */
static void put_error(const struct export *export, const char *name,
                      int code)
{
    fputs(",\"args\":{\"error\":", export->out);
    put_string(export, name != NULL ? name : error_name(code));
    if (name == NULL)
        fprintf(export->out, ",\"code\":%d", code);
    putc('}', export->out);
}

static void put_args(const struct export *export, size_t row,
                     const struct trace_item *item)
{
    const struct trace *trace = export->picture.trace;

    if (item->kind == TRACE_FD || item->kind == TRACE_READY)
        fprintf(export->out, ",\"args\":{\"fd\":%d}", item->detail);
    if (item->kind == TRACE_ERROR)
        put_error(export, trace->rows[row].error, item->detail);
    if (item->kind == TRACE_TASKS && item->detail != 0) {
        fputs(",\"args\":{\"task\":", export->out);
        put_string(export, trace->rows[item->detail].name);
        putc('}', export->out);
    }
    putc('}', export->out);
}

static void put_item(const struct export *export, size_t row,
                     const struct trace_item *item)
{
    if (item_is_span(item)) {
        put_slice(export, row, item->from,
                  item_end(export->picture.trace, item));
    } else {
        fprintf(export->out, ",\n{\"ph\":\"i\",\"s\":\"t\",\"pid\":1,"
                "\"tid\":%zu", row);
        put_us(export, "ts", picture_at(&export->picture, item->from));
        fputs(",\"name\":", export->out);
    }
    fprintf(export->out, "\"%s\"", picture_words[item->kind]);
    put_args(export, row, item);
}

static void put_row(const struct export *export, size_t row)
{
    const struct trace *trace = export->picture.trace;
    const struct trace_row *r = &trace->rows[row];

    put_thread(export, row);
    put_slice(export, row, r->from, r->over ? r->to : trace->now);
    put_string(export, r->name);
    putc('}', export->out);
    for (uint32_t i = r->first; i != 0; i = trace->items[i].next)
        put_item(export, row, &trace->items[i]);
}

int trace_json(const struct trace *trace, FILE *out)
{
    struct export export = { .out = out };

    picture_make(&export.picture, trace);
    fprintf(out, "{\"displayTimeUnit\":\"ms\",\"otherData\":{\"time\":"
            "\"%s\",\"axis\":\"%s\",\"lost\":\"%zu\"},\"traceEvents\":[\n"
            "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":"
            "{\"name\":\"loop\"}}", trace->virtual_time ? "virtual" : "real",
            export.picture.in_order ? "order" : "time", trace->lost);
    for (size_t row = 0; row < trace->row_count; row++)
        put_row(&export, row);
    fputs("\n]}\n", out);
    return ferror(out) ? EIO : 0;
}
