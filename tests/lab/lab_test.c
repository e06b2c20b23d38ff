/* lab_test.c - the learner's command, on a fake course of three lessons.
 *
 * course/ is copied to a folder of the test's own. Its exercises are shell
 * scripts and its cmake copies them, so that a check takes milliseconds;
 * real_test.cmake does the same with a compiler. answers/ has exercises
 * that pass, fail, hang or do not compile.
 */
#include "check.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64], build[96];

/* --- The course ---------------------------------------------------------- */

static void shell(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
static void shell(const char *format, ...)
{
    char command[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    CHECK_INT(0, system(command));
}

static void course_open(void)
{
    snprintf(root, sizeof root, "/tmp/awaitlab-course-XXXXXX");
    CHECK(mkdtemp(root) != NULL);
    snprintf(build, sizeof build, "%s/build", root);
    shell("cp -R '" LAB_COURSE "/.' %s && mkdir %s %s/bin && "
          "echo CMAKE_COMMAND:INTERNAL=%s/bin/cmake > %s/CMakeCache.txt",
          root, build, build, root, build);
    setenv("LAB_ROOT", root, 1);
    setenv("LAB_BUILD", build, 1);
    setenv("TERM", "xterm", 1);
    setenv("SOURCE_DATE_EPOCH", "1790000000", 1);
    unsetenv("NO_COLOR");
    unsetenv("FORCE_COLOR");
    unsetenv("COLUMNS");
    unsetenv("CLASSROOM");
}

static void course_close(void)
{
    shell("rm -rf %s", root);
}

/* lessons/LESSON/exercise.c becomes answers/ANSWER.c, in one rename. */
static void answer(const char *lesson, const char *answer)
{
    shell("cp %s/answers/%s.c %s/new && mv %s/new %s/lessons/%s/exercise.c",
          root, answer, root, root, root, lesson);
}

static char *contents(const char *file)
{
    static char text[131072];
    char path[256];
    FILE *in;
    size_t n;

    snprintf(path, sizeof path, "%s/%s", root, file);
    in = fopen(path, "r");
    if (in == NULL)
        return NULL;
    n = fread(text, 1, sizeof text - 1, in);
    text[n] = '\0';
    fclose(in);
    return text;
}

static void write_file(const char *file, const char *text)
{
    char path[256];
    FILE *out;

    snprintf(path, sizeof path, "%s/%s", root, file);
    out = fopen(path, "w");
    CHECK(out != NULL);
    CHECK(fputs(text, out) >= 0);
    CHECK(fclose(out) == 0);
}

/* --- Running lab --------------------------------------------------------- */

static void start(struct terminal *terminal, int columns, const char *words)
{
    static char copy[512];
    const char *argv[12] = { LAB_PROGRAM };
    size_t n = 1;

    snprintf(copy, sizeof copy, "%s", words);
    for (char *w = strtok(copy, " "); w != NULL; w = strtok(NULL, " "))
        argv[n++] = w;
    terminal_open(terminal, columns, argv);
}

/* Runs it without a terminal, `typed` its input; what it said, static. */
static const char *lab_typed(int status, const char *words,
                             const char *typed)
{
    static char said[16384];
    struct terminal terminal;
    int ended;

    start(&terminal, 0, words);
    if (typed[0] != '\0')
        terminal_type(&terminal, typed);
    terminal_hang_up(&terminal);
    ended = terminal_end(&terminal);
    snprintf(said, sizeof said, "%s",
             terminal.said != NULL ? terminal.said : "");
    terminal_close(&terminal);
    if (ended != status)
        check_fail(__FILE__, __LINE__, "lab %s: expected status %d, got %d; "
                   "it said:\n%s", words, status, ended, said);
    return said;
}

static const char *run_lab(int status, const char *words)
{
    return lab_typed(status, words, "");
}

static void says(const char *said, const char *words)
{
    if (strstr(said, words) == NULL)
        check_fail(__FILE__, __LINE__, "expected \"%s\" in:\n%s", words,
                   said);
}

static void says_not(const char *said, const char *words)
{
    if (strstr(said, words) != NULL)
        check_fail(__FILE__, __LINE__, "expected no \"%s\" in:\n%s", words,
                   said);
}

/* --- Where the learner is ------------------------------------------------ */

TEST(alone_it_says_where_you_are_and_what_is_next)
{
    const char *said;

    course_open();
    said = run_lab(0, "");
    says(said, "0 of 3 passed");
    says(said, "01 alpha - not begun\nThe first of three.\n");
    says(said, "lessons/01_alpha/README.md   (40 minutes)");
    says(said, "lessons/01_alpha/exercise.c");
    answer("01_alpha", "passes");
    run_lab(0, "check");
    said = run_lab(0, "");
    says(said, "1 of 3 passed");
    says(said, "01 alpha - passed"); /* it never goes on by itself */
    says(said, "\nnext: lab go\n");
    says(run_lab(0, "go"), "02 beta - not begun");
    says(run_lab(0, ""), "02 beta - not begun");
    course_close();
}

TEST(list_has_every_lesson_in_order_within_the_width)
{
    struct terminal terminal;
    const char *line;

    course_open();
    answer("02_beta", "not_yet");
    run_lab(1, "check 2");
    run_lab(0, "go 1");
    CHECK_STR("-> 01 alpha           not begun               "
              "The first of three.\n"
              "   02 beta            not yet, step 2 of 3    "
              "The second, whose sentence is ...\n"
              "   11 gamma           not begun               The last.\n",
              run_lab(0, "list"));
    start(&terminal, 60, "list --color never");
    CHECK_INT(0, terminal_end(&terminal));
    for (line = terminal.said; *line != '\0'; line++) {
        CHECK(strcspn(line, "\r\n") <= 60);
        line += strcspn(line, "\n");
    }
    terminal_close(&terminal);
    start(&terminal, 40, "list --color never"); /* a phone, a split screen */
    CHECK_INT(0, terminal_end(&terminal));
    terminal_expect(&terminal, "   02 beta         not yet, step 2 of 3\r\n");
    for (line = terminal.said; *line != '\0'; line++) {
        CHECK(strcspn(line, "\r\n") <= 40);
        line += strcspn(line, "\n");
    }
    terminal_close(&terminal);
    course_close();
}

TEST(on_a_narrow_terminal_lines_break_between_words)
{
    static const char *const words[] = { "predict 1", "", "go 1",
                                         "hint 1 --all", "--help" };

    course_open();
    for (size_t i = 0; i < COUNT(words); i++) {
        struct terminal terminal;

        start(&terminal, 40, words[i]);
        if (i == 0) {
            terminal_expect(&terminal, "your answer");
            terminal_type(&terminal, "x\n\004");
        }
        CHECK_INT(i == 0, terminal_end(&terminal));
        for (const char *line = terminal.said; *line != '\0'; line++) {
            size_t n = strcspn(line, "\r\n"), escapes = 0;

            for (size_t k = 0; k < n; k++) /* each is of four or five */
                escapes += line[k] == '\033' ? 5 : 0;
            if (n > 42 + escapes)
                check_fail(__FILE__, __LINE__, "lab %s: %.*s", words[i],
                           (int)n, line);
            line += n + strspn(line + n, "\r");
            if (*line == '\0')
                break;
        }
        terminal_close(&terminal);
    }
    course_close();
}

TEST(a_lesson_goes_by_number_name_folder_and_beginning)
{
    static const char *const words[] = { "2", "02", "beta", "02_beta", "be",
                                         "02_b" };

    course_open();
    for (size_t i = 0; i < COUNT(words); i++) {
        char command[32];

        snprintf(command, sizeof command, "go %s", words[i]);
        says(run_lab(0, command), "02 beta");
    }
    shell("mkdir %s/lessons/03_bear", root);
    says(run_lab(2, "go be"), "lab go: be: which of 02 beta, 03 bear?\n");
    says(run_lab(2, "go 4"), "lab go: 4: no such lesson (see lab list)\n");
    says(run_lab(2, "go 2x"), "no such lesson");
    course_close();
}

TEST(bad_usage_is_one_line_and_status_2)
{
    static const char *const words[] = {
        "nonsense", "--nonsense", "list 1", "check 1 2", "check --nonsense",
        "check --with", "check --with /no/such/file", "check --all 1",
        "check --all --mine 2", "check 1 --mine 1", "check --mine 99",
        "check --color sometimes", "hint --again --all", "reset", "demo",
        "demo --nonsense", "grade 1", "grade --json", "predict 2",
        "predict --all", "watch 99", "go --color", "list --color=",
        "check --json=yes"
    };

    course_open();
    for (size_t i = 0; i < COUNT(words); i++) {
        const char *said = run_lab(2, words[i]);

        if (strncmp(said, "lab", 3) != 0 || strchr(said, '\n') == NULL
            || strchr(said, '\n')[1] != '\0')
            check_fail(__FILE__, __LINE__, "lab %s: expected one line, got "
                       "%s", words[i], said);
    }
    course_close();
}

TEST(a_slip_of_a_command_or_a_lesson_is_told_what_is_near)
{
    static const char *const slips[][2] = {
        { "chekc", "lab: chekc: no such command; do you mean check? (see lab "
          "--help)\n" },
        { "pred", "lab: pred: no such command; do you mean predict? (see lab "
          "--help)\n" },
        { "hints", "lab: hints: no such command; do you mean hint? (see lab "
          "--help)\n" },
        { "zoo", "lab: zoo: no such command (see lab --help)\n" },
        { "13", "lab: 13: no such command; a lesson goes with one: lab go 13, "
          "lab check 13 (see lab --help)\n" },
        { "help lst", "lab help: lst: no such command; do you mean list? (see "
          "lab --help)\n" },
        { "go alpah", "lab go: alpah: no such lesson; do you mean alpha? (see "
          "lab list)\n" },
        { "go betta", "lab go: betta: no such lesson; do you mean beta? (see "
          "lab list)\n" },
        { "check --jsno", "lab check: --jsno: no such option; do you mean "
          "--json? (see --help)\n" },
        { "hint --agian=1", "lab hint: --agian: no such option; do you mean "
          "--again? (see --help)\n" },
        { "check --xyz", "lab check: --xyz: no such option (see --help)\n" },
        { "list --hlep", "lab list: --hlep: no such option; do you mean "
          "--help? (see --help)\n" },
        { "go zzz", "lab go: zzz: no such lesson (see lab list)\n" },
    };

    course_open();
    for (size_t i = 0; i < COUNT(slips); i++)
        CHECK_STR(slips[i][1], run_lab(2, slips[i][0]));
    course_close();
}

TEST(help_is_a_command_and_an_option)
{
    char help[4096], option[2048], command[32];
    const char *name = "check";

    course_open();
    snprintf(help, sizeof help, "%s", run_lab(0, "--help"));
    CHECK_STR(help, run_lab(0, "help"));
    says(help, "\n  help     [COMMAND]");
    for (const char *line = help; *line != '\0';
         line += strcspn(line, "\n") + 1)
        CHECK(strcspn(line, "\n") <= 80);
    snprintf(command, sizeof command, "%s --help", name);
    snprintf(option, sizeof option, "%s", run_lab(0, command));
    says(option, "lab check [N] - build and judge exercise.c\n");
    CHECK_STR(option, run_lab(0, "help check"));
    run_lab(0, "help demo");
    says(run_lab(2, "help check demo"), "one word too many");
    course_close();
}

TEST(without_a_course_it_says_so)
{
    course_open();
    setenv("LAB_ROOT", "/nowhere", 1);
    CHECK_STR("lab: open /nowhere/lessons: No such file or directory\n",
              run_lab(2, "list"));
    shell("rm -r %s/lessons/[0-9]*", root);
    setenv("LAB_ROOT", root, 1);
    says(run_lab(2, "list"), "no folder NN_name in it\n");
    course_close();
}

TEST(without_a_build_folder_it_says_how_to_make_one)
{
    course_open();
    shell("rm -r %s", build);
    says(run_lab(0, "list"), "01 alpha");
    CHECK_STR("lab: the build folder is gone: cmake --preset dev makes it\n",
              run_lab(1, "check"));
    says(run_lab(1, "demo 2"), "the build folder is gone");
    course_close();
}

/* Who asks for nothing of the environment works in a cron job, too. */
TEST(without_home_or_any_environment_it_works)
{
    course_open();
    answer("01_alpha", "passes");
    shell("cd / && env -i LAB_ROOT=%s LAB_BUILD=%s PATH=/usr/bin:/bin '"
          LAB_PROGRAM "' check > %s/said", root, build, root);
    says(contents("said"), "01 alpha - passed");
    course_close();
}

/* --- check --------------------------------------------------------------- */

TEST(check_passes_and_remembers_which_file_did)
{
    course_open();
    answer("01_alpha", "passes");
    CHECK_STR("01 alpha - passed, color never\n"
              "next: lab diff 01 (yours beside ours), lab go\n",
              run_lab(0, "check alpha"));
    says(contents(".lab/progress"), "\nat 01_alpha\n01_alpha passed=");
    says(run_lab(0, "list"), "01 alpha           passed   ");
    shell("echo '# more' >> %s/lessons/01_alpha/exercise.c", root);
    says(run_lab(0, "list"), "passed, changed since");
    run_lab(0, "check alpha");
    says_not(run_lab(0, "list"), "changed since");
    course_close();
}

TEST(check_says_not_yet_and_how_far)
{
    course_open();
    answer("01_alpha", "not_yet");
    CHECK_STR("01 alpha - step 2 of 3 - not yet\n", run_lab(1, "check"));
    says(run_lab(0, ""), "01 alpha - not yet, step 2 of 3");
    course_close();
}

TEST(an_exercise_not_written_is_not_wrong)
{
    course_open();
    CHECK_STR("01_alpha - not written yet\n", run_lab(1, "check"));
    says(run_lab(0, "list"), "01 alpha           not begun");
    course_close();
}

TEST(a_compile_error_is_the_compilers_own_words)
{
    char expected[512];

    course_open();
    answer("01_alpha", "error");
    snprintf(expected, sizeof expected, "01 alpha - does not compile yet\n"
             "%s/lessons/01_alpha/exercise.c:1:1: error: unknown type name "
             "'ERROR'\nthe first error is the one to look at; a later one "
             "may be its echo\n", root);
    CHECK_STR(expected, run_lab(1, "check"));
    course_close();
}

TEST(a_test_program_without_a_verdict_is_told)
{
    const char *said;

    course_open();
    answer("01_alpha", "old");
    said = run_lab(1, "check");
    says(said, "01 alpha - not judged\nusage: no --json here\n");
    says(said, "bin/exercise_01_alpha ended with status 2: no verdict\n");
    course_close();
}

TEST(an_exercise_that_exits_has_not_passed)
{
    course_open();
    answer("01_alpha", "quits");
    says(run_lab(1, "check"), "ended with status 0: no verdict\n");
    course_close();
}

TEST(check_all_is_a_line_each_and_the_first_verdict)
{
    course_open();
    answer("01_alpha", "passes");
    answer("11_gamma", "not_yet");
    CHECK_STR("01 alpha             passed\n"
              "02 beta              not written yet\n"
              "11 gamma             not yet, step 2 of 3\n"
              "\n02_beta - not written yet\n", run_lab(1, "check --all"));
    answer("02_beta", "passes");
    answer("11_gamma", "passes");
    says(run_lab(0, "check --all"), "11 gamma             passed\n");
    course_close();
}

TEST(check_json_is_the_test_programs_object)
{
    course_open();
    answer("01_alpha", "passes");
    CHECK_STR("{\"lesson\":\"01_alpha\",\"status\":\"passed\",\"steps\":3}"
              "\n", run_lab(0, "check --json"));
    CHECK_STR("{\"lesson\":\"02_beta\",\"status\":\"not written yet\","
              "\"verdict\":\"02_beta - not written yet\\n\"}\n",
              run_lab(1, "check 2 --json"));
    says(run_lab(1, "check --json --all"),
         "[\n{\"lesson\":\"01_alpha\",\"status\":\"passed\",\"steps\":3},\n");
    course_close();
}

TEST(with_judges_another_file_and_remembers_nothing)
{
    char command[256];

    course_open();
    snprintf(command, sizeof command, "check 1 --with %s/answers/passes.c",
             root);
    says(run_lab(0, command), "01 alpha - passed");
    CHECK(contents(".lab/progress") == NULL);
    CHECK_STR("01_alpha - not written yet\n", run_lab(1, "check 1"));
    snprintf(command, sizeof command, "check 1 --with %s/answers/error.c",
             root);
    says(run_lab(1, command), "/answers/error.c:1:1: error: ");
    course_close();
}

TEST(mine_names_the_objects_of_the_others)
{
    course_open();
    shell("mkdir %s/with", build);
    write_file("build/with/02_beta.object", "\"beta.o\"\n");
    write_file("build/with/11_gamma.object", "\"gamma.o\"\n");
    answer("01_alpha", "passes");
    run_lab(0, "check 1 --mine 2,gamma");
    CHECK_STR("\"beta.o\"\n\"gamma.o\"\n",
              contents("build/with/01_alpha.objects"));
    course_close();
}

/* --- .lab/progress ------------------------------------------------------- */

TEST(progress_keeps_what_it_does_not_know)
{
    course_open();
    shell("mkdir %s/.lab", root);
    write_file(".lab/progress", "stars 5\n01_alpha hints=2 mood=good\n"
               "<<<<<<< ours\n99_omega passed=0\n01_alpha hints=1 "
               "predicted=1/2\n");
    run_lab(0, "go 2");
    says(contents(".lab/progress"),
         "\nat 02_beta\n01_alpha hints=2 predicted=1/2 mood=good\n"
         "stars 5\n<<<<<<< ours\n99_omega passed=0\n");
    course_close();
}

TEST(progress_that_cannot_be_written_stops_nobody)
{
    course_open();
    write_file(".lab", "a file, not a folder\n");
    answer("01_alpha", "passes");
    says(run_lab(0, "check"), "progress: Not a directory\n");
    course_close();
}

/* --- hint, predict ------------------------------------------------------- */

TEST(hint_gives_one_level_more_each_time)
{
    course_open();
    CHECK_STR("01 alpha, hint 1 of 3\nfirst hint\n", run_lab(0, "hint"));
    CHECK_STR("01 alpha, hint 1 of 3\nfirst hint\n",
              run_lab(0, "hint --again"));
    CHECK_STR("01 alpha, hint 2 of 3\nsecond hint\nof two lines\n",
              run_lab(0, "hint 1"));
    says(run_lab(0, "hint"), "hint 3 of 3\nthird hint\n");
    says(run_lab(0, "hint"), "that was the last hint");
    says(run_lab(0, "hint --all"), "hint 1 of 3\nfirst hint\n01 alpha, hint "
         "2 of 3\nsecond hint\nof two lines\n01 alpha, hint 3 of 3\n");
    says(contents(".lab/progress"), "01_alpha hints=3\n");
    course_close();
}

TEST(predict_tells_the_right_answer_only_afterwards)
{
    struct terminal terminal;

    course_open();
    start(&terminal, 80, "predict 1");
    terminal_expect(&terminal, "1. What comes first?\r\n   - a) beta\r\n"
                    "   - b) alpha\r\nyour answer (a-b): ");
    CHECK(strstr(terminal.said, "no: ") == NULL);
    terminal_type(&terminal, "a\n");
    terminal_expect(&terminal, "no: b) alpha");
    terminal_expect(&terminal, "2. How many letters\r\n   has it?\r\n");
    terminal_expect(&terminal, "your answer (a-c): ");
    terminal_type(&terminal, "x\n");
    terminal_expect(&terminal, "that is none of a, b, c: type one, then "
                    "Enter (Ctrl-D: stop, keep nothing)\r\n"
                    "your answer (a-c): ");
    terminal_type(&terminal, "A\n");
    terminal_expect(&terminal, "yes");
    terminal_expect(&terminal, "1 of 2; now look: lab demo 01");
    CHECK_INT(1, terminal_end(&terminal));
    terminal_close(&terminal);
    says(contents(".lab/progress"), "01_alpha predicted=1/2\n");
    course_close();
}

TEST(predict_takes_a_long_line_for_one_answer)
{
    char typed[256];
    const char *said;

    course_open();
    snprintf(typed, sizeof typed, "%0120d\nb\na\n", 0);
    said = strstr(lab_typed(0, "predict 1", typed), "that is none of");
    CHECK(said != NULL && strstr(said + 1, "that is none of") == NULL);
    course_close();
}

TEST(predict_reads_lines_and_a_missing_answer_counts_for_nothing)
{
    course_open();
    says(lab_typed(0, "predict 1", "b)\na\n"), "2 of 2; now look");
    run_lab(0, "go 1");
    lab_typed(1, "predict", "b\n");
    says(contents(".lab/progress"), "predicted=2/2");
    course_close();
}

/* --- diff, reset, demo, doctor ------------------------------------------- */

TEST(diff_is_for_those_who_have_passed)
{
    const char *said;

    course_open();
    answer("01_alpha", "not_yet");
    says(run_lab(1, "diff"), "01 alpha: the last check did not pass");
    says(run_lab(0, "diff --anyway"), "+echo \"ours\"\n");
    answer("01_alpha", "passes");
    run_lab(0, "check");
    setenv("COLUMNS", "160", 1);
    said = run_lab(0, "diff");
    says(said, "alpha.c\n");
    says(run_lab(0, "diff 2 --anyway"), "helped"); /* its page says which */
    course_close();
}

TEST(reset_puts_back_and_keeps_yours)
{
    course_open();
    says(run_lab(0, "reset 1"), "01 alpha: is as it was shipped\n");
    CHECK(contents(".lab/backup/01_alpha.1.c") == NULL);
    answer("01_alpha", "error");
    CHECK_STR("lessons/01_alpha/exercise.c is as it was shipped\n"
              "yours is in .lab/backup/01_alpha.1.c\n",
              run_lab(0, "reset alpha"));
    CHECK_STR("ERROR\n", contents(".lab/backup/01_alpha.1.c"));
    says(contents("lessons/01_alpha/exercise.c"), "not written yet");
    write_file("lessons/01_alpha/exercise.c", "again\n");
    says(run_lab(0, "reset 1"), ".lab/backup/01_alpha.2.c\n");
    CHECK_STR("ERROR\n", contents(".lab/backup/01_alpha.1.c"));
    CHECK_STR("again\n", contents(".lab/backup/01_alpha.2.c"));
    shell("rm %s/lessons/lab/shipped/02_beta.c", root);
    says(run_lab(1, "reset 2"), "lab reset: read ");
    course_close();
}

TEST(demo_passes_its_options_on_and_becomes_the_program)
{
    course_open();
    CHECK_STR("demo of beta: --only x --quiet\n",
              run_lab(3, "demo beta --only x --quiet"));
    says(run_lab(2, "demo 2 --step"), "lab demo: 02 beta: no loop of "
         "lib/loop to stop; --step works from lesson 06 on\n");
    course_close();
}

TEST(doctor_tries_what_the_course_needs)
{
    const char *said;

    course_open();
    shell("printf '#!/bin/sh\\necho cmake version 9\\n' > %s/bin/cmake",
          root);
    shell("echo CMAKE_C_COMPILER:FILEPATH=/no/such/cc >> %s/CMakeCache.txt",
          build);
    write_file("build/with", "no folder\n"); /* nothing is written there */
    said = run_lab(1, "doctor");
    says_not(said, "lab doctor: write");
    says(said, "MISSING  compiler");
    says(said, "ok       cmake       cmake version 9\n");
    says(said, "MISSING  sanitizers");
    says(said, "descriptors");
    course_close();
}

/* --- grade --------------------------------------------------------------- */

TEST(grade_files_are_these)
{
    char command[512];

    course_open();
    answer("01_alpha", "passes");
    answer("02_beta", "not_yet");
    snprintf(command, sizeof command, "grade --gradescope %s/g --classroom50 "
             "%s/c --json %s/j --markdown %s/m", root, root, root, root);
    says(run_lab(0, command), "11 gamma             not written yet\n"
         "1 of 3 passed\n");
    CHECK_STR("{\"score\":1,\"output\":\"1 of 3 lessons passed\","
              "\"tests\":[\n"
              "{\"name\":\"01_alpha\",\"score\":1,\"max_score\":1,\"status\":"
              "\"passed\",\"output\":\"01 alpha - passed, color never\\n\"},"
              "\n{\"name\":\"02_beta\",\"score\":0,\"max_score\":1,"
              "\"status\":\"failed\",\"output\":\"01 alpha - step 2 of 3 - "
              "not yet\\n\"},\n"
              "{\"name\":\"11_gamma\",\"score\":0,\"max_score\":1,"
              "\"status\":\"failed\",\"output\":\"11_gamma - not written "
              "yet\\n\"}\n]}\n", contents("g"));
    CHECK_STR("{\"schema\":\"classroom50/result/v1\",\n"
              "\"classroom\":\"local\",\n\"assignment\":\"local\",\n"
              "\"assignment_type\":\"individual\",\n"
              "\"owner\":\"local\",\n"
              "\"submission\":\"submit/local\",\n\"commit\":\"local\",\n"
              "\"release\":\"local\",\n\"review\":\"local\",\n"
              "\"datetime\":\"2026-09-21T14:13:20Z\",\n"
              "\"score\":1,\"max-score\":3,\"tests\":[\n"
              "{\"test-name\":\"01_alpha\",\"passed\":true,\"score\":1,"
              "\"max-score\":1},\n"
              "{\"test-name\":\"02_beta\",\"passed\":false,\"score\":0,"
              "\"max-score\":1},\n"
              "{\"test-name\":\"11_gamma\",\"passed\":false,\"score\":0,"
              "\"max-score\":1}\n]}\n", contents("c"));
    says(contents("j"), "{\"course\":\"awaitlab\",\"passed\":1,\"of\":3,"
         "\"lessons\":[\n{\"lesson\":\"01_alpha\",\"status\":\"passed\","
         "\"steps\":3},\n");
    CHECK_STR("| lesson | verdict | step | promise |\n|---|---|---|---|\n"
              "| 01 alpha | passed |  |  |\n"
              "| 02 beta | not yet | 2 of 3 | a \\\"b\\\" \\| c |\n"
              "| 11 gamma | not written yet |  |  |\n\n1 of 3 passed\n",
              contents("m"));
    course_close();
}

/* --- A JSON reader that forgives nothing: behind the value, or NULL ------- */

static const char *json_value(const char *at);

static const char *json_quoted(const char *at)
{
    for (at++; *at != '"'; at++) {
        unsigned char c = (unsigned char)*at;
        int more = c < 0x80 ? 0 : c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
        unsigned char next = (unsigned char)at[1];

        if (c < ' ' || c == 0x7f || (c >= 0x80 && (c < 0xc2 || c > 0xf4)))
            return NULL;
        if ((c == 0xe0 && next < 0xa0) || (c == 0xed && next > 0x9f)
            || (c == 0xf0 && next < 0x90) || (c == 0xf4 && next > 0x8f))
            return NULL; /* longer than need be, a surrogate, too much */
        for (; more > 0; more--)
            if ((*++at & 0xc0) != 0x80)
                return NULL;
        if (c == '\\' && strchr("\"\\/bfnrtu", *++at) == NULL)
            return NULL;
        if (c == '\\' && *at == 'u'
            && strspn(at + 1, "0123456789abcdefABCDEF") < 4)
            return NULL;
    }
    return at + 1;
}

/* `close` ends it; with `keys`, each value has one. */
static const char *json_members(const char *at, char close, bool keys)
{
    at += 1 + strspn(at + 1, " \n");
    while (*at != close) {
        if (keys) {
            at = *at == '"' ? json_quoted(at) : NULL;
            if (at == NULL || *at != ':')
                return NULL;
            at++;
        }
        at = json_value(at);
        if (at == NULL || (*at != ',' && *at != close))
            return NULL;
        at += *at == ',' ? 1 + strspn(at + 1, " \n") : 0;
    }
    at++;
    return at + strspn(at, " \n");
}

static const char *json_value(const char *at)
{
    size_t digits = strspn(at, "0123456789");

    if (*at == '{' || *at == '[')
        return json_members(at, *at == '{' ? '}' : ']', *at == '{');
    if (*at == '"')
        at = json_quoted(at);
    else if (digits > 0)
        at += digits;
    else
        at = strncmp(at, "true", 4) == 0 ? at + 4
            : strncmp(at, "false", 5) == 0 ? at + 5 : NULL;
    return at == NULL ? NULL : at + strspn(at, " \n");
}

static const char *json_contents(const char *file)
{
    const char *text = contents(file), *end;

    CHECK(text != NULL);
    end = json_value(text);
    if (end == NULL || *end != '\0')
        check_fail(__FILE__, __LINE__, "%s is no JSON: %.3000s", file, text);
    return text;
}

/* The names, types and limits that its readers publish. */
static void check_schema(const char *file, const char *schema)
{
    shell("'" LAB_CMAKE "' -DFILE=%s/%s -DSCHEMA='" LAB_SCHEMAS "/%s' -P '"
          LAB_SCHEMAS "/schema.cmake'", root, file, schema);
}

/* Each state that a lesson can be in, and a learner who prints bytes of all
 * kinds and very many of them. */
TEST(grade_files_are_valid_whatever_a_learner_prints)
{
    char command[512];
    const char *text;

    course_open();
    answer("01_alpha", "noisy");
    answer("02_beta", "error");
    snprintf(command, sizeof command, "grade --gradescope %s/g --classroom50 "
             "%s/c --json %s/j --markdown %s/m", root, root, root, root);
    says(run_lab(0, command), "0 of 3 passed\n");
    text = json_contents("g");
    says(text, "\"name\":\"01_alpha\",\"score\":0,\"max_score\":1,\"status\":"
         "\"failed\",\"output\":\"bell \\u0007 escape \\u001b[31m delete "
         "\\u007f zero ? tab \\u0009 bad \\ufffd\\ufffd( "
         "\\ufffd\\ufffd\\ufffd \\ufffd\\ufffd\\ufffd good \303\251 "
         "\360\237\221\215 quote \\\" slash \\\\ return \\u000d\\n0000");
    says(text, "0000\\n01 alpha - step 2 of 3 - not yet\\n\"}");
    CHECK(strlen(text) > 60000);
    says(text, "\"name\":\"02_beta\",\"score\":0,\"max_score\":1,\"status\":"
         "\"failed\",\"output\":\"");
    says(text, "error: unknown type name");
    says(json_contents("c"), "{\"test-name\":\"02_beta\",\"passed\":false,");
    check_schema("g", "gradescope.json");
    check_schema("c", "classroom50.json");
    text = json_contents("j");
    says(text, "{\"lesson\":\"01_alpha\",\"status\":\"not yet\",");
    says(text, "{\"lesson\":\"02_beta\",\"status\":\"does not compile yet\",");
    says(text, "{\"lesson\":\"11_gamma\",\"status\":\"not written yet\",");
    CHECK_STR("| lesson | verdict | step | promise |\n|---|---|---|---|\n"
              "| 01 alpha | not yet | 2 of 3 | a \\\"b\\\" \\| c |\n"
              "| 02 beta | does not compile yet |  |  |\n"
              "| 11 gamma | not written yet |  |  |\n\n0 of 3 passed\n",
              contents("m"));
    course_close();
}

/* An instructor's own course judges what others have written. */
TEST(grade_from_another_copy_leaves_progress_alone)
{
    char command[256];

    course_open();
    answer("02_beta", "passes"); /* the instructor's own */
    shell("cp -R %s/lessons %s/ann && mkdir %s/bo && cp -R %s/lessons %s/bo",
          root, root, root, root, root);
    shell("cp %s/answers/passes.c %s/bo/lessons/01_alpha/exercise.c && "
          "rm -r %s/bo/lessons/02_beta", root, root, root);
    snprintf(command, sizeof command, "grade --from %s/bo", root);
    CHECK_STR("01 alpha             passed\n"
              "02 beta              not written yet\n"
              "11 gamma             not written yet\n1 of 3 passed\n",
              run_lab(0, command));
    CHECK(contents(".lab/progress") == NULL);
    snprintf(command, sizeof command, "grade --from %s/ann", root);
    says(run_lab(2, command), "/ann: no folder lessons in it\n");
    course_close();
}

TEST(grade_to_stdout_says_nothing_else)
{
    course_open();
    setenv("CLASSROOM", "cs \"1\"", 1);
    setenv("COMMIT_URL", "https://c", 1);
    says(run_lab(0, "grade --classroom50 -"),
         "{\"schema\":\"classroom50/result/v1\",\n\"classroom\":\"cs "
         "\\\"1\\\"\",\n");
    says(run_lab(0, "grade --classroom50 -"), "\"review\":\"https://c\",");
    CHECK(run_lab(0, "grade --markdown -")[0] == '|');
    says(run_lab(1, "grade --json /no/such/folder/f"),
         "lab grade: write /no/such/folder/f: ");
    course_close();
}

/* --- Colours ------------------------------------------------------------- */

TEST(colours_are_asked_for_or_a_terminals)
{
    static const struct {
        const char *no, *force, *words;
        int columns;
        bool color;
    } cases[] = {
        { NULL, NULL, "list", 80, true },
        { NULL, NULL, "list", 0, false },
        { "1", NULL, "list", 80, false },
        { "", NULL, "list", 80, true },
        { NULL, "1", "list", 0, true },
        { NULL, "0", "list", 80, false },
        { "1", "1", "list", 0, false },
        { "1", NULL, "list --color always", 0, true },
        { NULL, "1", "list --color never", 80, false },
        { NULL, NULL, "list --color=auto", 0, false },
    };

    course_open();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct terminal terminal;
        bool color;

        unsetenv("NO_COLOR");
        unsetenv("FORCE_COLOR");
        if (cases[i].no != NULL)
            setenv("NO_COLOR", cases[i].no, 1);
        if (cases[i].force != NULL)
            setenv("FORCE_COLOR", cases[i].force, 1);
        start(&terminal, cases[i].columns, cases[i].words);
        CHECK_INT(0, terminal_end(&terminal));
        color = strstr(terminal.said, "\033[2m") != NULL;
        if (color != cases[i].color)
            check_fail(__FILE__, __LINE__, "case %zu: %s", i, terminal.said);
        terminal_close(&terminal);
    }
    unsetenv("NO_COLOR");
    unsetenv("FORCE_COLOR");
    answer("01_alpha", "passes");
    says(run_lab(0, "check --color always"), "passed, color always\n");
    course_close();
}

/* --- watch --------------------------------------------------------------- */

TEST(watch_checks_at_once_and_at_each_save)
{
    struct terminal terminal;

    course_open();
    start(&terminal, 80, "watch 1");
    terminal_expect(&terminal, "checking 01 alpha ...");
    terminal_expect(&terminal, "01_alpha - not written yet");
    terminal_expect(&terminal, "q quit");
    CHECK(!terminal_is_cooked(&terminal));
    answer("01_alpha", "not_yet"); /* by a rename */
    terminal_expect(&terminal, "checking 01 alpha ...");
    terminal_expect(&terminal, "step 2 of 3 - not yet");
    terminal_expect(&terminal, "q quit");
    shell("cat %s/answers/passes.c > %s/lessons/01_alpha/exercise.c", root,
          root); /* in place */
    terminal_expect(&terminal, "passed, color always");
    terminal_expect(&terminal, "q quit");
    shell("rm %s/lessons/01_alpha/exercise.c", root);
    answer("01_alpha", "not_yet"); /* away, and there again */
    terminal_expect(&terminal, "step 2 of 3 - not yet");
    terminal_type(&terminal, "q");
    CHECK_INT(0, terminal_end(&terminal));
    CHECK(terminal_is_cooked(&terminal));
    terminal_close(&terminal);
    says(contents(".lab/progress"), "01_alpha passed=");
    course_close();
}

TEST(watch_s_keys)
{
    struct terminal terminal;

    course_open();
    answer("01_alpha", "passes");
    start(&terminal, 80, "watch 1");
    terminal_expect(&terminal, "q quit");
    terminal_type(&terminal, "h");
    terminal_expect(&terminal, "first hint");
    terminal_type(&terminal, "h");
    terminal_expect(&terminal, "second hint");
    terminal_type(&terminal, "l");
    terminal_expect(&terminal, "11 gamma");
    terminal_type(&terminal, "d");
    terminal_expect(&terminal, "+echo \"ours\"");
    terminal_type(&terminal, "?");
    terminal_expect(&terminal, "n next");
    terminal_type(&terminal, "n");
    terminal_expect(&terminal, "02_beta - not written yet");
    terminal_expect(&terminal, "q quit");
    terminal_type(&terminal, "d");
    terminal_expect(&terminal, "02 beta: the last check did not pass");
    terminal_type(&terminal, "n");
    terminal_expect(&terminal, "11_gamma - not written yet");
    terminal_type(&terminal, "n");
    terminal_expect(&terminal, "11 gamma is the last lesson");
    terminal_type(&terminal, "\004");
    CHECK_INT(0, terminal_end(&terminal));
    terminal_close(&terminal);
    says(contents(".lab/progress"), "at 11_gamma\n01_alpha passed=");
    course_close();
}

/* The process that answers/hangs.c has become, once it is there. */
static pid_t hanging(void)
{
    const char *text = NULL;
    char path[128];

    for (int i = 0; i < 2000 && text == NULL; i++) {
        text = contents("build/with/pid");
        if (text == NULL)
            poll(NULL, 0, 10);
    }
    CHECK(text != NULL);
    snprintf(path, sizeof path, "%s/with/pid", build);
    CHECK(remove(path) == 0);
    return (pid_t)strtol(text, NULL, 10);
}

/* Gone, or dead and waiting for whoever inherited it. */
static bool has_gone(pid_t pid)
{
    for (int i = 0; i < 500; i++) {
        if (kill(pid, 0) != 0 && errno == ESRCH)
            return true;
        poll(NULL, 0, 10);
    }
    return false;
}

TEST(a_save_during_a_check_cancels_it_and_starts_anew)
{
    struct terminal terminal;
    pid_t pid;

    course_open();
    answer("01_alpha", "hangs");
    start(&terminal, 80, "watch 1");
    pid = hanging();
    answer("01_alpha", "passes");
    terminal_expect(&terminal, "01 alpha - passed");
    CHECK(has_gone(pid));
    CHECK(strstr(terminal.said, "not judged") == NULL);
    terminal_type(&terminal, "q");
    CHECK_INT(0, terminal_end(&terminal));
    terminal_close(&terminal);
    course_close();
}

/* However it ends, the terminal is as it was, and nobody is left. */
static void ends_tidily(int number, int status)
{
    struct terminal terminal;
    pid_t pid;

    course_open();
    answer("01_alpha", "hangs");
    start(&terminal, 80, "watch 1");
    pid = hanging();
    CHECK(!terminal_is_cooked(&terminal));
    if (number != 0)
        CHECK(kill(terminal.pid, number) == 0);
    else
        terminal_type(&terminal, "\003"); /* Ctrl-C */
    CHECK_INT(status, terminal_end(&terminal));
    CHECK(terminal_is_cooked(&terminal));
    CHECK(has_gone(pid));
    terminal_close(&terminal);
    course_close();
}

TEST(watch_ends_tidily_by_ctrl_c)
{
    ends_tidily(0, 128 + SIGINT);
}

TEST(watch_ends_tidily_by_sigterm)
{
    ends_tidily(SIGTERM, 128 + SIGTERM);
}

TEST(watch_ends_tidily_by_sighup)
{
    ends_tidily(SIGHUP, 128 + SIGHUP);
}

TEST(watch_works_without_a_terminal)
{
    struct terminal terminal;

    course_open();
    start(&terminal, 0, "watch");
    terminal_expect(&terminal, "checking 01 alpha ...\n");
    terminal_expect(&terminal, "01_alpha - not written yet\n");
    terminal_hang_up(&terminal); /* no keys to come: it stays */
    answer("01_alpha", "not_yet");
    terminal_expect(&terminal, "step 2 of 3 - not yet\n");
    CHECK(kill(terminal.pid, SIGTERM) == 0);
    CHECK_INT(128 + SIGTERM, terminal_end(&terminal));
    terminal_close(&terminal);
    course_close();
}

TEST(a_narrow_terminal_keeps_the_status_on_one_line)
{
    struct terminal terminal;

    course_open();
    answer("01_alpha", "hangs");
    start(&terminal, 12, "check --color never");
    terminal_expect(&terminal, "\r\033[Kchecking 01");
    hanging();
    CHECK(strstr(terminal.said, "alpha") == NULL);
    terminal_type(&terminal, "\003");
    CHECK_INT(130, terminal_end(&terminal));
    terminal_close(&terminal);
    course_close();
}

/* --- The lock ------------------------------------------------------------ */

TEST(one_lab_at_a_time_builds)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    struct terminal terminal;
    char path[128];
    int fd;

    course_open();
    answer("01_alpha", "passes");
    snprintf(path, sizeof path, "%s/lab.lock", build);
    fd = open(path, O_RDWR | O_CREAT, 0666);
    CHECK(fd >= 0 && fcntl(fd, F_SETLK, &lock) == 0);
    start(&terminal, 80, "check");
    terminal_expect(&terminal, "another lab builds here");
    CHECK(strstr(terminal.said, "passed") == NULL);
    close(fd);
    terminal_expect(&terminal, "01 alpha - passed");
    CHECK_INT(0, terminal_end(&terminal));
    terminal_close(&terminal);
    course_close();
}

TEST(a_killed_lab_leaves_no_lock)
{
    struct terminal terminal;
    pid_t pid;

    course_open();
    answer("01_alpha", "hangs");
    start(&terminal, 0, "check");
    pid = hanging();
    CHECK(kill(terminal.pid, SIGKILL) == 0);
    answer("01_alpha", "passes");
    says(run_lab(0, "check"), "passed");
    kill(pid, SIGKILL);
    CHECK_INT(128 + SIGKILL, terminal_end(&terminal));
    terminal_close(&terminal);
    course_close();
}

/* --- Help and completion ------------------------------------------------- */

/* Of the line of a command: no option that it does not have. */
static void check_no_more(const char *file, const char *line,
                          const char *name)
{
    char command[32], words[512];
    const char *help;

    snprintf(command, sizeof command, "%s --help", name);
    help = run_lab(0, command);
    snprintf(words, sizeof words, "%.*s", (int)strcspn(line + 1, "\n"),
             line + 1);
    for (char *w = strtok(words, " "); w != NULL; w = strtok(NULL, " "))
        if (strncmp(w, "--", 2) == 0 && strstr(help, w) == NULL)
            check_fail(__FILE__, __LINE__, "%s: %s has no %s", file, name,
                       w);
}

/* Each word of lab --help's table, and each option of those commands, is in
 * both files; and no command is in them that is not in the table. */
TEST(completions_know_every_command_and_option)
{
    static const char *const files[] = { "completion.bash",
                                         "completion.zsh" };
    char help[4096], name[16], command[32], word[40];

    course_open();
    snprintf(help, sizeof help, "%s", run_lab(0, "--help"));
    for (size_t f = 0; f < COUNT(files); f++) {
        const char *line = strstr(help, "\n\n  ");
        char path[512], file[8192], *text;
        FILE *in;

        snprintf(path, sizeof path, "%s/%s", LAB_COMPLETIONS, files[f]);
        in = fopen(path, "r");
        CHECK(in != NULL);
        file[fread(file, 1, sizeof file - 1, in)] = '\0';
        fclose(in);
        for (const char *at = strstr(file, "\n# "); at != NULL;
             at = strstr(at + 1, "\n# ")) { /* no command that is no more */
            if (sscanf(at, " # %15[a-z]: --%c", name, word) != 2)
                continue;
            snprintf(command, sizeof command, "\n  %s ", name);
            if (strstr(help, command) == NULL)
                check_fail(__FILE__, __LINE__, "%s: no command %s",
                           files[f], name);
        }
        while (line != NULL && sscanf(line, " %15s", name) == 1
               && strcmp(name, "N") != 0) {
            snprintf(word, sizeof word, "\n# %s:", name);
            text = strstr(file, word);
            if (text == NULL)
                check_fail(__FILE__, __LINE__, "%s: no line \"# %s: ...\"",
                           files[f], name);
            snprintf(command, sizeof command, "%s --help", name);
            line = strchr(line + 4, '\n');
            if (strcmp(name, "demo") == 0)
                continue;
            check_no_more(files[f], text, name);
            for (const char *at = strstr(run_lab(0, command), "\n  --");
                 at != NULL; at = strstr(at + 1, "\n  --")) {
                CHECK(sscanf(at, " %38s", word) == 1);
                if (strcmp(word, "--help") == 0)
                    break; /* every command's, and the last */
                if (strstr(text, word) == NULL
                    || strstr(text, word) > strchr(text + 1, '\n'))
                    check_fail(__FILE__, __LINE__, "%s: %s lacks %s",
                               files[f], name, word);
            }
        }
    }
    course_close();
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(alone_it_says_where_you_are_and_what_is_next),
        ENTRY(list_has_every_lesson_in_order_within_the_width),
        ENTRY(on_a_narrow_terminal_lines_break_between_words),
        ENTRY(a_lesson_goes_by_number_name_folder_and_beginning),
        ENTRY(bad_usage_is_one_line_and_status_2),
        ENTRY(a_slip_of_a_command_or_a_lesson_is_told_what_is_near),
        ENTRY(help_is_a_command_and_an_option),
        ENTRY(without_a_course_it_says_so),
        ENTRY(without_a_build_folder_it_says_how_to_make_one),
        ENTRY(without_home_or_any_environment_it_works),
        ENTRY(check_passes_and_remembers_which_file_did),
        ENTRY(check_says_not_yet_and_how_far),
        ENTRY(an_exercise_not_written_is_not_wrong),
        ENTRY(a_compile_error_is_the_compilers_own_words),
        ENTRY(a_test_program_without_a_verdict_is_told),
        ENTRY(an_exercise_that_exits_has_not_passed),
        ENTRY(check_all_is_a_line_each_and_the_first_verdict),
        ENTRY(check_json_is_the_test_programs_object),
        ENTRY(with_judges_another_file_and_remembers_nothing),
        ENTRY(mine_names_the_objects_of_the_others),
        ENTRY(progress_keeps_what_it_does_not_know),
        ENTRY(progress_that_cannot_be_written_stops_nobody),
        ENTRY(hint_gives_one_level_more_each_time),
        ENTRY(predict_tells_the_right_answer_only_afterwards),
        ENTRY(predict_takes_a_long_line_for_one_answer),
        ENTRY(predict_reads_lines_and_a_missing_answer_counts_for_nothing),
        ENTRY(diff_is_for_those_who_have_passed),
        ENTRY(reset_puts_back_and_keeps_yours),
        ENTRY(demo_passes_its_options_on_and_becomes_the_program),
        ENTRY(doctor_tries_what_the_course_needs),
        ENTRY(grade_files_are_these),
        ENTRY(grade_files_are_valid_whatever_a_learner_prints),
        ENTRY(grade_from_another_copy_leaves_progress_alone),
        ENTRY(grade_to_stdout_says_nothing_else),
        ENTRY(colours_are_asked_for_or_a_terminals),
        ENTRY(watch_checks_at_once_and_at_each_save),
        ENTRY(watch_s_keys),
        ENTRY(a_save_during_a_check_cancels_it_and_starts_anew),
        ENTRY(watch_ends_tidily_by_ctrl_c),
        ENTRY(watch_ends_tidily_by_sigterm),
        ENTRY(watch_ends_tidily_by_sighup),
        ENTRY(watch_works_without_a_terminal),
        ENTRY(a_narrow_terminal_keeps_the_status_on_one_line),
        ENTRY(one_lab_at_a_time_builds),
        ENTRY(a_killed_lab_leaves_no_lock),
        ENTRY(completions_know_every_command_and_option),
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
