/* lesson.c - a lesson's test for a learner: the first promise that is not
 * kept gets a verdict. What the test's process wrote to stderr is read when
 * it is over: a sanitizer's report, an assertion, TODO's words. */
#include "running.h"

#include "sys.h"
#include "words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct judging {
    const struct lesson *lesson;
    const char *program, *json;
    bool all, color;
    int argc; /* names asked for */
    char **argv;
    int64_t real_ns;
};

/* What the test's process wrote to stderr: the caller frees it. */
static char *read_errors(FILE *errors)
{
    long size = (fseek(errors, 0, SEEK_END), ftell(errors));
    char *text = calloc(1, (size_t)(size < 0 ? 0 : size) + 1);

    if (text == NULL)
        abort();
    rewind(errors);
    if (size > 0 && fread(text, 1, (size_t)size, errors) == 0)
        text[0] = '\0';
    return text;
}

/* "lessons/13_wait/exercise.c:41: not written yet: words\n" */
static void read_todo(struct report *report, const char *text)
{
    const char *words = strstr(text, ": not written yet: ");

    report->end = END_TODO;
    if (words == NULL)
        return;
    while (words > text && words[-1] != '\n' && words - 1 > text)
        words--;
    if (words[-1] != '\n')
        words = text;
    snprintf(report->place, REPORT_LINE, "%.*s",
             (int)(strstr(words, ": not written yet") - words), words);
    words = strstr(words, ": not written yet: ") + 19;
    snprintf(report->yours, REPORT_TEXT, "%.*s", (int)strcspn(words, "\n"),
             words);
}

/* From how the process ended and what it wrote, what became of the test. */
static void read_end(struct report *report, int status, char *text)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_WRITTEN)
        read_todo(report, text);
    else if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED)
        report->end = END_SKIPPED;
    else if (report->end == END_SPIN || report->end == END_BLOCKED
             || report->end == END_SLOW)
        words_of_frame(text, report->place);
    else if (report->end == END_NONE
             || (report->end == END_PASSED && status != 0))
        words_of_crash(report, text, status);
    else
        fputs(text, stderr); /* the learner's own prints */
}

/* Runs one promise and fills the report. */
static void judge(struct judging *judging, const struct test *test)
{
    int64_t start = sys_real.now();
    FILE *errors = tmpfile();
    char *text;
    int status;

    if (errors == NULL) {
        perror("tmpfile");
        exit(2);
    }
    status = fork_and_wait(test, errors);
    text = read_errors(errors);
    fclose(errors);
    read_end(running.report, status, text);
    free(text);
    running.report->real_ns = sys_real.now() - start;
    judging->real_ns += running.report->real_ns;
}

static struct judged judged_of(const struct judging *judging, size_t step)
{
    const struct lesson *lesson = judging->lesson;

    return (struct judged){ lesson->name, judging->program,
        lesson->tests[step].name, step + 1, lesson->test_count,
        running.report, lesson->causes, lesson->cause_count };
}

static int write_json(const struct judging *judging,
                      const struct judged *judged)
{
    FILE *out;

    if (judging->json == NULL)
        return 0;
    out = fopen(judging->json, "w");
    if (out == NULL) {
        fprintf(stderr, "%s: write %s: %s\n", judging->program,
                judging->json, strerror(errno));
        return 2;
    }
    verdict_json(judged, out);
    fclose(out);
    return 0;
}

static bool wanted(const struct judging *judging, const char *name)
{
    for (int i = 0; i < judging->argc; i++)
        if (strcmp(judging->argv[i], name) == 0)
            return true;
    return judging->argc == 0;
}

/* Judges one; true if it was kept. */
static bool judge_step(struct judging *judging, size_t step, int *result)
{
    struct judged judged = judged_of(judging, step);

    judge(judging, &judging->lesson->tests[step]);
    if (running.report->end == END_PASSED
        || running.report->end == END_SKIPPED)
        return true;
    verdict_print(&judged, stdout, judging->color);
    *result = running.report->end == END_TODO ? NOT_WRITTEN : 1;
    if (write_json(judging, &judged) != 0)
        *result = 2;
    return false;
}

static int judge_all(struct judging *judging)
{
    const struct lesson *lesson = judging->lesson;
    struct judged judged;
    int result = 0;

    for (size_t i = 0; i < lesson->test_count; i++)
        if (wanted(judging, lesson->tests[i].name)
            && !judge_step(judging, i, &result) && !judging->all)
            return result;
    if (result != 0)
        return result;
    running.report->real_ns = judging->real_ns;
    running.report->end = END_PASSED;
    judged = judged_of(judging, lesson->test_count - 1);
    if (judging->argc > 0)
        judged.steps = (size_t)judging->argc;
    verdict_passed(&judged, stdout, judging->color);
    return write_json(judging, &judged);
}

static bool color_by_default(void)
{
    const char *no = getenv("NO_COLOR"), *force = getenv("FORCE_COLOR");

    if (no != NULL && no[0] != '\0')
        return false;
    return (force != NULL && force[0] != '\0') || isatty(1);
}

/* Reads the options; the number of arguments they took, or -1. */
static int read_options(struct judging *judging, int argc, char **argv)
{
    int i = 1;

    for (; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "--all") == 0) {
            judging->all = true;
        } else if (i + 1 < argc && strcmp(argv[i], "--json") == 0) {
            judging->json = argv[++i];
        } else if (i + 1 < argc && strcmp(argv[i], "--color") == 0) {
            judging->color = strcmp(argv[++i], "always") == 0;
        } else {
            fprintf(stderr, "%s: %s: not an option of --all, --json FILE, "
                    "--color always|never, --list, --here NAME\n", argv[0],
                    argv[i]);
            return -1;
        }
    }
    return i;
}

int lesson_main(int argc, char **argv, const struct lesson *lesson)
{
    struct judging judging = { .lesson = lesson, .program = argv[0],
                               .color = color_by_default() };
    int used;

    open_report(true);
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        list_tests(lesson->tests, lesson->test_count);
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "--here") == 0) {
        running.lesson = false;
        run_here(find_test(lesson->tests, lesson->test_count, argv[2]));
        return 0;
    }
    used = read_options(&judging, argc, argv);
    if (used < 0)
        return 2;
    judging.argc = argc - used;
    judging.argv = argv + used;
    for (int i = 0; i < judging.argc; i++)
        find_test(lesson->tests, lesson->test_count, judging.argv[i]);
    return judge_all(&judging);
}
