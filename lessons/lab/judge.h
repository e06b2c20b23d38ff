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

/* Holds BUILD/lab.lock; `fd` until close(). */
struct take_lock {
    struct coro coro;
    struct lab *lab;
    int fd; /* out */
    struct sleep sleep;
};
ASYNC_DECLARE(take_lock);

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
    int lock;
    char target[80], doing[96];
    struct path program, json;
    const char *argv[8];
    struct cleanup unlocking;
    union {
        struct take_lock take_lock;
        struct build build;
        struct child child;
    };
};
ASYNC_DECLARE(judge);

/* Enters it into .lab/progress. */
void judgement_enter(struct lab *lab, size_t lesson,
                     const struct judgement *judgement);

#endif
