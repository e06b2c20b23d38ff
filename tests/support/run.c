/* run.c - a process per test.
 *
 *     check_main --fork--> the test ... ok:     exit(0)
 *         |                             failed: says why, _exit(FAILED)
 *         '--- waits, prints ok, or what killed it
 */
#include "running.h"

#include "loop/net.h"
#include "watchdog.h"
#include "words.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
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

/* --- File descriptors ---------------------------------------------------- */

void socket_pair(int fds[static 2])
{
    CHECK_INT(0, socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
    for (int i = 0; i < 2; i++) {
        CHECK_INT(0, fcntl(fds[i], F_SETFL, O_NONBLOCK));
        CHECK_INT(0, fcntl(fds[i], F_SETFD, FD_CLOEXEC));
    }
}

int deaf_socket(struct address *address)
{
    struct sockaddr *name = (struct sockaddr *)&address->storage;
    struct error error;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    CHECK_CODE(0, address_parse(address, "127.0.0.1", 0, &error));
    CHECK_INT(0, bind(fd, name, address->length));
    CHECK_INT(0, getsockname(fd, name, &address->length));
    return fd;
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

/* The same of UBSan: without a stack, nobody knows whose call it was. */
const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void)
{
    return "print_stacktrace=1";
}

/* Prints the stack to stderr; of the sanitizers, NULL without them. */
void __sanitizer_print_stack_trace(void) __attribute__((weak));

/* Where a function is, in words of a format; of them too. */
void __sanitizer_symbolize_pc(void *pc, const char *format, char *out,
                              size_t size) __attribute__((weak));

void tell_callback(const struct queue *queue)
{
    char frame[512] = "";
    void *pc;

    if (queue->tail == NULL || __sanitizer_symbolize_pc == NULL)
        return;
    memcpy(&pc, &queue->tail->run, sizeof pc);
    pc = (char *)pc + 1; /* as if it were called from there */
    __sanitizer_symbolize_pc(pc, "    #0 0x0 in %f %S", frame, sizeof frame);
    fprintf(stderr, "%s%s\n", words_queued, frame);
}

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

/* "deadlock: nothing is ready, ...": the dump's words, but it hangs. */
static void drop_heading(char *dump)
{
    const char *tasks = strstr(dump, "unfinished tasks:\n");

    if (tasks != NULL)
        memmove(dump, tasks, strlen(tasks) + 1);
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
    else
        drop_heading(report->dump);
}

static const char *hang_words(enum end end)
{
    switch ((int)end) {
    case END_RUSH: return "is woken again and again, and time stands still";
    case END_SPIN: return "runs on and on and lets nobody else run";
    case END_BLOCKED: return "sleeps in a system call of its own";
    case END_DEAF: return "a socket or pipe is readable again and again, and "
        "nobody takes what is there";
    case END_FLOOD: return "says more and more and comes to no end: the log "
        "is full";
    default: return "is still running, and its time is up";
    }
}

static void put_task(struct report *report)
{
    const struct task *task = running.lab == NULL ? NULL
        : running.lab->loop.current;

    snprintf(report->task, sizeof report->task, "%s", task == NULL ? ""
             : task->name);
}

static void put_hang(struct report *report, enum end end)
{
    put_task(report);
    snprintf(report->yours, REPORT_TEXT, "%s%s%s", report->task,
             report->task[0] == '\0' ? "" : " ", hang_words(end));
}

static void stop_watching(void)
{
    if (running.lesson)
        watchdog_stop();
}

/* Some steps are tried at once, and mostly have the same mistake: what costs
 * CPU time waits here for the step's turn to be told, and is killed here if
 * the verdict is another's. */
void hold(void)
{
    const struct timespec nap = { 0, 2 * 1000000L };

    running.report->in_poll = true; /* this is no hang of the learner's */
    for (int i = 0; running.lesson && !running.report->on_turn
         && i < 30000; i++)
        nanosleep(&nap, NULL);
    running.report->in_poll = false;
}

/* To name the places of a stack takes a third of a second of CPU. */
void wait_for_turn(void)
{
    stop_watching();
    hold();
}

/* Says who hangs and why. Not async-signal-safe, but the process is past
 * saving, and these are its last words. */
_Noreturn void bark(enum end end)
{
    struct report *report = running.report;

    wait_for_turn();
    put_hang(report, end);
    if (running.lab != NULL)
        put_dump(&running.lab->loop);
    if (running.lesson && __sanitizer_print_stack_trace != NULL)
        __sanitizer_print_stack_trace();
    if (running.lesson && running.lab != NULL)
        tell_callback(&running.lab->loop.ready);
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
    wait_for_turn();
    if (__sanitizer_print_stack_trace != NULL)
        __sanitizer_print_stack_trace();
}

/* Called by the sanitizers as a report begins. To name the places may take
 * a second, in a process of its own that we wait for: no hang of the
 * student's, and a bark in the middle of it would never end. */
void __asan_on_error(void);
void __asan_on_error(void)
{
    wait_for_turn();
    put_task(running.report);
}

void __ubsan_on_report(void);
void __ubsan_on_report(void)
{
    wait_for_turn();
    put_task(running.report);
}

/* Asked by ASan at its start: a body's locals die at every await, and the
 * use of one through a pointer must be seen, not work by luck. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_stack_use_after_return=1"
           ":max_uar_stack_size_log=16"; /* of 20, a test begins sooner */
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
_Noreturn static void end_ok(void)
{
    fflush(stdout);
    if (heap_bytes() > running.heap_before)
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

void run_here(const struct test *test)
{
    bool before[CENSUS_FDS];

    running.name = test->name;
    watch_over();
    take_census(before);
    running.heap_before = heap_bytes(); /* the watchdog's thread has some */
    test->run();
    stop_watching();
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
    running.report->in_poll = running.report->on_turn = false;
}

pid_t start_test(const struct test *test, FILE *prints, FILE *errors)
{
    pid_t pid;

    clear_report();
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        if (prints != NULL)
            dup2(fileno(prints), 1);
        if (errors != NULL)
            dup2(fileno(errors), 2);
        run_here(test);
        end_ok();
    }
    return pid;
}

int wait_for_test(pid_t pid)
{
    int status = 0;

    while (pid > 0 && waitpid(pid, &status, 0) == -1 && errno == EINTR)
        continue;
    return pid < 0 ? -1 : status;
}

/* How the test ended: 0, FAILED, SKIPPED or NOT_WRITTEN. */
static int run_apart(const struct test *test)
{
    int status = wait_for_test(start_test(test, NULL, NULL));

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

const struct test *find_test(const struct test *tests, size_t n,
                             const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(tests[i].name, name) == 0)
            return &tests[i];
    fprintf(stderr, "no test %s; --list names them\n", name);
    exit(2);
}

void list_tests(const struct test *tests, size_t n)
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

struct report *open_report(void)
{
    void *memory = mmap(NULL, sizeof *running.report, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED) {
        perror("mmap");
        exit(2);
    }
    return memory;
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

    running.report = open_report();
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        list_tests(tests, n);
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "--here") == 0) {
        run_here(find_test(tests, n, argv[2]));
        return 0;
    }
    for (size_t i = 0; argc == 1 && i < n; i++)
        add(&tally, run_apart(&tests[i]));
    for (int i = 1; i < argc; i++)
        add(&tally, run_apart(find_test(tests, n, argv[i])));
    return print_tally(&tally);
}
