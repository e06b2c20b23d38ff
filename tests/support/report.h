/* report.h - what one test left behind, in memory that the harness shares
 * with the test's process: a crash, too, leaves its log and its last words.
 *
 *     test's process: say() check_*() watchdog --> report
 *     the harness:    wait, read the sanitizer's words --> report --> verdict
 */
#ifndef LAB_REPORT_H
#define LAB_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum end {
    END_NONE,    /* the process died before it could say         */
    END_PASSED,
    END_SKIPPED,
    END_TODO,    /* the code under test called TODO()            */
    END_CHECK,   /* a check did not hold                         */
    END_LEFT,    /* all checks held, but something was left open */
    END_SPIN,    /* one step that does not end                   */
    END_RUSH,    /* very many steps while time stands still      */
    END_DEAF,    /* fds ready again and again, and no step       */
    END_FLOOD,   /* it says more than the log can hold           */
    END_BLOCKED, /* asleep in a system call of its own           */
    END_SLOW,    /* its time was up                              */
    END_CRASH    /* a signal, or a sanitizer's report            */
};

enum { REPORT_LOG = 1 << 16, REPORT_TEXT = 1 << 13, REPORT_LINE = 512 };

struct report {
    enum end end;
    bool deadlock; /* the loop said that nothing can happen any more */
    bool timed;    /* virtual_ns counts                              */
    int64_t virtual_ns, real_ns;
    char place[REPORT_LINE];    /* "tests/13_wait.c:41", or the student's */
    char task[64];              /* that ran when it hung; "": a callback  */
    char scene[REPORT_LINE];    /* what was set up                        */
    char promise[REPORT_LINE];  /* in words, of the checks that follow    */
    char expected[REPORT_TEXT]; /* lines                                  */
    char yours[REPORT_TEXT];
    char dump[REPORT_TEXT];     /* who waits for what                     */
    char timeline[REPORT_TEXT];
    size_t scene_at;            /* bytes of the log when it was set up    */
    size_t agreed;              /* bytes of the log that were as expected */
    size_t log_used;
    char log[REPORT_LOG];
    /* For the watchdog: the test's process counts, the watchdog looks. */
    volatile unsigned progress;
    volatile bool in_poll;
    volatile bool on_turn; /* the harness: this verdict is the next one */
};

#endif
