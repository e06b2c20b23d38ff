/* words.c - see words.h. The sanitizers' reports are long, and the one line
 * a learner needs stands in the middle of them. */
#include "words.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* --- Frames -------------------------------------------------------------- */

/* Files that are never the mistake: ours, the runtime's. */
static bool is_ours(const char *path)
{
    static const char *const ours[] = {
        "/parts.c", "/wire.c", /* of a lesson, but given */
        "/tests/", "/lib/loop/", "/lib/sys.c", "/lib/http/", "/lib/trace/",
        "sanitizer", "libc", "sysdeps/", "csu/", "nptl/", "stdlib/",
        "assert/", "signal/", "io/", "socket/"
    };

    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (strstr(path, ours[i]) != NULL)
            return strstr(path, "/tests/wrong/") == NULL;
    return false;
}

/* Within the tree, a path is shown from its root on. */
static const char *shorten(const char *path)
{
    size_t n = strlen(LAB_SOURCE_DIR);

    return strncmp(path, LAB_SOURCE_DIR, n) == 0 && path[n] == '/'
        ? path + n + 1 : path;
}

/* "    #1 0x55d2 in child_done /a/lessons/13_wait/exercise.c:41:7"; where no
 * source is known there is "(/a/bin/wait+0x13b4) (BuildId: 35d2)". */
static bool read_frame(const char *line, char place[static REPORT_LINE])
{
    char function[128], path[REPORT_LINE - 160];
    int number;

    if (sscanf(line, " #%*d %*s in %127s %351[^:\n]:%d", function, path,
               &number) != 3 || path[0] == '(' || is_ours(path))
        return false;
    snprintf(place, REPORT_LINE, "%s:%d in %s", shorten(path), number,
             function);
    return true;
}

bool words_of_frame(const char *text, char place[static REPORT_LINE])
{
    const char *line = text;

    while (line != NULL && *line != '\0') {
        if (read_frame(line, place))
            return true;
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    return false;
}

/* --- Crashes ------------------------------------------------------------- */

struct known {
    const char *seen, *words;
};

static const struct known crashes[] = {
    { "heap-use-after-free", "uses memory that was freed" },
    { "stack-use-after-return", "uses a local of a function that has "
      "returned" },
    { "stack-use-after-scope", "uses a local that has gone out of scope" },
    { "attempting double-free", "frees the same memory twice" },
    { "attempting free on address which was not malloc",
      "frees memory that malloc did not give" },
    { "heap-buffer-overflow", "reads or writes past the end of its memory" },
    { "stack-buffer-overflow", "reads or writes past the end of a local "
      "array" },
    { "global-buffer-overflow", "reads or writes past the end of a static "
      "array" },
    { "stack-overflow", "endless recursion: the stack is full" },
    { "SEGV on unknown address 0x000000000", "follows a NULL pointer" },
    { "SEGV on unknown address", "follows a pointer to nowhere" },
    { "detected memory leaks", "memory was allocated and never freed" },
    { "cannot resume", "an await where no `case` of the body is: inside a "
      "switch of its own?" },
    { "awaited again after it had ended", "awaits a coroutine that has "
      "ended" },
    { "runtime error:", "undefined behaviour" },
    { "memcpy-param-overlap", "copies with memcpy between two places that "
      "overlap" },
    { "Assertion", "the library refuses" },
};

static void add_line(char text[static REPORT_TEXT], const char *first,
                     const char *second)
{
    size_t used = strlen(text);

    snprintf(text + used, REPORT_TEXT - used, "%s%.*s\n", first,
             (int)strcspn(second, "\n"), second);
}

/* The line of `text` in which `at` points. */
static void add_line_at(char text[static REPORT_TEXT], const char *start,
                        const char *at)
{
    while (at > start && at[-1] != '\n')
        at--;
    add_line(text, "", shorten(at));
}

/* Where memory that is used after its end was freed, where leaked memory
 * came from: the frames behind `title`. */
static void add_second_place(struct report *report, const char *text,
                             const char *title, const char *words)
{
    const char *at = strstr(text, title);
    char place[REPORT_LINE];

    if (at == NULL || !words_of_frame(at, place))
        return;
    add_line(report->yours, words, place);
}

static void of_signal(struct report *report, int status)
{
    char words[REPORT_LINE];

    if (WIFSIGNALED(status))
        snprintf(words, sizeof words, "killed by signal %d, %s",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(words, sizeof words, "the process ended itself with status "
                 "%d", WEXITSTATUS(status));
    add_line(report->yours, words, "");
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE)
        add_line(report->yours, "sent to a peer that is gone, without "
                 "MSG_NOSIGNAL", "");
}

/* Who calls itself, and in which task. */
static void put_recursion(struct report *report, const char *text)
{
    char how[REPORT_LINE];
    size_t used = strlen(report->yours);

    if (!stuck_in_recursion(text, report->place, how))
        return;
    snprintf(report->yours + used, REPORT_TEXT - used, "%s%s%s\n", how,
             report->task[0] != '\0' ? ", in task " : "", report->task);
}

/* Nobody is in the learner's code, but the loop is about to call it. */
static void put_queued(struct report *report, const char *text)
{
    const char *queue = strstr(text, words_queued);
    char place[REPORT_LINE];

    if (report->end == END_DEAF || queue == NULL
        || !words_of_frame(queue, place)
        || strcmp(place, report->place) != 0)
        return;
    report->end = END_RUSH;
    report->task[0] = '\0';
    snprintf(report->yours, REPORT_TEXT, "a callback is called again and "
             "again, and time stands still\n");
}

void words_of_hang(struct report *report, const char *text)
{
    char place[REPORT_LINE], how[REPORT_LINE];

    words_of_frame(text, report->place);
    put_queued(report, text);
    if ((report->end != END_FLOOD && report->end != END_SPIN)
        || !stuck_in_recursion(text, place, how))
        return;
    /* Seen before the stack was full: the same mistake, the same words. */
    snprintf(report->yours, REPORT_TEXT, "endless recursion: it calls and "
             "calls, and nobody else runs%s\n", report->end == END_FLOOD
             ? "; the log is full" : "");
    put_recursion(report, text);
}

void words_of_crash(struct report *report, const char *text, int status)
{
    const struct known *known = NULL;
    const char *at = NULL;

    report->end = END_CRASH;
    report->yours[0] = report->expected[0] = report->place[0] = '\0';
    for (size_t i = 0; i < sizeof crashes / sizeof crashes[0]; i++) {
        at = strstr(text, crashes[i].seen);
        if (at != NULL) {
            known = &crashes[i];
            break;
        }
    }
    if (known == NULL) {
        of_signal(report, status);
        words_of_frame(text, report->place);
    } else if (strcmp(known->seen, "stack-overflow") == 0) {
        add_line(report->yours, known->words, ""); /* no word on addresses */
        words_of_frame(text, report->place);
        put_recursion(report, text);
    } else {
        add_line(report->yours, known->words, "");
        add_line_at(report->yours, text, at);
        words_of_frame(text, report->place);
    }
    add_second_place(report, text, "freed by thread", "it was freed at ");
    add_second_place(report, text, "previously allocated by",
                     "it was allocated at ");
}

/* --- errno --------------------------------------------------------------- */

static const struct {
    const char *name;
    int number;
    const char *advice;
} errnos[] = {
    { "EADDRINUSE", EADDRINUSE, "the port is taken: SO_REUSEADDR before "
      "bind, or port 0 and getsockname" },
    { "ECONNREFUSED", ECONNREFUSED, "nobody listens there: is the port the "
      "one that listen was given?" },
    { "ECONNRESET", ECONNRESET, "the peer closed with data unread, or died: "
      "end this connection, go on with the others" },
    { "ECONNABORTED", ECONNABORTED, "that one client left before accept: "
      "accept the next" },
    { "EPIPE", EPIPE, "the peer has closed: stop sending (and MSG_NOSIGNAL, "
      "or SIGPIPE kills the process)" },
    { "EMFILE", EMFILE, "no descriptors left: is one not closed? If not, "
      "wait before the next accept" },
    { "EINPROGRESS", EINPROGRESS, "connect goes on in the background: wait "
      "for POLLOUT, then read SO_ERROR" },
    { "EAGAIN", EAGAIN, "not an error: nothing to do now; wait for POLLIN or "
      "POLLOUT and try again" },
    { "EINTR", EINTR, "not an error: a signal came by; call again" },
    { "EBADF", EBADF, "that descriptor is closed: closed twice, or used "
      "after close?" },
    { "ENOTCONN", ENOTCONN, "not connected (yet): wait for POLLOUT after "
      "connect" },
    { "ENOTSOCK", ENOTSOCK, "that number is no socket: is it used before the "
      "connection is there, or was 0 meant to be one?" },
    { "EALREADY", EALREADY, "connect was called again while it goes on: wait "
      "for POLLOUT instead" },
    { "EISCONN", EISCONN, "it is connected already: connect once" },
    { "ETIMEDOUT", ETIMEDOUT, "the peer does not answer at all" },
    { "EINVAL", EINVAL, "an argument the call cannot take" },
    { "ENOMEM", ENOMEM, "no memory left: is something never freed?" },
};

const char *words_of_errno(const char *text)
{
    for (size_t i = 0; i < sizeof errnos / sizeof errnos[0]; i++)
        if (strstr(text, errnos[i].name) != NULL
            || strstr(text, strerror(errnos[i].number)) != NULL)
            return errnos[i].advice;
    return NULL;
}

/* --- What a kind of end means -------------------------------------------- */

static const char *of_crash(const struct report *report)
{
    static const struct known reasons[] = {
        { "uses memory that was freed", "a frame, a task or a buffer is "
          "given back while the loop still points into it: a callback, a "
          "timer or a watch was not taken back" },
        { "a local of a function", "what must live across an await is a "
          "local, not a member of the frame" },
        { "frees the same memory twice", "two owners free it: the cleanup "
          "and the way out" },
        { "endless recursion", "a function calls itself, or two call each "
          "other, and nothing ends that" },
        { "past the end of", "a count or an index is one too large, or the "
          "-1 of a call that failed is taken for a size" },
        { "null pointer", "something is used before it was set, or after it "
          "was cleared" },
        { "NULL pointer", "something is used before it was set, or after it "
          "was cleared" },
        { "never freed", "nobody frees it, or a way out (error? cancellation?) "
          "skips the free" },
        { "inside a switch", "AWAIT is a `case` of the body's own switch: "
          "write if/else around it" },
        { "has ended", "a coroutine object can be awaited once: build it "
          "anew with AWAIT(f, ...)" },
        { "overlap", "memmove copies bytes over themselves, memcpy does not" },
        { "loop->current == NULL", "a coroutine or a callback runs the loop "
          "that runs it: only the loop takes turns; await instead" },
        { "MSG_NOSIGNAL", "send without MSG_NOSIGNAL to a peer that is gone "
          "raises SIGPIPE" },
    };

    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (strstr(report->yours, reasons[i].seen) != NULL)
            return reasons[i].words;
    return NULL;
}

bool words_of_end(const struct report *report,
                  char words[static REPORT_LINE])
{
    const char *known = NULL;

    if (stuck_words(report, words))
        return true;
    if (report->end == END_CRASH)
        known = of_crash(report);
    else if (report->end == END_BLOCKED)
        known = "a system call waits by itself: with O_NONBLOCK it would say "
                "EAGAIN, and the loop could wait for all";
    else if (strstr(report->log, "cannot await itself") != NULL
             || strstr(report->yours, "cannot await itself") != NULL)
        known = "`task` is the one that runs, and would wait for its own "
                "end: await the future of what it waits for";
    if (known != NULL)
        snprintf(words, REPORT_LINE, "%s", known);
    return known != NULL;
}
