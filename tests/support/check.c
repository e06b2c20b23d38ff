/* check.c - see check.h.
 *
 *     check_main --fork--> the test ... ok:     exit(0)
 *         |                             failed: says why, _exit(FAILED)
 *         '--- waits, prints ok, or what killed it
 *
 * A failed check needs no way back: its process ends.
 */
#include "check.h"

#include "sys.h"
#include "watchdog.h"
#include "words.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef MAP_ANONYMOUS
#define MAP_ANONYMOUS 0x20 /* Linux's; POSIX has no name for it until 2024 */
#endif

enum { FAILED = 3, SKIPPED = 4, NOT_WRITTEN = 77 }; /* of a test's process */
enum { CENSUS_FDS = 2048, PICTURE_ROWS = 8, RUSH = 100000 };

/* The test that runs in this process. The macros and the watchdog's
 * handler reach it from anywhere, so it is the harness's one global. */
static struct {
    const char *name;
    struct lab *lab;       /* open now, or NULL                  */
    struct report *report; /* shared with the harness            */
    bool lesson;           /* the harness will print a verdict   */
    char owners[CENSUS_FDS][64]; /* who opened a socket          */
} running;

/* --- Words --------------------------------------------------------------- */

/* The picture and the virtual time as they are now: the loop may be closed
 * when a check fails. */
static void remember(struct lab *lab)
{
    struct report *report = running.report;
    FILE *out;

    report->timed = lab->loop.virtual_time;
    report->virtual_ns = lab->loop.now_ns;
    if (!running.lesson || lab->trace.row_count > PICTURE_ROWS)
        return;
    out = fmemopen(report->timeline, sizeof report->timeline - 1, "w");
    if (out != NULL) {
        trace_text(&lab->trace, out, false);
        fclose(out);
    }
}

_Noreturn static void end_failed(enum end end)
{
    running.report->end = end;
    if (running.lab != NULL)
        remember(running.lab);
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

    strcpy(text, "\"");
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
    sprintf(text + used, "\"\n%*s", (int)under + 1, "^");
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

static void print_lines(const char *title, const char *lines)
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

void scene(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(running.report->scene, REPORT_LINE, format, arguments);
    va_end(arguments);
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
    if (n < 0 || m < 0 || (size_t)(n + m) + 2 > room)
        check_fail(__FILE__, __LINE__, "the log is full: a task that spins?");
    strcpy(at + n + m, "\n");
    report->log_used += (size_t)(n + m) + 1;
    report->agreed = report->log_used;
}

void check_log(const char *file, int line, const char *expected)
{
    struct report *report = running.report;

    check_lines(file, line, "the log", expected, report->log);
    report->log_used = report->agreed = 0;
    report->log[0] = '\0';
}

/* --- The loop ------------------------------------------------------------ */

_Noreturn static void bark(enum end end);

/* Very many steps while the clock stands still: somebody yields, or wakes
 * himself, for ever. */
static void count_rush(struct lab *lab, const struct loop *loop)
{
    if (!loop->virtual_time || loop->now_ns != lab->instant_ns)
        lab->rush = 0;
    lab->instant_ns = loop->now_ns;
    lab->rush++;
    if (running.lesson && lab->rush > RUSH)
        bark(END_SPIN);
}

static void count(struct loop_hook *hook, struct loop *loop,
                  const struct loop_event *event)
{
    struct lab *lab = CONTAINER(hook, struct lab, hook);

    lab->polls += event->kind == EVENT_POLL;
    lab->steps += event->kind == EVENT_STEP;
    lab->timers += event->kind == EVENT_TIMER;
    running.report->in_poll = event->kind == EVENT_POLL;
    running.report->virtual_ns = loop->now_ns;
    check_progress();
    if (event->kind == EVENT_STEP)
        count_rush(lab, loop);
}

/* --- Who opened a socket ------------------------------------------------- */

static void own(int fd, const char *how)
{
    const struct task *task = NULL;
    const struct coro *coro;

    if (fd < 0 || fd >= CENSUS_FDS)
        return;
    if (running.lab != NULL)
        task = running.lab->loop.current;
    if (task == NULL) {
        snprintf(running.owners[fd], 64, "a socket from %s", how);
        return;
    }
    for (coro = task->coro; coro->callee != NULL; coro = coro->callee)
        continue;
    snprintf(running.owners[fd], 64, "a socket from %s, opened by task %s "
             "in %s", how, task->name, coro->type->name);
}

static int owning_socket(int family, int type, int protocol)
{
    int fd = sys_real.socket(family, type, protocol);

    own(fd, "socket()");
    return fd;
}

static int owning_accept(int listener, struct sockaddr *address,
                         socklen_t *length)
{
    int fd = sys_real.accept(listener, address, length);

    own(fd, "accept()");
    return fd;
}

/* The kernel, and a note of who opened what; for lessons. */
static const struct sys *owning_sys(void)
{
    static struct sys sys;

    sys = sys_real;
    sys.socket = owning_socket;
    sys.accept = owning_accept;
    return &sys;
}

/* --- A test's loop ------------------------------------------------------- */

void lab_open_with(struct lab *lab, struct loop_options options)
{
    struct error error;

    *lab = (struct lab){ .hook.tell = count };
    options.log = open_memstream(&lab->log, &lab->log_size);
    if (running.lesson && options.sys == NULL)
        options.sys = owning_sys();
    CHECK(options.log != NULL);
    if (loop_open(&lab->loop, &options, &error) != 0)
        check_fail(__FILE__, __LINE__, "loop_open: %s", error.text);
    lab->loop.hook = &lab->hook;
    running.report->timeline[0] = '\0';
    running.report->timed = options.virtual_time;
    if (running.lesson)
        CHECK_INT(0, trace_open(&lab->trace, &lab->loop));
    running.lab = lab;
}

void lab_open(struct lab *lab)
{
    lab_open_with(lab, (struct loop_options){ .virtual_time = true });
}

int lab_run(struct lab *lab, struct coro *main)
{
    return loop_run(&lab->loop, main);
}

int lab_turns(struct lab *lab, struct future *future)
{
    int turns = 0;

    while (!future_done(future)) {
        CHECK(turns < 1000 && "the future will never be done");
        loop_turn(&lab->loop, false);
        turns++;
    }
    return turns;
}

/* "(/a/b/file.c:123)" becomes "(file.c:N)". */
static void normalise(char *text)
{
    char *out = text;

    while (*text != '\0') {
        char *close = *text == '(' ? strchr(text, ')') : NULL;
        char *slash = text, *at;

        *out++ = *text++;
        if (close == NULL)
            continue;
        for (at = text; at < close; at++)
            if (*at == '/')
                slash = at;
        text = *slash == '/' ? slash + 1 : text;
        while (text < close && *text != ':')
            *out++ = *text++;
        if (*text == ':' && text[1] >= '0' && text[1] <= '9') {
            memcpy(out, ":N", 2);
            out += 2;
            text = close;
        }
    }
    *out = '\0';
}

void lab_close_reporting_(const char *file, int line, struct lab *lab,
                          const char *expected)
{
    remember(lab);
    running.lab = NULL;
    if (running.lesson)
        trace_close(&lab->trace);
    loop_close(&lab->loop);
    fclose(lab->loop.log); /* and the text is there */
    normalise(lab->log);
    running.report->deadlock = strstr(lab->log, "deadlock: ") != NULL;
    check_lines(file, line, "the loop's report", expected, lab->log);
    free(lab->log);
}

void lab_close(struct lab *lab)
{
    struct loop *loop = &lab->loop;

    if (loop->timers.count > 0)
        check_fail(__FILE__, __LINE__, "%zu timers are left running, the "
                   "first is due at %g s", loop->timers.count,
                   (double)loop->timers.at[0]->when / 1e9);
    if (loop_fds(loop) > 0)
        check_fail(__FILE__, __LINE__, "%zu sockets are still waited for",
                   loop_fds(loop));
    if (loop->ready.tail != NULL)
        check_fail(__FILE__, __LINE__, "a callback is still to run");
    lab_close_reporting(lab, "");
}

/* --- File descriptors ---------------------------------------------------- */

void socket_pair(int fds[static 2])
{
    CHECK_INT(0, socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
    for (int i = 0; i < 2; i++) {
        CHECK_INT(0, fcntl(fds[i], F_SETFL, O_NONBLOCK));
        CHECK_INT(0, fcntl(fds[i], F_SETFD, FD_CLOEXEC));
    }
}

/* Asks for each: right everywhere, 2 ms. */
static void ask_each(bool open[static CENSUS_FDS])
{
    for (int fd = 0; fd < CENSUS_FDS; fd++)
        open[fd] = fcntl(fd, F_GETFD) != -1;
}

static int take_census(bool open[static CENSUS_FDS])
{
    DIR *directory = opendir("/proc/self/fd"); /* Linux's list: 20 us */
    const struct dirent *entry;
    int fd, n = 0;

    memset(open, 0, CENSUS_FDS * sizeof *open);
    if (directory == NULL) {
        ask_each(open);
    } else {
        for (;;) {
            entry = readdir(directory);
            if (entry == NULL)
                break;
            fd = atoi(entry->d_name);
            if (entry->d_name[0] != '.' && fd < CENSUS_FDS)
                open[fd] = fd != dirfd(directory);
        }
        closedir(directory);
    }
    for (fd = 0; fd < CENSUS_FDS; fd++)
        n += open[fd];
    return n;
}

int count_fds(void)
{
    bool open[CENSUS_FDS];

    return take_census(open);
}

/* --- Running ------------------------------------------------------------- */

/* Prints the stack to stderr; of the sanitizers, NULL without them. */
void __sanitizer_print_stack_trace(void) __attribute__((weak));

/* Of a dump only the block of the task that runs: who waits for what is
 * not why it hangs. */
static void keep_task(char *dump, const char *name)
{
    char *line = strchr(dump, '\n');

    for (; line != NULL; line = strchr(line + 1, '\n')) {
        size_t n = strlen(name);
        char *end;

        if (strncmp(line + 1, "  task ", 7) != 0
            || strncmp(line + 8, name, n) != 0 || line[8 + n] != ' ')
            continue;
        end = strstr(line + 1, "\n  task ");
        if (end != NULL)
            end[1] = '\0';
        memmove(dump, line + 1, strlen(line));
        return;
    }
}

static void put_dump(const struct loop *loop)
{
    struct report *report = running.report;
    FILE *out = fmemopen(report->dump, REPORT_TEXT - 1, "w");

    if (out == NULL)
        return;
    loop_dump(loop, out);
    fclose(out);
    if (loop->current != NULL)
        keep_task(report->dump, loop->current->name);
}

static void put_hang(struct report *report, enum end end)
{
    const struct task *task = running.lab == NULL ? NULL
        : running.lab->loop.current;

    snprintf(report->yours, REPORT_TEXT, "%s%s%s", task == NULL ? ""
             : task->name, task == NULL ? "" : " ", end == END_SPIN
             ? "runs on and on and lets nobody else run"
             : end == END_BLOCKED ? "sleeps in a system call of its own"
             : "is still running, and its time is up");
}

/* Says who hangs and why. Not async-signal-safe, but the process is past
 * saving, and these are its last words. */
_Noreturn static void bark(enum end end)
{
    struct report *report = running.report;

    put_hang(report, end);
    if (running.lab != NULL)
        put_dump(&running.lab->loop);
    if (running.lesson && __sanitizer_print_stack_trace != NULL)
        __sanitizer_print_stack_trace();
    if (!running.lesson) {
        printf("not ok %s: still running, and its time is up\n%s",
               running.name, report->dump);
        print_lines("its log:", report->log);
    }
    end_failed(end);
}

static void bark_at_alarm(int number)
{
    (void)number;
    bark(END_SLOW);
}

/* An assertion failed: whose call was it? */
static void tell_abort(int number)
{
    (void)number;
    if (__sanitizer_print_stack_trace != NULL)
        __sanitizer_print_stack_trace();
}

/* Of ASan; without it there is none, and its address is NULL. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t heap_bytes(void)
{
    return __sanitizer_get_current_allocated_bytes != NULL
        ? __sanitizer_get_current_allocated_bytes() : 0;
}

/* The leak checker looks at exit, which takes 40 ms: only if there is more
 * on the heap than before the test. */
_Noreturn static void end_ok(size_t heap_before)
{
    fflush(stdout);
    if (heap_bytes() > heap_before)
        exit(0);
    _exit(0);
}

static unsigned seconds(void)
{
    const char *text = getenv("LAB_CHECK_SECONDS");

    return text != NULL ? (unsigned)atoi(text) : 10;
}

static void watch_over(void)
{
    if (running.lesson) {
        signal(SIGABRT, tell_abort);
        watchdog_start(running.report, seconds(), bark);
    } else {
        signal(SIGALRM, bark_at_alarm);
        alarm(seconds());
    }
}

static void check_fds(const bool before[static CENSUS_FDS])
{
    bool after[CENSUS_FDS];

    take_census(after);
    for (int fd = 0; fd < CENSUS_FDS; fd++)
        if (after[fd] && !before[fd])
            check_fail(__FILE__, __LINE__, "fd %d is still open%s%s", fd,
                       running.owners[fd][0] != '\0' ? ": " : "",
                       running.owners[fd]);
}

static void run_here(const struct test *test)
{
    bool before[CENSUS_FDS];

    running.name = test->name;
    take_census(before);
    watch_over();
    test->run();
    if (running.lesson)
        watchdog_stop();
    alarm(0);
    promise("nothing is left behind");
    if (running.lab != NULL)
        check_fail(__FILE__, __LINE__, "its loop was never closed");
    check_fds(before);
    running.report->end = END_PASSED;
}

static void clear_report(void)
{
    running.report->log[0] = '\0';
    memset(running.report, 0, offsetof(struct report, log));
    running.report->in_poll = false;
}

/* In a process of its own; its stderr goes to `errors`, if there is such.
 * waitpid's status, or -1. */
static int fork_and_wait(const struct test *test, FILE *errors)
{
    size_t heap_before = heap_bytes();
    int status = 0;
    pid_t pid;

    clear_report();
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        if (errors != NULL)
            dup2(fileno(errors), 2);
        run_here(test);
        end_ok(heap_before);
    }
    while (pid > 0 && waitpid(pid, &status, 0) == -1 && errno == EINTR)
        continue;
    return pid < 0 ? -1 : status;
}

/* How the test ended: 0, FAILED, SKIPPED or NOT_WRITTEN. */
static int run_apart(const struct test *test)
{
    int status = fork_and_wait(test, NULL);

    if (status == -1 || WIFSIGNALED(status)) {
        printf("not ok %s: killed by signal %d, %s\n", test->name,
               WTERMSIG(status), strsignal(WTERMSIG(status)));
        return FAILED;
    }
    status = WEXITSTATUS(status);
    if (status == 0)
        printf("ok %s\n", test->name);
    else if (status == NOT_WRITTEN)
        printf("todo %s: not written yet\n", test->name);
    else if (status != FAILED && status != SKIPPED)
        printf("not ok %s: ended with status %d: a sanitizer's words are "
               "above\n", test->name, status);
    return status;
}

static const struct test *find(const struct test *tests, size_t n,
                               const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(tests[i].name, name) == 0)
            return &tests[i];
    fprintf(stderr, "no test %s; --list names them\n", name);
    exit(2);
}

static void list(const struct test *tests, size_t n)
{
    for (size_t i = 0; i < n; i++)
        puts(tests[i].name);
}

struct tally {
    int passed, failed, skipped, not_written;
};

static void add(struct tally *tally, int ended)
{
    if (ended == 0)
        tally->passed++;
    else if (ended == SKIPPED)
        tally->skipped++;
    else if (ended == NOT_WRITTEN)
        tally->not_written++;
    else
        tally->failed++;
}

static void open_report(bool lesson)
{
    void *memory = mmap(NULL, sizeof *running.report, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED) {
        perror("mmap");
        exit(2);
    }
    running.report = memory;
    running.lesson = lesson;
}

static int print_tally(const struct tally *tally)
{
    printf("%d passed, %d failed", tally->passed, tally->failed);
    if (tally->skipped > 0)
        printf(", %d skipped", tally->skipped);
    if (tally->not_written > 0)
        printf(", %d not written", tally->not_written);
    putchar('\n');
    if (tally->failed > 0)
        return 1;
    return tally->not_written > 0 ? NOT_WRITTEN : 0;
}

int check_main(int argc, char **argv, const struct test *tests, size_t n)
{
    struct tally tally = { 0, 0, 0, 0 };

    open_report(false);
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        list(tests, n);
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "--here") == 0) {
        run_here(find(tests, n, argv[2]));
        return 0;
    }
    for (size_t i = 0; argc == 1 && i < n; i++)
        add(&tally, run_apart(&tests[i]));
    for (int i = 1; i < argc; i++)
        add(&tally, run_apart(find(tests, n, argv[i])));
    return print_tally(&tally);
}

/* --- A lesson's verdict -------------------------------------------------- */

struct judging {
    const struct lesson *lesson;
    const char *program, *json;
    bool all, color;
    int argc; /* names asked for */
    char **argv;
    int64_t real_ns;
};

/* What the test's process wrote to stderr: the caller frees it. */
static char *read_errors(FILE *errors)
{
    long size = (fseek(errors, 0, SEEK_END), ftell(errors));
    char *text = calloc(1, (size_t)(size < 0 ? 0 : size) + 1);

    if (text == NULL)
        abort();
    rewind(errors);
    if (size > 0 && fread(text, 1, (size_t)size, errors) == 0)
        text[0] = '\0';
    return text;
}

/* "lessons/13_wait/exercise.c:41: not written yet: words\n" */
static void read_todo(struct report *report, const char *text)
{
    const char *words = strstr(text, ": not written yet: ");

    report->end = END_TODO;
    if (words == NULL)
        return;
    while (words > text && words[-1] != '\n' && words - 1 > text)
        words--;
    if (words[-1] != '\n')
        words = text;
    snprintf(report->place, REPORT_LINE, "%.*s",
             (int)(strstr(words, ": not written yet") - words), words);
    words = strstr(words, ": not written yet: ") + 19;
    snprintf(report->yours, REPORT_TEXT, "%.*s", (int)strcspn(words, "\n"),
             words);
}

/* From how the process ended and what it wrote, what became of the test. */
static void read_end(struct report *report, int status, char *text)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_WRITTEN)
        read_todo(report, text);
    else if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED)
        report->end = END_SKIPPED;
    else if (report->end == END_SPIN || report->end == END_BLOCKED
             || report->end == END_SLOW)
        words_of_frame(text, report->place);
    else if (report->end == END_NONE
             || (report->end == END_PASSED && status != 0))
        words_of_crash(report, text, status);
    else
        fputs(text, stderr); /* the learner's own prints */
}

static int64_t clock_ns(void)
{
    return sys_real.now();
}

/* Runs one promise and fills the report. */
static void judge(struct judging *judging, const struct test *test)
{
    int64_t start = clock_ns();
    FILE *errors = tmpfile();
    char *text;
    int status;

    if (errors == NULL) {
        perror("tmpfile");
        exit(2);
    }
    status = fork_and_wait(test, errors);
    text = read_errors(errors);
    fclose(errors);
    read_end(running.report, status, text);
    free(text);
    running.report->real_ns = clock_ns() - start;
    judging->real_ns += running.report->real_ns;
}

static struct judged judged_of(const struct judging *judging, size_t step)
{
    const struct lesson *lesson = judging->lesson;

    return (struct judged){ lesson->name, judging->program,
        lesson->tests[step].name, step + 1, lesson->test_count,
        running.report, lesson->causes, lesson->cause_count };
}

static int write_json(const struct judging *judging,
                      const struct judged *judged)
{
    FILE *out;

    if (judging->json == NULL)
        return 0;
    out = fopen(judging->json, "w");
    if (out == NULL) {
        fprintf(stderr, "%s: write %s: %s\n", judging->program,
                judging->json, strerror(errno));
        return 2;
    }
    verdict_json(judged, out);
    fclose(out);
    return 0;
}

static bool wanted(const struct judging *judging, const char *name)
{
    for (int i = 0; i < judging->argc; i++)
        if (strcmp(judging->argv[i], name) == 0)
            return true;
    return judging->argc == 0;
}

/* Judges one; true if it was kept. */
static bool judge_step(struct judging *judging, size_t step, int *result)
{
    struct judged judged = judged_of(judging, step);

    judge(judging, &judging->lesson->tests[step]);
    if (running.report->end == END_PASSED
        || running.report->end == END_SKIPPED)
        return true;
    verdict_print(&judged, stdout, judging->color);
    *result = running.report->end == END_TODO ? NOT_WRITTEN : 1;
    if (write_json(judging, &judged) != 0)
        *result = 2;
    return false;
}

static int judge_all(struct judging *judging)
{
    const struct lesson *lesson = judging->lesson;
    struct judged judged;
    int result = 0;

    for (size_t i = 0; i < lesson->test_count; i++)
        if (wanted(judging, lesson->tests[i].name)
            && !judge_step(judging, i, &result) && !judging->all)
            return result;
    if (result != 0)
        return result;
    running.report->real_ns = judging->real_ns;
    running.report->end = END_PASSED;
    judged = judged_of(judging, lesson->test_count - 1);
    if (judging->argc > 0)
        judged.steps = (size_t)judging->argc;
    verdict_passed(&judged, stdout, judging->color);
    return write_json(judging, &judged);
}

static bool color_by_default(void)
{
    const char *no = getenv("NO_COLOR"), *force = getenv("FORCE_COLOR");

    if (no != NULL && no[0] != '\0')
        return false;
    return (force != NULL && force[0] != '\0') || isatty(1);
}

/* Reads the options; the number of arguments they took, or -1. */
static int read_options(struct judging *judging, int argc, char **argv)
{
    int i = 1;

    for (; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "--all") == 0) {
            judging->all = true;
        } else if (i + 1 < argc && strcmp(argv[i], "--json") == 0) {
            judging->json = argv[++i];
        } else if (i + 1 < argc && strcmp(argv[i], "--color") == 0) {
            judging->color = strcmp(argv[++i], "always") == 0;
        } else {
            fprintf(stderr, "%s: %s: not an option of --all, --json FILE, "
                    "--color always|never, --list, --here NAME\n", argv[0],
                    argv[i]);
            return -1;
        }
    }
    return i;
}

int lesson_main(int argc, char **argv, const struct lesson *lesson)
{
    struct judging judging = { .lesson = lesson, .program = argv[0],
                               .color = color_by_default() };
    int used;

    open_report(true);
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        list(lesson->tests, lesson->test_count);
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "--here") == 0) {
        running.lesson = false;
        run_here(find(lesson->tests, lesson->test_count, argv[2]));
        return 0;
    }
    used = read_options(&judging, argc, argv);
    if (used < 0)
        return 2;
    judging.argc = argc - used;
    judging.argv = argv + used;
    for (int i = 0; i < judging.argc; i++)
        find(lesson->tests, lesson->test_count, judging.argv[i]);
    return judge_all(&judging);
}
