/* diff.h - the learner's exercise beside ours, printed. */
#ifndef LAB_DIFF_H
#define LAB_DIFF_H

#include "lab/child.h"
#include "lab/lab.h"

struct diff {
    struct coro coro;
    struct lab *lab;
    size_t lesson;
    bool anyway; /* though it has not passed */
    bool shown;  /* out */
    struct path theirs, ours;
    char width[16];
    const char *argv[10];
    struct text output; /* the caller's to free */
    struct child child;
};
ASYNC_DECLARE(diff);

#endif
