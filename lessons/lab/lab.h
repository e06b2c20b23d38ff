/* lab.h - what the commands of `lab` share.
 *
 *     main.c      the table of commands; which of them was asked for
 *     course.c    the lessons, found by their folders
 *     progress.c  .lab/progress: who has passed what
 *     screen.c    colours, the width of the terminal, the status line
 *     text.c      growing strings, paths, whole files
 *     child.c     a program run by the loop         json.c   a little JSON
 *     judge.c     build an exercise, run its test, read the verdict
 *     check.c watch.c learn.c files.c grade.c doctor.c show.c   the commands
 *
 * A command parses its words, does its work, and returns its exit status: 0;
 * 1 not yet, or failed; 2 usage. One that runs programs is a coroutine.
 */
#ifndef LAB_LAB_H
#define LAB_LAB_H

#include "lab/text.h"
#include "loop/loop.h"
#include "stage/options.h"

enum { LESSONS_MAX = 99 };
struct lab;

struct lesson {
    char name[64];      /* "13_wait", the folder's */
    char title[64];     /* "13 wait"               */
    char sentence[256]; /* what its page begins with */
    char ours[64];      /* the file that exercise.c was */
    int number, minutes;
};

/* What .lab/progress says of a lesson. */
struct record {
    char passed[17]; /* hash of the exercise that passed; "": none did  */
    int step, steps; /* of the last check that did not; 0: none         */
    int hints;       /* shown so far                                    */
    int right, asked; /* predictions                                    */
    char other[128]; /* words of later versions, kept                   */
};

/* A line of main.c's table. */
typedef int command_run(struct lab *lab, int argc, char **argv);
struct command {
    const char *name, *words, *about; /* words: for --help, "[N]" */
    command_run *run;
};

struct lab {
    struct path root, build; /* the course; where CMake builds it */
    struct path cmake;       /* the program                       */
    const struct command *command; /* being run                   */
    struct lesson lessons[LESSONS_MAX];
    struct record records[LESSONS_MAX];
    size_t count;       /* of lessons              */
    int chosen;         /* by `lab go`; -1: nobody */
    struct text other;  /* lines of .lab/progress that we do not know */
    bool color, screen; /* screen: stdout is a terminal */
    bool status_shown;
};

/* --- main.c: for the commands ------------------------------------------- */

/* Parses argv with `options` (ended by NULL, or NULL) and --color; the words
 * are moved to argv[1] and on. More than `most`: usage. How many. */
int lab_words(struct lab *lab, int argc, char **argv,
              const struct option *options, int most);

/* The same for a command about one lesson: the word's, or the current one. */
size_t lab_lesson(struct lab *lab, int argc, char **argv,
                  const struct option *options);

/* One line "lab check: ..." and exit 2. */
_Noreturn void lab_refuse(const char *program, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Runs a command's coroutine on a loop of its own. 0; 1 with one line if it
 * failed; 128 + n after a signal: SIGINT, SIGTERM, SIGHUP and SIGQUIT cancel
 * it, and it tidies up. */
int lab_run(struct coro *coro);

/* --- course.c ------------------------------------------------------------ */

/* Finds the lessons under lab->root; exit 2 if there are none. */
void course_scan(struct lab *lab);

/* "13", "13_wait", "wait" or the beginning of one name only; anything else:
 * exit 2. */
size_t course_find(const struct lab *lab, const char *program,
                   const char *word);

/* The lesson the learner is at: chosen, or the first that has not passed,
 * or the last. */
size_t course_current(const struct lab *lab);

/* ROOT/lessons/NN_name/FILE */
struct path course_file(const struct lab *lab, size_t lesson,
                        const char *file);

/* What CMake's cache has for a key; "" if it has none. */
struct path course_cached(const struct lab *lab, const char *key);

/* Its exercise.c as it was shipped. */
struct path course_shipped(const struct lab *lab, size_t lesson);

/* --- progress.c ---------------------------------------------------------- */

enum state { UNTOUCHED, BEGUN, TRIED, PASSED, CHANGED };

/* Reads .lab/progress; none is none. To change a record: load, change,
 * save, so that two labs at once do not undo each other's work. */
void progress_load(struct lab *lab);
void progress_save(struct lab *lab);

enum state progress_state(const struct lab *lab, size_t lesson);
/* "passed", "not yet, step 2 of 9", ... */
struct path progress_words(const struct lab *lab, size_t lesson);

/* Hash of exercise.c in hexadecimal; "" if it cannot be read. */
void progress_hash(const struct lab *lab, size_t lesson, char hash[17]);

/* --- screen.c ------------------------------------------------------------ */

enum ink { PLAIN, BOLD, GREEN, YELLOW, RED, DIM };

/* `when`: auto, always, never or NULL; false if it is none of them. */
bool screen_color(struct lab *lab, const char *when);
/* Prints, in that ink if we have colours. */
void ink(const struct lab *lab, enum ink ink, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int screen_width(void);
/* A line of a page, broken between words where a terminal is narrower; what
 * follows is indented. `column`: what stands before it on the line. */
void put_wrapped(const struct lab *lab, int column, const char *line,
                 int indent);
/* A line that the next one replaces, on terminals only. */
void status(struct lab *lab, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void status_clear(struct lab *lab);

/* --- The commands -------------------------------------------------------- */

command_run command_check, command_demo, command_diff, command_doctor,
    command_go, command_grade, command_hint, command_list, command_predict,
    command_reset, command_watch;

/* True if the lesson's demo has --step: it runs on lib/stage. */
bool demo_can_step(const struct lab *lab, size_t lesson);

/* What watch's keys show, too. */
void list_show(const struct lab *lab);
void hint_show(struct lab *lab, size_t lesson);

#endif
