/* files.c - lab diff and lab reset: three versions of an exercise.
 *
 *     lessons/NN_name/exercise.c       the learner's
 *     lessons/NN_name/name.c           ours, if its page names no other
 *     lessons/lab/shipped/NN_name.c    the exercise as it was shipped
 *
 * Shipped versions are files of the course and not git's business: HEAD is
 * the learner's own commit, and an archive has no HEAD. A test keeps them
 * equal to the exercises (target `ship` copies them).
 */
#include "lab/diff.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- diff ---------------------------------------------------------------- */

/* Below this, each half would cut the lines of a C file. */
enum { SIDE_BY_SIDE = 140 };

static void prepare(struct diff *self)
{
    int n = 0;

    self->theirs = course_file(self->lab, self->lesson, "exercise.c");
    self->ours = course_file(self->lab, self->lesson,
                             self->lab->lessons[self->lesson].ours);
    snprintf(self->width, sizeof self->width, "%d", screen_width());
    self->argv[n++] = "diff";
    self->argv[n++] = "-t";
    if (screen_width() >= SIDE_BY_SIDE) {
        self->argv[n++] = "-y";
        self->argv[n++] = "-W";
        self->argv[n++] = self->width;
    } else {
        self->argv[n++] = "-u"; /* no room for two of them */
    }
    self->argv[n++] = self->theirs.text;
    self->argv[n++] = self->ours.text;
    self->argv[n] = NULL;
}

static void show_diff(const struct diff *self)
{
    const struct lab *lab = self->lab;
    int half = screen_width() / 2;

    if (access(self->ours.text, F_OK) != 0) {
        printf("%s: ours is not in this copy of the course\n",
               lab->lessons[self->lesson].title);
        return;
    }
    if (self->child.status > 1) {
        printf("yours is %s\nours  is %s\n(no side by side: %s)\n",
               self->theirs.text, self->ours.text,
               text_string(&self->output));
        return;
    }
    if (screen_width() >= SIDE_BY_SIDE)
        ink(lab, BOLD, "%-*.*s %s\n", half, half - 1, "yours",
            strrchr(self->ours.text, '/') + 1);
    printf("%s", text_string(&self->output));
}

ASYNC(diff)
{
    BEGIN;
    if (!self->anyway && progress_state(self->lab, self->lesson) != PASSED) {
        put_wrapped(self->lab, printf("%s: ",
                    self->lab->lessons[self->lesson].title), "the last check "
                    "did not pass, and ours would spoil it (lab diff "
                    "--anyway shows it all the same)", 0);
        RETURN();
    }
    prepare(self);
    AWAIT(child, .argv = self->argv, .output = &self->output);
    show_diff(self);
    self->shown = true;
    END;
}

int command_diff(struct lab *lab, int argc, char **argv)
{
    bool anyway = false;
    const struct option options[] = {
        { "--anyway", NULL, &anyway, NULL, "though it has not passed" },
        { NULL, NULL, NULL, NULL, NULL }
    };
    struct diff diff = { CORO(diff), .lab = lab,
                         .lesson = lab_lesson(lab, argc, argv, options) };
    int failed;

    diff.anyway = anyway;
    failed = lab_run(&diff.coro);
    text_free(&diff.output);
    return failed != 0 ? failed : !diff.shown;
}

/* --- reset --------------------------------------------------------------- */

/* .lab/backup/13_wait.1.c, or the first number that is free. */
static struct path free_backup(const struct lab *lab, size_t lesson)
{
    struct path path;
    int n = 0;

    mkdir(path_of("%s/.lab", lab->root.text).text, 0777);
    mkdir(path_of("%s/.lab/backup", lab->root.text).text, 0777);
    do {
        n++;
        path = path_of("%s/.lab/backup/%s.%d.c", lab->root.text,
                       lab->lessons[lesson].name, n);
    } while (access(path.text, F_OK) == 0);
    return path;
}

static int fail(const char *what, const char *path)
{
    fprintf(stderr, "lab reset: %s %s: %s\n", what, path, strerror(errno));
    return 1;
}

/* The backup first: nothing is lost if the disk is full. */
static int put_back(const struct lab *lab, size_t lesson,
                    const struct text *theirs, const struct text *ours)
{
    struct path backup = free_backup(lab, lesson);
    struct path path = course_file(lab, lesson, "exercise.c");

    if (theirs->data != NULL
        && !file_write(backup.text, theirs->data, theirs->length))
        return fail("write", backup.text);
    if (!file_write(path.text, text_string(ours), ours->length))
        return fail("write", path.text);
    printf("lessons/%s/exercise.c is as it was shipped\n",
           lab->lessons[lesson].name);
    if (theirs->data != NULL)
        printf("yours is in %s\n", backup.text + strlen(lab->root.text) + 1);
    return 0;
}

int command_reset(struct lab *lab, int argc, char **argv)
{
    int words = lab_words(lab, argc, argv, NULL, 1);
    struct text theirs = { .data = NULL }, ours = { .data = NULL };
    struct path path;
    size_t lesson;
    int status = 0;

    if (words == 0) /* what it undoes should be named */
        lab_refuse(argv[0], "which? lab reset N");
    lesson = course_find(lab, argv[0], argv[1]);
    path = course_shipped(lab, lesson);
    file_read(course_file(lab, lesson, "exercise.c").text, &theirs);
    if (!file_read(path.text, &ours))
        status = fail("read", path.text);
    else if (strcmp(text_string(&ours), text_string(&theirs)) == 0)
        printf("%s: is as it was shipped\n", lab->lessons[lesson].title);
    else
        status = put_back(lab, lesson, &theirs, &ours);
    text_free(&theirs);
    text_free(&ours);
    return status;
}
