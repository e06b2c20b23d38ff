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

/* What to do about the first errno named in `text` ("ECONNREFUSED" or
 * "Connection refused"); NULL if none is. */
const char *words_of_errno(const char *text);

/* The known reason behind a kind of end, for failures that no lesson's
 * cause explains; NULL if there is none. */
const char *words_of_end(const struct report *report);

#endif
