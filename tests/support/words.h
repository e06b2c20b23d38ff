/* words.h - what others said about a failure, in a learner's words: the
 * sanitizers, assert(), and errno. */
#ifndef LAB_WORDS_H
#define LAB_WORDS_H

#include "report.h"

/* From what a process wrote to stderr before it died: fills report->yours
 * and, if a frame of the stack is the learner's, report->place. `status` is
 * waitpid's. */
void words_of_crash(struct report *report, const char *text, int status);

/* The first frame in `text`, a stack as the sanitizers print it, that is in
 * the code under test: "lessons/13_wait/exercise.c:41 in child_done". False
 * if there is none. */
bool words_of_frame(const char *text, char place[static REPORT_LINE]);

/* The same of code that comes to no end, whose report is there but for the
 * place. Behind words_queued stands the callback that the loop calls next: if
 * no stack has the learner's code, it is that one that comes again and
 * again. */
#define words_queued "queued:\n"
void words_of_hang(struct report *report, const char *text);

/* Where a deadlock's dump says that the code under test is parked:
 * "lessons/13_wait/exercise.c:92 in wait"; and whose await that is, and on
 * what: "main waits for fd 7". False if it is nowhere. */
bool words_of_parked(const char *dump, char place[static REPORT_LINE],
                     char who[static REPORT_LINE]);

/* What to do about the first errno named in `text` ("ECONNREFUSED" or
 * "Connection refused"); NULL if none is. */
const char *words_of_errno(const char *text);

/* The known reason behind a kind of end, for failures that no lesson's
 * cause explains, with the names that the report has; false if there is
 * none. */
bool words_of_end(const struct report *report,
                  char words[static REPORT_LINE]);

/* stuck.c, for words.c: whether the code under test calls itself in the
 * stack `text`; then where, and how, in words: "child_done calls itself". */
bool stuck_in_recursion(const char *text, char place[static REPORT_LINE],
                        char how[static REPORT_LINE]);
/* What would get it going, for a report of code that comes to no end. */
bool stuck_words(const struct report *report,
                 char words[static REPORT_LINE]);

#endif
