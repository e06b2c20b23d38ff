/* lesson.c - a lesson's test for a learner: the first promise that is not
 * kept gets a verdict.
 *
 *     step 4   [ process ]  read what it left: kept, or the verdict
 *     step 5      [ process ]           some at a time, told in order:
 *     step 6   [  process  ]            many wait for bytes, not for a CPU
 *
 * What a test's process wrote to stderr is read when it is over: a
 * sanitizer's report, an assertion, TODO's words. What the learner's code
 * printed is shown for the step that fails, and not for those before. */
#include "running.h"

#include "sys.h"
#include "words.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { AT_ONCE = 4, MOST_AT_ONCE = 8, PRINTS = 4096 };
static size_t at_once = AT_ONCE;

/* A promise that is being tried. */
struct trial {
    size_t step;
    pid_t pid;
    FILE *prints, *errors;
    struct report *report;
    int64_t start_ns;
};

struct judging {
    const struct lesson *lesson;
    const char *program, *json;
    bool all, color;
    int argc; /* names asked for */
    char **argv;
    int64_t start_ns;
    struct trial trials[MOST_AT_ONCE]; /* a ring: started .. told */
    size_t started, told;
};

/* What a test's process wrote: the caller frees it. */
static char *read_all(FILE *file, size_t *size)
{
    char *text;
    long end;

    (void)fseek(file, 0, SEEK_END);
    end = ftell(file);
    text = calloc(1, (size_t)(end < 0 ? 0 : end) + 1);
    if (text == NULL)
        abort();
    rewind(file);
    *size = end < 0 ? 0 : fread(text, 1, (size_t)end, file);
    text[*size] = '\0';
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
    else if (report->end == END_SPIN || report->end == END_RUSH
             || report->end == END_DEAF || report->end == END_FLOOD
             || report->end == END_BLOCKED || report->end == END_SLOW)
        words_of_hang(report, text);
    else if (report->end == END_NONE
             || (report->end == END_PASSED && status != 0))
        words_of_crash(report, text, status);
    else
        fputs(text, stderr); /* the learner's own prints */
}

static FILE *open_file(void)
{
    FILE *file = tmpfile();

    if (file == NULL) {
        perror("tmpfile");
        exit(2);
    }
    return file;
}

static void start_trial(struct judging *judging, size_t step)
{
    struct trial *trial = &judging->trials[judging->started % MOST_AT_ONCE];

    judging->started++;
    trial->step = step;
    trial->start_ns = sys_real.now();
    trial->prints = open_file();
    trial->errors = open_file();
    running.report = trial->report;
    trial->pid = start_test(&judging->lesson->tests[step], trial->prints,
                            trial->errors);
}

/* Waits for it and fills its report. */
static void end_trial(struct trial *trial)
{
    int status = wait_for_test(trial->pid);
    size_t size;
    char *text = read_all(trial->errors, &size);

    read_end(trial->report, status, text);
    free(text);
    fclose(trial->errors);
    trial->report->real_ns = sys_real.now() - trial->start_ns;
}

/* Of very much, from a loop that prints, the beginning and the end. */
static void show_prints(struct trial *trial)
{
    size_t size;
    char *text = read_all(trial->prints, &size);

    if (size <= 2 * PRINTS) {
        fwrite(text, 1, size, stdout);
    } else {
        fwrite(text, 1, PRINTS, stdout);
        printf("\n... (%zu bytes more) ...\n", size - 2 * PRINTS);
        fwrite(text + size - PRINTS, 1, PRINTS, stdout);
    }
    if (size > 0 && text[size - 1] != '\n')
        putchar('\n'); /* the verdict has lines of its own */
    free(text);
}

/* Those that were begun and will not be told. */
static void drop_trials(struct judging *judging)
{
    for (; judging->told < judging->started; judging->told++) {
        struct trial *trial = &judging->trials[judging->told % MOST_AT_ONCE];

        kill(trial->pid, SIGKILL);
        wait_for_test(trial->pid);
        fclose(trial->prints);
        fclose(trial->errors);
    }
}

static struct judged judged_of(const struct judging *judging,
                               const struct trial *trial)
{
    const struct lesson *lesson = judging->lesson;

    return (struct judged){ lesson->name, judging->program,
        lesson->tests[trial->step].name, trial->step + 1,
        lesson->test_count, trial->report, lesson->causes,
        lesson->cause_count };
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

/* Tells the oldest trial; true if its promise was kept. */
static bool tell_trial(struct judging *judging, int *result)
{
    struct trial *trial = &judging->trials[judging->told % MOST_AT_ONCE];
    struct judged judged = judged_of(judging, trial);
    bool kept;

    judging->told++;
    trial->report->on_turn = true;
    end_trial(trial);
    kept = trial->report->end == END_PASSED
        || trial->report->end == END_SKIPPED;
    if (!kept) {
        show_prints(trial);
        verdict_print(&judged, stdout, judging->color);
        *result = trial->report->end == END_TODO ? NOT_WRITTEN : 1;
        if (write_json(judging, &judged) != 0)
            *result = 2;
    }
    fclose(trial->prints);
    return kept;
}

/* The next step that is wanted, from `step` on. */
static size_t next_step(const struct judging *judging, size_t step)
{
    while (step < judging->lesson->test_count
           && !wanted(judging, judging->lesson->tests[step].name))
        step++;
    return step;
}

static int tell_passed(struct judging *judging)
{
    struct trial *last = &judging->trials[0];
    struct judged judged;

    last->report->real_ns = sys_real.now() - judging->start_ns;
    last->report->end = END_PASSED;
    last->step = judging->lesson->test_count - 1;
    judged = judged_of(judging, last);
    if (judging->argc > 0)
        judged.steps = (size_t)judging->argc;
    verdict_passed(&judged, stdout, judging->color);
    return write_json(judging, &judged);
}

static int judge_all(struct judging *judging)
{
    size_t step = next_step(judging, 0), n = judging->lesson->test_count;
    int result = 0;

    judging->start_ns = sys_real.now();
    while (step < n || judging->told < judging->started) {
        for (; step < n && judging->started - judging->told < at_once;
             step = next_step(judging, step + 1))
            start_trial(judging, step);
        if (!tell_trial(judging, &result) && !judging->all)
            break;
    }
    drop_trials(judging);
    return result != 0 ? result : tell_passed(judging);
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

/* --- Memory that stays ---------------------------------------------------- */

enum { THREADS = 4 };
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *pass_gate(void *unused)
{
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    return unused;
}

/* ASan's allocator maps memory for a size when it is first wanted, and the C
 * library keeps a thread's stack and a table for the next thread: once here,
 * not once in every test - and bytes that stay make it look for leaks. */
static void warm_up(void)
{
    pthread_t threads[THREADS];
    int n = 0;

    for (size_t size = 16; size <= 65536; size += size / 4)
        free(malloc(size));
    pthread_mutex_lock(&gate);
    while (n < THREADS
           && pthread_create(&threads[n], NULL, pass_gate, NULL) == 0)
        n++;
    pthread_mutex_unlock(&gate);
    while (n > 0)
        pthread_join(threads[--n], NULL);
}

void lesson_waits(void)
{
    at_once = MOST_AT_ONCE;
}

int lesson_main(int argc, char **argv, const struct lesson *lesson)
{
    struct judging judging = { .lesson = lesson, .program = argv[0],
                               .color = color_by_default() };
    int used, result;

    running.lesson = true;
    for (int i = 0; i < MOST_AT_ONCE; i++)
        judging.trials[i].report = open_report();
    running.report = judging.trials[0].report; /* of --here */
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
    warm_up();
    result = judge_all(&judging);
    fflush(NULL);
    _exit(result); /* each test has looked for leaks: once more takes 25 ms */
}
