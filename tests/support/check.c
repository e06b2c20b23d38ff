/* check.c - see check.h.
 *
 *     check_main --fork--> the test ... ok:     exit(0)
 *         |                             failed: says why, _exit(FAILED)
 *         '--- waits, prints ok, or what killed it
 *
 * A failed check needs no way back: its process ends.
 */
#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 3, SKIPPED = 4, NOT_WRITTEN = 77 }; /* of a test's process */
enum { CENSUS_FDS = 2048, LOG_SIZE = 1 << 16 };

/* The test that runs in this process. The macros and the watchdog's
 * handler reach it from anywhere, so it is the harness's one global. */
static struct {
    const char *name;
    struct lab *lab; /* open now, or NULL */
    size_t log_used;
    char log[LOG_SIZE];
} running;

/* --- Words --------------------------------------------------------------- */

static void say_failed(void)
{
    printf("not ok %s: ", running.name);
}

_Noreturn static void end_failed(void)
{
    fflush(stdout);
    _exit(FAILED);
}

_Noreturn void check_fail(const char *file, int line, const char *format, ...)
{
    va_list arguments;

    say_failed();
    printf("%s:%d: ", file, line);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    end_failed();
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
    if (expected != got)
        check_fail(file, line, "%s: expected %lld, got %lld", what, expected,
                   got);
}

void check_str(const char *file, int line, const char *what,
               const char *expected, const char *got)
{
    if (strcmp(expected, got) != 0)
        check_fail(file, line, "%s: expected \"%s\", got \"%s\"", what,
                   expected, got);
}

void check_code(const char *file, int line, const char *what, int expected,
                int got)
{
    if (expected != got)
        check_fail(file, line, "%s: expected %s (%d), got %s (%d)", what,
                   error_name(expected), expected, error_name(got), got);
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
    say_failed();
    printf("%s:%d: %s differs from line %d on\n", file, line, what, number);
    print_lines("expected:", expected);
    print_lines("got:", got);
    printf("  line %d: expected \"%.*s\", got \"%.*s\"\n", number,
           (int)strcspn(a, "\n"), a, (int)strcspn(b, "\n"), b);
    end_failed();
}

/* --- The log ------------------------------------------------------------- */

void say(const char *format, ...)
{
    const struct lab *lab = running.lab;
    char *at = running.log + running.log_used;
    size_t room = LOG_SIZE - running.log_used;
    va_list arguments;
    int n = 0, m;

    if (lab != NULL && lab->loop.virtual_time)
        n = snprintf(at, room, "%g ", (double)lab->loop.now_ns / 1e9);
    va_start(arguments, format);
    m = vsnprintf(at + n, room - (size_t)n, format, arguments);
    va_end(arguments);
    if (n < 0 || m < 0 || (size_t)(n + m) + 2 > room)
        check_fail(__FILE__, __LINE__, "the log is full: a task that spins?");
    strcpy(at + n + m, "\n");
    running.log_used += (size_t)(n + m) + 1;
}

void check_log(const char *file, int line, const char *expected)
{
    check_lines(file, line, "the log", expected, running.log);
    running.log_used = 0;
    running.log[0] = '\0';
}

/* --- The loop ------------------------------------------------------------ */

static void count(struct loop_hook *hook, struct loop *loop,
                  const struct loop_event *event)
{
    struct lab *lab = CONTAINER(hook, struct lab, hook);

    (void)loop;
    lab->polls += event->kind == EVENT_POLL;
    lab->steps += event->kind == EVENT_STEP;
    lab->timers += event->kind == EVENT_TIMER;
}

void lab_open_with(struct lab *lab, struct loop_options options)
{
    struct error error;

    *lab = (struct lab){ .hook.tell = count };
    options.log = open_memstream(&lab->log, &lab->log_size);
    CHECK(options.log != NULL);
    if (loop_open(&lab->loop, &options, &error) != 0)
        check_fail(__FILE__, __LINE__, "loop_open: %s", error.text);
    lab->loop.hook = &lab->hook;
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
    running.lab = NULL;
    loop_close(&lab->loop);
    fclose(lab->loop.log); /* and the text is there */
    normalise(lab->log);
    check_lines(file, line, "the loop's report", expected, lab->log);
    free(lab->log);
}

void lab_close(struct lab *lab)
{
    struct loop *loop = &lab->loop;
    size_t ours = loop->signals.pipe[0] >= 0; /* the loop's own watch */

    CHECK_INT(0, loop->timers.count);
    CHECK_INT(ours, loop->poller.count);
    CHECK_INT(0, loop->ready.tail != NULL);
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

/* Says who hangs and why. Not async-signal-safe, but the process is past
 * saving, and these are its last words. */
static void bark(int number)
{
    (void)number;
    say_failed();
    printf("still running, and its time is up\n");
    if (running.lab != NULL)
        loop_dump(&running.lab->loop, stdout);
    print_lines("its log:", running.log);
    end_failed();
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

static void run_here(const struct test *test)
{
    bool before[CENSUS_FDS], after[CENSUS_FDS];

    running.name = test->name;
    signal(SIGALRM, bark);
    take_census(before);
    alarm(seconds());
    test->run();
    alarm(0);
    take_census(after);
    if (running.lab != NULL)
        check_fail(__FILE__, __LINE__, "its loop was never closed");
    for (int fd = 0; fd < CENSUS_FDS; fd++)
        if (after[fd] && !before[fd])
            check_fail(__FILE__, __LINE__, "fd %d is still open", fd);
}

/* How the test ended: 0, FAILED, SKIPPED or NOT_WRITTEN. */
static int run_apart(const struct test *test)
{
    size_t heap_before = heap_bytes();
    int status = 0;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        run_here(test);
        end_ok(heap_before);
    }
    while (pid > 0 && waitpid(pid, &status, 0) == -1 && errno == EINTR)
        continue;
    if (pid < 0 || WIFSIGNALED(status)) {
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

int check_main(int argc, char **argv, const struct test *tests, size_t n)
{
    struct tally tally = { 0, 0, 0, 0 };

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
    printf("%d passed, %d failed", tally.passed, tally.failed);
    if (tally.skipped > 0)
        printf(", %d skipped", tally.skipped);
    if (tally.not_written > 0)
        printf(", %d not written", tally.not_written);
    putchar('\n');
    if (tally.failed > 0)
        return 1;
    return tally.not_written > 0 ? NOT_WRITTEN : 0;
}
