/* check.h - a test program is a table of promises.
 *
 *     TEST(a_timer_is_never_early)
 *     {
 *         struct lab lab;
 *
 *         lab_open(&lab);
 *         CHECK_CODE(0, lab_run(&lab, &nap.coro));
 *         CHECK_LOG("0 asleep\n" "1.5 awake\n");
 *         lab_close(&lab);
 *     }
 *
 *     int main(int argc, char **argv)
 *     {
 *         static const struct test tests[] = { ENTRY(a_timer_is_...) };
 *
 *         return check_main(argc, argv, tests, COUNT(tests));
 *     }
 *
 * Every test runs in a process of its own: an assertion that fails, a
 * crash, a hang or a forgotten fd is that test's alone, and the rest still
 * run. When it is over a census is taken: no fd more than before, no loop
 * left open, and under ASan no byte leaked.
 */
#ifndef LAB_CHECK_H
#define LAB_CHECK_H

#include "loop/loop.h"
#include "trace/trace.h"
#include "verdict.h"

#include <stddef.h>
#include <stdio.h>

struct test {
    const char *name;
    void (*run)(void);
};

#define TEST(name) static void name(void)
#define ENTRY(name) { #name, name }
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Runs the tests named on the command line, or all of them in order;
 * --list prints their names, --here NAME runs one in this process, for a
 * debugger. Prints "ok NAME", "not ok NAME: why" or "skip NAME: why", and
 * a last line "N passed, N failed". Exit code: 0; 1 a test failed; 2
 * usage; 77 the code under test called TODO(). LAB_CHECK_SECONDS=N: how
 * long a test may take, 10 if it is not set. */
int check_main(int argc, char **argv, const struct test *tests, size_t n);

/* A lesson's test, which judges name.c and exercise.c alike. */
struct lesson {
    const char *name; /* "13_wait" */
    const struct test *tests;
    size_t test_count;
    const struct cause *causes; /* of failures, the likely ones first */
    size_t cause_count;
};

/* check_main for a learner: stops at the first promise that is not kept and
 * prints one verdict (verdict.h); hangs, crashes and what is left open have
 * verdicts too. --all goes on; --json FILE writes it for programs; --color
 * always|never (NO_COLOR, FORCE_COLOR; else if stdout is a terminal);
 * --list, --here NAME and names as check_main. Exit codes as check_main. */
int lesson_main(int argc, char **argv, const struct lesson *lesson);

/* Before it: its tests wait for others more than for a CPU, so twice as many
 * are tried at once. */
void lesson_waits(void);

/* Each ends the test as failed unless it holds; they say where, and what
 * was expected and what came. */
#define CHECK(condition) do { if (!(condition))                           \
    check_true(__FILE__, __LINE__, #condition); } while (0)
#define CHECK_INT(expected, got) check_int(__FILE__, __LINE__, #got,      \
    (long long)(expected), (long long)(got))
#define CHECK_STR(expected, got) check_str(__FILE__, __LINE__, #got,      \
    (expected), (got))
/* Error codes, told by name. */
#define CHECK_CODE(expected, got) check_code(__FILE__, __LINE__, #got,    \
    (expected), (got))
/* The first `n` bytes of what went over a wire. */
#define CHECK_BYTES(expected, got, n) check_bytes(__FILE__, __LINE__,     \
    #got, (expected), sizeof(expected) - 1, (got), (n))
/* All that was said since the test began or the last CHECK_LOG. */
#define CHECK_LOG(expected) check_log(__FILE__, __LINE__, (expected))
/* This machine cannot run the test: counts as neither. */
#define SKIP(...) check_skip(__VA_ARGS__)

/* Appends a line to the log: "TIME words", TIME in seconds of the open
 * loop's virtual clock; without one, the words alone. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What is set up, for a verdict's first line: scene("wait(A ok@1, ...)").
 * It stays until the next one; "did" tells what was said since. */
void scene(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What the checks that follow expect, in words, where the code of the check
 * would say little to a learner; "" takes it back. */
void promise(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The test gets on: what the watchdog takes for a sign of life. say() and
 * steps of a lab's loop count as well. */
void check_progress(void);

/* A loop for a test, its reports kept, its polls and steps counted. */
struct lab {
    struct loop loop;
    struct loop_hook hook;
    struct trace trace;       /* in a lesson's test: for the picture */
    int polls, steps, timers; /* so far: calls of the poller, ... */
    int rush;                 /* steps since the clock moved */
    int deaf;                 /* fds ready since anything ran on them */
    int64_t instant_ns;
    char *log;
    size_t log_size;
};

/* A loop with virtual time, the poller from $LAB_POLLER. */
void lab_open(struct lab *lab);
/* Any other; but what the loop reports goes to lab->log in any case. */
void lab_open_with(struct lab *lab, struct loop_options options);

/* For sys.now of a loop with virtual time that waits for others (threads,
 * processes), where it measures patience_ns and nothing else: goes PATIENT
 * times slower than the real clock, and as fast once nobody will come. */
enum { PATIENT = 8 };
int64_t patient_now(bool nobody_will_come);

/* loop_run. */
int lab_run(struct lab *lab, struct coro *main);

/* Turns without waiting until the future is done; how many it took. */
int lab_turns(struct lab *lab, struct future *future);

/* Closes the loop and fails if anything is left in it - a task, a timer, a
 * watch, something ready - or if it had anything to report. */
void lab_close(struct lab *lab);

/* Closes a loop that must have reported exactly this, dumps included.
 * Places read "(file.c:N)", whatever the path and line. */
#define lab_close_reporting(lab, expected)                                \
    lab_close_reporting_(__FILE__, __LINE__, (lab), (expected))

/* A connected pair of sockets, non-blocking, close-on-exec. */
void socket_pair(int fds[static 2]);

/* A socket in place of a listener: bound to a port of 127.0.0.1, into
 * *address, and not listening. Who connects is refused; a port that was
 * closed may by then be another program's. The fd is the caller's. */
struct address;
int deaf_socket(struct address *address);

/* How many fds are open. */
int count_fds(void);

/* What the macros call. */
_Noreturn void check_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void check_true(const char *file, int line, const char *condition);
void check_bytes(const char *file, int line, const char *what,
                 const void *expected, size_t n, const void *got, size_t m);
_Noreturn void check_skip(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
void check_int(const char *file, int line, const char *what,
               long long expected, long long got);
void check_str(const char *file, int line, const char *what,
               const char *expected, const char *got);
void check_code(const char *file, int line, const char *what, int expected,
                int got);
void check_log(const char *file, int line, const char *expected);
void check_lines(const char *file, int line, const char *what,
                 const char *expected, const char *got);
void lab_close_reporting_(const char *file, int line, struct lab *lab,
                          const char *expected);

#endif
