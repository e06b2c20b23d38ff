/* verdict.h - a report in words that teach: the steps that led there, what
 * was expected and what came, the likely cause, what is left, what next.
 *
 *     13 wait - step 5 of 37 - not yet             (virtual 2 s, real 3 ms)
 *       did        0 s  wait(A ok@1, B fails@2, C ok@3, FIRST_EXCEPTION)
 *                  1 s  A done
 *       expected   2 s  B failed
 *       yours      1 s  wait over: done A, pending B C
 *       this is what happens when any completed task ends the wait
 *       lessons/13_wait/README.md "Do" - lab hint 13
 */
#ifndef LAB_VERDICT_H
#define LAB_VERDICT_H

#include "report.h"

#include <stdio.h>

/* A mistake, known by how it shows: in the test `promise` (NULL: in any;
 * "first_*": in those that begin so) the verdict has all the words `seen`;
 * "happened in FUNCTION" is one of them, where it crashed or hung. No words:
 * any check that fails. The first of a lesson's causes that fits is told.
 */
struct cause {
    const char *promise;
    const char *seen[3];
    const char *words; /* "this is what happens when " + words        */
    const char *row;   /* of the page's "Do" table; NULL: the section */
};

/* One test of a lesson and how it ended. */
struct judged {
    const char *lesson;  /* "13_wait"                  */
    const char *program; /* that judges, as called     */
    const char *promise; /* the test's name            */
    size_t step, steps;  /* this is number step of ... */
    const struct report *report;
    const struct cause *causes;
    size_t cause_count;
};

/* The verdict on a test that did not pass (or END_TODO). */
void verdict_print(const struct judged *judged, FILE *out, bool color);

/* The verdict when all passed. */
void verdict_passed(const struct judged *judged, FILE *out, bool color);

/* One JSON object: lesson, status ("passed", "not yet", "not written"),
 * step, steps, and of a test that did not pass: promise, did, expected,
 * yours, cause, where, virtual_ns, real_ns; verdict: the whole text. */
void verdict_json(const struct judged *judged, FILE *out);

#endif
