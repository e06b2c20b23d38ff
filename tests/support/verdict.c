/* verdict.c - see verdict.h. One failure, in the order of a story: what
 * happened, what should have come, what came, why, and what to do now. */
#include "verdict.h"

#include "words.h"

#include <stdlib.h>
#include <string.h>

enum { TITLE_WIDTH = 76, DID_LINES = 12, SEEN = 3 };

struct pen {
    FILE *out;
    bool color;
};

static void paint(const struct pen *pen, const char *code)
{
    if (pen->color)
        fprintf(pen->out, "\033[%sm", code);
}

/* --- Lines --------------------------------------------------------------- */

static const char *line_after(const char *line)
{
    line += strcspn(line, "\n");
    return *line == '\n' ? line + 1 : line;
}

/* "1.5 A done" is "1.5 s  A done": seconds first, as say() writes them. */
static void put_line(const struct pen *pen, const char *line, bool timed)
{
    size_t length = strcspn(line, "\n"), digits = strspn(line, "0123456789."
                                                          "e+-");

    if (timed && digits > 0 && line[digits] == ' ')
        fprintf(pen->out, "%*.*s s  %.*s\n", digits < 4 ? 3 : 0,
                (int)digits, line, (int)(length - digits - 1),
                line + digits + 1);
    else
        fprintf(pen->out, "%.*s\n", (int)length, line);
}

/* A title, and lines beside it. */
static void put_block(const struct pen *pen, const char *title,
                      const char *code, const char *from, const char *to,
                      bool timed)
{
    for (const char *line = from; line < to; line = line_after(line)) {
        fprintf(pen->out, "  %-9s  ", line == from ? title : "");
        paint(pen, code);
        put_line(pen, line, timed);
        paint(pen, "0");
    }
}

static void put_text(const struct pen *pen, const char *title,
                     const char *code, const char *text, bool timed)
{
    put_block(pen, title, code, text, text + strlen(text), timed);
}

/* --- The steps so far ---------------------------------------------------- */

static size_t count_lines(const char *from, const char *to)
{
    size_t n = 0;

    for (; from < to; from = line_after(from))
        n++;
    return n;
}

/* A line that the log ends with, over and over, is told once; how many times
 * it is there more. */
static size_t cut_repeats(const char *log, const char **end)
{
    const char *last = *end;
    size_t length, again = 0;

    if (last == log)
        return 0;
    for (last--; last > log && last[-1] != '\n'; last--)
        continue;
    length = (size_t)(*end - last);
    while ((size_t)(last - log) >= length
           && memcmp(last - length, last, length) == 0
           && (last - length == log || last[-(ptrdiff_t)length - 1] == '\n')) {
        last -= length;
        again++;
    }
    if (again > 2)
        *end = last + length;
    return again > 2 ? again : 0;
}

/* The log as far as it was right; of a long one its end. */
static void put_did(const struct pen *pen, const struct report *report)
{
    const char *log = report->log + report->scene_at;
    const char *end = report->log + report->agreed;
    const char *title = "did";
    size_t again = cut_repeats(log, &end), n = count_lines(log, end);

    if (report->scene[0] != '\0') {
        fprintf(pen->out, "  %-9s  %s%s\n", title, report->timed ? "  0 s  "
                : "", report->scene);
        title = "";
    }
    if (n > DID_LINES) {
        fprintf(pen->out, "  %-9s  ... (%zu more)\n", title, n - DID_LINES);
        title = "";
    }
    for (; n > DID_LINES; n--)
        log = line_after(log);
    put_block(pen, title, "0", log, end, report->timed);
    if (again > 0)
        fprintf(pen->out, "  %-9s  ... (the same %zu times more)\n", "",
                again);
}

static void put_indented(const struct pen *pen, const char *text)
{
    for (; *text != '\0'; text = line_after(text))
        fprintf(pen->out, "    %.*s\n", (int)strcspn(text, "\n"), text);
}

/* --- The cause ----------------------------------------------------------- */

static bool names(const char *pattern, const char *promise)
{
    size_t n = pattern == NULL ? 0 : strlen(pattern);

    if (n == 0 || strcmp(pattern, promise) == 0)
        return true;
    return pattern[n - 1] == '*' && strncmp(pattern, promise, n - 1) == 0;
}

static bool fits(const struct cause *cause, const char *promise,
                 const char *text)
{
    if (!names(cause->promise, promise))
        return false;
    for (size_t i = 0; i < SEEN; i++)
        if (cause->seen[i] != NULL && strstr(text, cause->seen[i]) == NULL)
            return false;
    return true;
}

/* A test's name alone says what is likely when a check does not hold, and
 * nothing about a crash or a hang, which have words of their own. */
static bool too_general(const struct cause *cause,
                        const struct report *report)
{
    return cause->seen[0] == NULL && report->end != END_CHECK;
}

static const struct cause *find_cause(const struct judged *judged,
                                      const char *text)
{
    for (size_t i = 0; i < judged->cause_count; i++)
        if (fits(&judged->causes[i], judged->promise, text)
            && !too_general(&judged->causes[i], judged->report))
            return &judged->causes[i];
    return NULL;
}

/* Breaks a sentence between words. */
static void put_wrapped(const struct pen *pen, const char *first,
                        const char *words)
{
    size_t column = (size_t)fprintf(pen->out, "  %s", first);

    while (*words != '\0') {
        size_t n = strcspn(words, " ");

        if (column + 1 + n > TITLE_WIDTH)
            column = (size_t)fprintf(pen->out, "\n   ") - 1;
        column += (size_t)fprintf(pen->out, " %.*s", (int)n, words);
        words += n + (words[n] == ' ');
    }
    putc('\n', pen->out);
}

/* --- The whole ----------------------------------------------------------- */

static void put_times(char text[static 64], const struct report *report)
{
    double ms = (double)report->real_ns / 1e6;

    if (report->timed)
        snprintf(text, 64, "(virtual %g s, real %.0f ms)",
                 (double)report->virtual_ns / 1e9, ms);
    else
        snprintf(text, 64, "(real %.0f ms)", ms);
}

/* "13 wait" of "13_wait"; the number is all before the first '_'. */
static void put_name(FILE *out, const char *lesson)
{
    for (bool first = true; *lesson != '\0'; lesson++) {
        putc(*lesson == '_' && first ? ' ' : *lesson, out);
        first = first && *lesson != '_';
    }
}

static void put_title(const struct pen *pen, const struct judged *judged,
                      const char *how)
{
    char left[128], times[64];
    int length;

    put_times(times, judged->report);
    length = snprintf(left, sizeof left, "%s - step %zu of %zu - %s",
                      judged->lesson, judged->step, judged->steps, how);
    paint(pen, "1");
    put_name(pen->out, judged->lesson);
    fprintf(pen->out, "%s%*s\n", left + strlen(judged->lesson),
            (int)(TITLE_WIDTH - length), times);
    paint(pen, "0");
}

/* The test's name in words: "a_timer_is_late__L01" is "a timer is late
 * (L01)". */
static void promise_text(const char *name, char *text, size_t size)
{
    const char *rows = strstr(name, "__");
    size_t n = rows == NULL ? strlen(name) : (size_t)(rows - name);

    snprintf(text, size, "%.*s", (int)n, name);
    for (char *at = text; *at != '\0'; at++)
        if (*at == '_')
            *at = ' ';
    if (rows != NULL && strlen(text) + strlen(rows) + 2 < size) {
        strcat(text, " (");
        strcat(text, rows + 2);
        strcat(text, ")");
    }
}

static void put_next(const struct pen *pen, const struct judged *judged,
                     const char *row)
{
    const struct report *report = judged->report;

    char parked[REPORT_LINE], who[REPORT_LINE];

    if ((report->deadlock || report->end == END_RUSH)
        && words_of_parked(report->dump, parked, who))
        fprintf(pen->out, "  parked at %s\n", parked);
    if (report->place[0] != '\0')
        fprintf(pen->out, "  %s %s\n", report->end == END_CHECK
                ? "checked at" : "at", report->place);
    if (report->end == END_CRASH)
        fprintf(pen->out, "  all its words: %s --here %s\n",
                judged->program, judged->promise);
    fprintf(pen->out, "  lessons/%s/README.md \"Do\"", judged->lesson);
    if (row != NULL)
        fprintf(pen->out, ", %s", row);
    fprintf(pen->out, " - lab hint %.2s\n", judged->lesson);
}

/* All but why: what a cause is found by. */
static void put_facts(const struct pen *pen, const struct judged *judged,
                      bool with_did)
{
    const struct report *report = judged->report;
    char text[256];

    put_title(pen, judged, "not yet");
    promise_text(judged->promise, text, sizeof text);
    put_text(pen, "promise", "0", text, false);
    if (with_did)
        put_did(pen, report);
    if (report->promise[0] != '\0')
        put_text(pen, "expected", "32", report->promise, false);
    put_text(pen, report->promise[0] != '\0' ? "" : "expected", "32",
             report->expected, report->timed);
    put_text(pen, "yours", "33", report->yours, report->timed);
    put_indented(pen, report->dump);
    put_indented(pen, report->timeline);
}

/* Where it hangs says more than what was done before. */
static bool hangs(const struct report *report)
{
    return report->end >= END_SPIN && report->end <= END_SLOW;
}

/* The facts, and "happened in FUNCTION", as a string: the caller frees it. */
static char *facts_of(const struct judged *judged)
{
    struct pen pen = { .color = false };
    const char *function;
    char *text = NULL;
    size_t size;

    pen.out = open_memstream(&text, &size);
    if (pen.out == NULL)
        abort();
    put_facts(&pen, judged, !hangs(judged->report));
    function = strstr(judged->report->place, " in ");
    if (function != NULL)
        fprintf(pen.out, "happened%s\n", function);
    fclose(pen.out);
    return text;
}

/* The likely cause, or NULL. */
static const struct cause *cause_of(const struct judged *judged)
{
    char *facts = facts_of(judged);
    const struct cause *cause = find_cause(judged, facts);

    free(facts);
    return cause;
}

/* What was said last, where an error's words often are. */
static const char *last_line(const struct report *report)
{
    size_t at = report->log_used > 0 ? report->log_used - 1 : 0;

    while (at > report->scene_at && report->log[at - 1] != '\n')
        at--;
    return report->log + at;
}

static void put_why(const struct pen *pen, const struct judged *judged,
                    const struct cause *cause)
{
    const struct report *report = judged->report;
    const char *advice = cause == NULL ? words_of_errno(report->yours) : NULL;
    char general[REPORT_LINE];
    bool known = words_of_end(report, general);

    if (cause == NULL && advice == NULL && report->end == END_CHECK)
        advice = words_of_errno(last_line(report));

    paint(pen, "1");
    if (cause != NULL)
        put_wrapped(pen, "this is what happens when", cause->words);
    else if (known)
        put_wrapped(pen, "likely:", general);
    paint(pen, "0");
    if (advice != NULL)
        put_wrapped(pen, "advice:", advice);
}

static void put_todo(const struct pen *pen, const struct judged *judged)
{
    put_title(pen, judged, "not written yet");
    put_text(pen, "to do", "33", judged->report->yours, false);
    put_next(pen, judged, NULL);
}

void verdict_print(const struct judged *judged, FILE *out, bool color)
{
    const struct pen pen = { out, color };
    const struct cause *cause;

    if (judged->report->end == END_TODO) {
        put_todo(&pen, judged);
        return;
    }
    cause = cause_of(judged);
    put_facts(&pen, judged, true);
    put_why(&pen, judged, cause);
    put_next(&pen, judged, cause == NULL ? NULL : cause->row);
}

void verdict_passed(const struct judged *judged, FILE *out, bool color)
{
    const struct pen pen = { out, color };

    paint(&pen, "1;32");
    put_name(out, judged->lesson);
    fprintf(out, " - passed: %zu of %zu promises kept", judged->steps,
            judged->steps);
    paint(&pen, "0");
    fprintf(out, " (real %.0f ms)\n", (double)judged->report->real_ns / 1e6);
    fprintf(out, "  left over  0 fds, 0 tasks, 0 timers%s\n",
            LAB_COUNTS_BYTES ? ", 0 bytes" : "");
}

/* --- JSON ---------------------------------------------------------------- */

/* How many bytes of UTF-8 begin here; 0: none. */
static size_t utf8(const char *from, size_t left)
{
    unsigned char first = (unsigned char)*from;
    size_t length = first < 0xc2 || first > 0xf4 ? 0 : first >= 0xf0 ? 4
        : first >= 0xe0 ? 3 : 2;

    if (length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if (((unsigned char)from[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

/* What a learner sent and said may be any bytes; a JSON file is UTF-8. */
static void put_string(FILE *out, const char *from, size_t length)
{
    putc('"', out);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)from[i];
        size_t n = c < 0x80 ? 1 : utf8(from + i, length - i);

        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c == '\n')
            fputs("\\n", out);
        else if (c < ' ' || c == 0x7f)
            fprintf(out, "\\u%04x", c);
        else if (n == 0)
            fputs("\\ufffd", out);
        else
            fwrite(from + i, 1, n, out);
        i += n > 1 ? n - 1 : 0;
    }
    putc('"', out);
}

static void put_field(FILE *out, const char *name, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    fprintf(out, ",\"%s\":", name);
    put_string(out, text, strlen(text));
}

static void put_did_json(FILE *out, const struct report *report)
{
    const char *end = report->log + report->agreed, *sign = "";

    fputs(",\"did\":[", out);
    for (const char *line = report->log + report->scene_at; line < end;
         line = line_after(line)) {
        fputs(sign, out);
        put_string(out, line, strcspn(line, "\n"));
        sign = ",";
    }
    fputs("]", out);
}

static void put_failure_json(FILE *out, const struct judged *judged)
{
    const struct report *report = judged->report;
    const struct cause *cause = cause_of(judged);
    char general[REPORT_LINE];
    bool known = words_of_end(report, general);

    put_field(out, "promise", judged->promise);
    put_did_json(out, report);
    put_field(out, "expected", report->expected);
    put_field(out, "yours", report->yours);
    put_field(out, "cause", cause != NULL ? cause->words
              : known ? general : NULL);
    put_field(out, "where", report->place);
}

void verdict_json(const struct judged *judged, FILE *out)
{
    const struct report *report = judged->report;
    bool passed = report->end == END_PASSED;
    char *text = NULL;
    size_t size;
    FILE *whole = open_memstream(&text, &size);

    if (whole == NULL)
        abort();
    (passed ? verdict_passed : verdict_print)(judged, whole, false);
    fclose(whole);
    fprintf(out, "{\"lesson\":\"%s\",\"status\":\"%s\",\"step\":%zu,"
            "\"steps\":%zu", judged->lesson, passed ? "passed"
            : report->end == END_TODO ? "not written" : "not yet",
            judged->step, judged->steps);
    if (!passed)
        put_failure_json(out, judged);
    fprintf(out, ",\"virtual_ns\":%lld,\"real_ns\":%lld",
            (long long)report->virtual_ns, (long long)report->real_ns);
    put_field(out, "verdict", text);
    fputs("}\n", out);
    free(text);
}
