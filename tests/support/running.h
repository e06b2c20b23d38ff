/* running.h - the harness's own: the test that runs in this process.
 *
 *     check.c   the checks and the log: a failed check ends the process
 *     lab.c     a test's loop
 *     run.c     a process per test, the census, the watchdog's bark
 *     lesson.c  one verdict for a learner
 */
#ifndef LAB_RUNNING_H
#define LAB_RUNNING_H

#include "check.h"

#include <stdio.h>
#include <sys/types.h>

enum { FAILED = 3, SKIPPED = 4, NOT_WRITTEN = 77 }; /* of a test's process */
enum { CENSUS_FDS = 2048 };

/* The macros and the watchdog's handler reach it from anywhere, so it is
 * the harness's one global. */
struct running {
    const char *name;
    struct lab *lab;       /* open now, or NULL                  */
    struct report *report; /* shared with the harness            */
    bool lesson;           /* the harness will print a verdict   */
    size_t heap_before;    /* bytes, when the test began         */
    char owners[CENSUS_FDS][64]; /* who opened a socket          */
};
extern struct running running;

/* check.c: the test has failed; its process ends here. */
_Noreturn void end_failed(enum end end);
void print_lines(const char *title, const char *lines);

/* lab.c: the picture and the virtual time as they are now, for a verdict. */
void lab_remember(struct lab *lab);

/* run.c */
_Noreturn void bark(enum end end); /* it hangs: says who, and why */
/* Until this trial is the next to be told. */
void hold(void);
/* Before a stack or a place is named: no bark in the middle of that, and not
 * before this trial is told. */
void wait_for_turn(void);
/* Where a queue's last callback is, written to stderr like a stack's frame:
 * until the loop calls it, it is in none. After wait_for_turn. */
void tell_callback(const struct queue *queue);
struct report *open_report(void); /* in shared memory */
void run_here(const struct test *test);
/* Starts it in a process of its own, which fills running.report; its stdout
 * and stderr go to the files, where there are such. -1: no process. */
pid_t start_test(const struct test *test, FILE *prints, FILE *errors);
int wait_for_test(pid_t pid); /* waitpid's status, or -1 */
const struct test *find_test(const struct test *tests, size_t n,
                             const char *name);
void list_tests(const struct test *tests, size_t n);

#endif
