/* judge.h - one exercise judged: built by CMake, run, its verdict read.
 *
 *     lock --> cmake --build --target exercise_NN_name --> bin/exercise_...
 *                                                              |
 *     verdict, output, json  <-- exit status, stdout, --json --+
 *
 * With a file in the exercise's place, or other exercises of the learner's
 * linked in, the target is with_NN_name (tests/lab/with.cmake), made of
 * BUILD/with/NN_name.c and .objects, which we write. The lock is a record
 * lock on BUILD/lab.lock: it goes when its holder does, however that ends.
 */
#ifndef LAB_JUDGE_H
#define LAB_JUDGE_H

#include "lab/child.h"
#include "lab/lab.h"

enum verdict { KEPT, NOT_YET, NOT_WRITTEN, NOT_COMPILING, NOT_JUDGED };

struct judgement {
    enum verdict verdict;
    char hash[17];       /* of the exercise.c that was judged           */
    int step, steps;     /* 0: not told                                 */
    struct text build;   /* what the compiler said; CMake's words apart */
    struct text output;  /* the verdict as the test printed it          */
    struct text json;    /* the same, one object                        */
};

void judgement_free(struct judgement *judgement);

/* "passed", "not yet", "not written yet", "does not compile yet",
 * "not judged". */
const char *verdict_words(enum verdict verdict);
enum ink verdict_ink(enum verdict verdict);

/* Prints it for a learner. */
void judgement_show(const struct lab *lab, size_t lesson,
                    const struct judgement *judgement);

/* Holds BUILD/lab.lock until unlock(&fd). */
struct take_lock {
    struct coro coro;
    struct lab *lab;
    int fd; /* out */
    struct sleep sleep;
};
ASYNC_DECLARE(take_lock);
void unlock(void *fd);

/* cmake --build BUILD --target TARGET; `status` is CMake's. */
struct build {
    struct coro coro;
    struct lab *lab;
    const char *target;
    const char *doing;   /* for the status line  */
    struct text *output; /* in: added to         */
    int status;          /* out                  */
    char jobs[16];
    struct path name;    /* what CMake is asked for */
    const char *argv[8];
    struct child child;
};
ASYNC_DECLARE(build);

/* Judges a lesson into *judgement, which must be empty. Raises only what
 * has nothing to do with the exercise. Progress is the caller's. */
struct judge {
    struct coro coro;
    struct lab *lab;
    size_t lesson;
    const char *with;       /* NULL: exercise.c                      */
    const size_t *mine;     /* lessons whose exercises are linked in */
    size_t mine_count;
    struct judgement *judgement;

    size_t i;
    bool other; /* than exercise.c alone */
    char target[80], doing[96];
    struct path program, json;
    const char *argv[8];
    struct cleanup unlocking;
    struct take_lock take_lock;
    union {
        struct build build;
        struct child child;
    };
};
ASYNC_DECLARE(judge);

/* --- Every lesson: what check --all and grade share ---------------------- */

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

/* What the test programs wrote, one array. */
void judgements_json(const struct lab *lab,
                     const struct judgement *judgements, struct text *out);

/* Enters it into .lab/progress. */
void judgement_enter(struct lab *lab, size_t lesson,
                     const struct judgement *judgement);

#endif
