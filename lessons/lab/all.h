/* all.h - every lesson judged: what check --all and grade share. */
#ifndef LAB_ALL_H
#define LAB_ALL_H

#include "lab/judge.h"

/* Judges each lesson into judgements[its index], which must be empty, and
 * enters it into .lab/progress; tells `each`, if it is not NULL. With `from`,
 * another copy of the course, the exercises are those that are there, and
 * progress is left alone. */
struct judge_all {
    struct coro coro;
    struct lab *lab;
    const char *from; /* in, or NULL */
    struct judgement *judgements;
    void (*each)(struct lab *lab, size_t lesson,
                 const struct judgement *judgement);
    size_t i;
    struct path file;
    struct judge judge;
};
ASYNC_DECLARE(judge_all);

/* "11 gather            not yet, step 5 of 37" */
void lesson_line(struct lab *lab, size_t lesson,
                 const struct judgement *judgement);

#endif
