/* grade.c - lab grade: every exercise judged, and written for others.
 *
 * Each lesson is one point, and a passed one gets it: a promise that is not
 * kept is not half a promise. Formats: ours, an array of the verdicts as the
 * test programs write them; Gradescope's results.json; Classroom 50's
 * result.json (schema classroom50/result/v1), whose fields about the
 * submission come from the environment that its runner sets; Markdown. What
 * was checked of them stands in README.md; tests/lab has their schemas.
 */
#include "lab/judge.h"

#include "lab/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct grades {
    const struct lab *lab;
    const struct judgement *judgements;
    int passed;
};

static const char *lesson_name(const struct grades *grades, size_t i)
{
    return grades->lab->lessons[i].name;
}

static bool has_passed(const struct grades *grades, size_t i)
{
    return grades->judgements[i].verdict == KEPT;
}

/* What a learner is told of lesson i. */
static const char *words_of(const struct grades *grades, size_t i)
{
    const struct judgement *judgement = &grades->judgements[i];

    return text_string(judgement->verdict == NOT_COMPILING
                       ? &judgement->build : &judgement->output);
}

static const char *comma(const struct grades *grades, size_t i)
{
    return i + 1 < grades->lab->count ? "," : "";
}

/* --- The formats --------------------------------------------------------- */

static void write_ours(const struct grades *grades, struct text *out)
{
    text_addf(out, "{\"course\":\"awaitlab\",\"passed\":%d,\"of\":%zu,"
              "\"lessons\":", grades->passed, grades->lab->count);
    judgements_json(grades->lab, grades->judgements, out);
    text_addf(out, "}\n");
}

static void write_gradescope(const struct grades *grades, struct text *out)
{
    text_addf(out, "{\"score\":%d,\"output\":\"%d of %zu lessons passed\","
              "\"tests\":[\n", grades->passed, grades->passed,
              grades->lab->count);
    for (size_t i = 0; i < grades->lab->count; i++) {
        text_addf(out, "{\"name\":\"%s\",\"score\":%d,\"max_score\":1,"
                  "\"status\":\"%s\",\"output\":", lesson_name(grades, i),
                  has_passed(grades, i),
                  has_passed(grades, i) ? "passed" : "failed");
        json_string(out, words_of(grades, i));
        text_addf(out, "}%s\n", comma(grades, i));
    }
    text_addf(out, "]}\n");
}

/* The first variable that is set, or else the last of the three words. */
static void from_environment(struct text *out, const char *key,
                             const char *variable, const char *or,
                             const char *otherwise)
{
    const char *value = getenv(variable);

    if (value == NULL || *value == '\0')
        value = getenv(or);
    text_addf(out, "\"%s\":", key);
    json_string(out, value != NULL && *value != '\0' ? value : otherwise);
    text_add(out, ",\n", 2);
}

/* In UTC; SOURCE_DATE_EPOCH stands in for the clock, as everywhere. */
static void add_time(struct text *out)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    time_t now = epoch != NULL ? (time_t)strtoll(epoch, NULL, 10)
                               : time(NULL);
    struct tm parts;
    char text[32] = "";

    if (gmtime_r(&now, &parts) != NULL)
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    text_addf(out, "\"datetime\":\"%s\",\n", text);
}

static void write_classroom50(const struct grades *grades, struct text *out)
{
    static const char *const fields[][4] = {
        { "classroom", "CLASSROOM", "", "local" },
        { "assignment", "ASSIGNMENT", "", "local" },
        { "assignment_type", "ASSIGNMENT_TYPE", "", "individual" },
        { "owner", "OWNER", "USERNAME", "local" },
        { "submission", "SUBMISSION_TAG", "", "submit/local" },
        { "commit", "COMMIT_URL", "", "local" },
        { "release", "RELEASE_URL", "", "local" },
        { "review", "REVIEW_URL", "COMMIT_URL", "local" },
    };

    text_addf(out, "{\"schema\":\"classroom50/result/v1\",\n");
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        from_environment(out, fields[i][0], fields[i][1], fields[i][2],
                         fields[i][3]);
    add_time(out);
    text_addf(out, "\"score\":%d,\"max-score\":%zu,\"tests\":[\n",
              grades->passed, grades->lab->count);
    for (size_t i = 0; i < grades->lab->count; i++)
        text_addf(out, "{\"test-name\":\"%s\",\"passed\":%s,\"score\":%d,"
                  "\"max-score\":1}%s\n", lesson_name(grades, i),
                  has_passed(grades, i) ? "true" : "false",
                  has_passed(grades, i), comma(grades, i));
    text_addf(out, "]}\n");
}

/* A | would begin a cell; JSON's escapes Markdown undoes by itself. */
static void add_cell(struct text *out, struct slice words)
{
    for (int i = 1; i + 1 < words.length; i++) /* within its quotes */
        text_addf(out, "%s%c", words.at[i] == '|' ? "\\" : "", words.at[i]);
}

static void write_markdown(const struct grades *grades, struct text *out)
{
    text_addf(out, "| lesson | verdict | step | promise |\n"
              "|---|---|---|---|\n");
    for (size_t i = 0; i < grades->lab->count; i++) {
        const struct judgement *judgement = &grades->judgements[i];
        struct slice promise;

        text_addf(out, "| %s | %s | ", grades->lab->lessons[i].title,
                  verdict_words(judgement->verdict));
        if (judgement->verdict == NOT_YET && judgement->step > 0)
            text_addf(out, "%d of %d", judgement->step, judgement->steps);
        text_addf(out, " | ");
        if (judgement->verdict == NOT_YET
            && json_find(text_string(&judgement->json), "promise", &promise))
            add_cell(out, promise);
        text_addf(out, " |\n");
    }
    text_addf(out, "\n%d of %zu passed\n", grades->passed,
              grades->lab->count);
}

/* --- The command --------------------------------------------------------- */

static const struct format {
    const char *option, *help;
    void (*write)(const struct grades *grades, struct text *out);
} formats[] = {
    { "--json", "every verdict, whole", write_ours },
    { "--gradescope", "Gradescope's results.json", write_gradescope },
    { "--classroom50", "Classroom 50's result.json", write_classroom50 },
    { "--markdown", "a table; each FILE may be -", write_markdown },
};
enum { FORMATS = sizeof formats / sizeof formats[0] };

/* To FILE; - is stdout; NULL is nobody. False with one line if it failed. */
static bool write_to(const struct grades *grades, const char *file,
                     const struct format *format)
{
    struct text out = { .data = NULL };
    bool fine = true;

    if (file == NULL)
        return true;
    format->write(grades, &out);
    if (strcmp(file, "-") == 0)
        printf("%s", text_string(&out));
    else
        fine = file_write(file, text_string(&out), out.length);
    if (!fine)
        fprintf(stderr, "lab grade: write %s: %s\n", file, strerror(errno));
    text_free(&out);
    return fine;
}

static void parse(struct lab *lab, int argc, char **argv,
                  const char **files, const char **from)
{
    struct option options[FORMATS + 2] = {
        { "--from", from, NULL, "DIR", "judge the exercises of that copy of "
          "the course" }
    };

    for (size_t i = 0; i < FORMATS; i++)
        options[i + 1] = (struct option){ formats[i].option, &files[i], NULL,
                                          "FILE", formats[i].help };
    lab_words(lab, argc, argv, options, 0);
    if (*from != NULL && (strpbrk(*from, "\"\n") != NULL
        || access(path_of("%s/lessons", *from).text, F_OK) != 0))
        lab_refuse(argv[0], "--from %s: no folder lessons in it", *from);
}

int command_grade(struct lab *lab, int argc, char **argv)
{
    struct judgement judgements[LESSONS_MAX] = { { .verdict = KEPT } };
    struct judge_all all = { CORO(judge_all), .lab = lab,
                             .judgements = judgements, .each = lesson_line };
    struct grades grades = { .lab = lab, .judgements = judgements };
    const char *files[FORMATS] = { NULL };
    bool color;
    int failed;

    parse(lab, argc, argv, files, &all.from);
    for (size_t i = 0; i < FORMATS; i++)
        if (files[i] != NULL && strcmp(files[i], "-") == 0)
            all.each = NULL; /* stdout is the file's alone */
    color = lab->color;
    lab->color = false; /* what the test programs print goes into files */
    failed = lab_run(&all.coro);
    lab->color = color;
    status_clear(lab);
    for (size_t i = 0; i < lab->count; i++)
        grades.passed += has_passed(&grades, i);
    for (size_t i = 0; i < FORMATS && failed == 0; i++)
        failed = !write_to(&grades, files[i], &formats[i]);
    if (failed == 0 && all.each != NULL)
        printf("%d of %zu passed\n", grades.passed, lab->count);
    for (size_t i = 0; i < lab->count; i++)
        judgement_free(&judgements[i]);
    return failed;
}
