/* check.c - the checks and the log. A failed check needs no way back: it
 * fills the report and ends the test's process. */
#include "running.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { AFTER_MARK = 40 }; /* bytes shown behind the first wrong one */

struct running running;

/* --- Words --------------------------------------------------------------- */

_Noreturn void end_failed(enum end end)
{
    running.report->end = end;
    if (running.lab != NULL)
        lab_remember(running.lab);
    fflush(stdout);
    _exit(FAILED);
}

static void put_place(const char *file, int line)
{
    snprintf(running.report->place, REPORT_LINE, "%s:%d", file, line);
}

_Noreturn void check_fail(const char *file, int line, const char *format, ...)
{
    struct report *report = running.report;
    va_list arguments;

    put_place(file, line);
    va_start(arguments, format);
    vsnprintf(report->yours, REPORT_TEXT, format, arguments);
    va_end(arguments);
    if (!running.lesson)
        printf("not ok %s: %s: %s\n", running.name, report->place,
               report->yours);
    end_failed(END_CHECK);
}

/* `what` should be `expected`, and is `got`. */
_Noreturn static void differs(const char *file, int line, const char *what,
                              const char *expected, const char *got)
{
    struct report *report = running.report;

    if (!running.lesson)
        check_fail(file, line, "%s: expected %s, got %s", what, expected,
                   got);
    put_place(file, line);
    snprintf(report->expected, REPORT_TEXT, "%s is %s", what, expected);
    snprintf(report->yours, REPORT_TEXT, "%s is %s", what, got);
    end_failed(END_CHECK);
}

void check_true(const char *file, int line, const char *condition)
{
    struct report *report = running.report;

    if (!running.lesson)
        check_fail(file, line, "expected %s", condition);
    put_place(file, line);
    snprintf(report->expected, REPORT_TEXT, "%s", condition);
    snprintf(report->yours, REPORT_TEXT, "it is not so");
    end_failed(END_CHECK);
}

_Noreturn void check_skip(const char *format, ...)
{
    va_list arguments;

    printf("skip %s: ", running.name);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
    _exit(SKIPPED);
}

void check_int(const char *file, int line, const char *what,
               long long expected, long long got)
{
    char a[24], b[24];

    if (expected == got)
        return;
    snprintf(a, sizeof a, "%lld", expected);
    snprintf(b, sizeof b, "%lld", got);
    differs(file, line, what, a, b);
}

/* Bytes as C writes them, and a caret under number `mark`. */
static void put_bytes(char text[static REPORT_TEXT], const char *bytes,
                      size_t n, size_t mark)
{
    size_t used = 1, under = 0;
    bool cut = n > mark + AFTER_MARK;

    strcpy(text, "\"");
    n = cut ? mark + AFTER_MARK : n;
    for (size_t i = 0; i < n && used < REPORT_TEXT / 2 - 8; i++) {
        unsigned char c = (unsigned char)bytes[i];

        if (i == mark)
            under = used;
        if (c == '\n' || c == '\r')
            used += (size_t)sprintf(text + used, "\\%c", c == '\n' ? 'n'
                                    : 'r');
        else if (c < ' ' || c > '~')
            used += (size_t)sprintf(text + used, "\\x%02x", c);
        else
            text[used++] = (char)c;
    }
    if (under == 0)
        under = used;
    sprintf(text + used, "\"%s\n%*s", cut ? "..." : "", (int)under + 1, "^");
}

void check_bytes(const char *file, int line, const char *what,
                 const void *expected, size_t n, const void *got, size_t m)
{
    struct report *report = running.report;
    const char *a = expected, *b = got;
    size_t same = 0;

    while (same < n && same < m && a[same] == b[same])
        same++;
    if (same == n && n == m)
        return;
    if (!running.lesson)
        check_fail(file, line, "%s differs from byte %zu on", what, same);
    put_place(file, line);
    put_bytes(report->expected, a, n, same);
    put_bytes(report->yours, b, m, same);
    end_failed(END_CHECK);
}

void check_str(const char *file, int line, const char *what,
               const char *expected, const char *got)
{
    if (strcmp(expected, got) == 0)
        return;
    if (running.lesson)
        check_bytes(file, line, what, expected, strlen(expected), got,
                    strlen(got));
    check_fail(file, line, "%s: expected \"%s\", got \"%s\"", what, expected,
               got);
}

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* A run's outcome has words, too. */
static void put_code(char text[static REPORT_LINE], const char *what,
                     int code)
{
    const struct lab *lab = running.lab;
    int n = snprintf(text, REPORT_LINE, "%s (%d)", error_name(code), code);

    if (lab != NULL && starts_with(what, "lab_run(") && code != 0
        && lab->loop.main.error.code == code)
        snprintf(text + n, REPORT_LINE - (size_t)n, ": %s",
                 lab->loop.main.error.text);
}

/* What the loop has reported so far: a deadlock's dump is there. */
static void take_report(struct lab *lab)
{
    struct report *report = running.report;

    fflush(lab->loop.log);
    report->deadlock = strstr(lab->log, "deadlock: ") != NULL;
    snprintf(report->dump, REPORT_TEXT, "%s", lab->log);
}

void check_code(const char *file, int line, const char *what, int expected,
                int got)
{
    char a[REPORT_LINE], b[REPORT_LINE];

    if (expected == got)
        return;
    put_code(a, what, expected);
    put_code(b, what, got);
    if (running.lesson && running.lab != NULL)
        take_report(running.lab);
    differs(file, line, running.lesson && starts_with(what, "lab_run(")
            ? "the run's outcome" : what, a, b);
}

void print_lines(const char *title, const char *lines)
{
    printf("  %s\n", title);
    while (*lines != '\0') {
        size_t length = strcspn(lines, "\n");

        printf("    %.*s\n", (int)length, lines);
        lines += length + (lines[length] == '\n');
    }
}

/* At most three lines from the first that differs on. */
static void put_lines(char text[static REPORT_TEXT], const char *lines)
{
    size_t n = 0;

    for (int i = 0; i < 3 && lines[n] != '\0'; i++)
        n += strcspn(lines + n, "\n") + (lines[n + strcspn(lines + n, "\n")]
                                         != '\0');
    snprintf(text, REPORT_TEXT, "%.*s", (int)n, lines);
    if (n == 0)
        strcpy(text, "nothing more\n");
}

/* Both as a whole, and the first line that differs: a long trace is read
 * from its first difference on. */
void check_lines(const char *file, int line, const char *what,
                 const char *expected, const char *got)
{
    const char *a = expected, *b = got;
    int number = 1;

    for (;; number++) {
        size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");

        if (n != m || memcmp(a, b, n) != 0 || (a[n] != b[n]))
            break;
        if (a[n] == '\0')
            return;
        a += n + 1;
        b += n + 1;
    }
    put_place(file, line);
    put_lines(running.report->expected, a);
    put_lines(running.report->yours, b);
    if (got == running.report->log)
        running.report->agreed = (size_t)(b - got);
    if (running.lesson)
        end_failed(END_CHECK);
    printf("not ok %s: %s:%d: %s differs from line %d on\n", running.name,
           file, line, what, number);
    print_lines("expected:", expected);
    print_lines("got:", got);
    printf("  line %d: expected \"%.*s\", got \"%.*s\"\n", number,
           (int)strcspn(a, "\n"), a, (int)strcspn(b, "\n"), b);
    end_failed(END_CHECK);
}

/* --- The log ------------------------------------------------------------- */

void check_progress(void)
{
    running.report->progress++;
}

static void clear_log(void)
{
    struct report *report = running.report;

    report->log_used = report->agreed = report->scene_at = 0;
    report->log[0] = '\0';
}

void scene(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(running.report->scene, REPORT_LINE, format, arguments);
    va_end(arguments);
    running.report->scene_at = running.report->log_used;
}

void promise(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(running.report->promise, REPORT_LINE, format, arguments);
    va_end(arguments);
}

void say(const char *format, ...)
{
    const struct lab *lab = running.lab;
    struct report *report = running.report;
    char *at = report->log + report->log_used;
    size_t room = REPORT_LOG - report->log_used;
    va_list arguments;
    int n = 0, m;

    check_progress();
    if (lab != NULL && lab->loop.virtual_time)
        n = snprintf(at, room, "%g ", (double)lab->loop.now_ns / 1e9);
    va_start(arguments, format);
    m = vsnprintf(at + n, room - (size_t)n, format, arguments);
    va_end(arguments);
    if (n < 0 || m < 0 || (size_t)(n + m) + 2 > room) {
        *at = '\0';
        if (running.lesson)
            bark(END_FLOOD);
        check_fail(__FILE__, __LINE__, "the log is full: a task that spins?");
    }
    strcpy(at + n + m, "\n");
    report->log_used += (size_t)(n + m) + 1;
    report->agreed = report->log_used;
}

void check_log(const char *file, int line, const char *expected)
{
    check_lines(file, line, "the log", expected, running.report->log);
    clear_log();
}
