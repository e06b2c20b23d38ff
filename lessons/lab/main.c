/* main.c - `lab`: one table of commands, from which --help, the dispatch
 * and the test of the shells' completions are made.
 *
 * The course and its build are where CMake found them when lab was built;
 * LAB_ROOT and LAB_BUILD in the environment name others.
 */
#include "lab/lab.h"

#include "stage/guess.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static command_run command_help;

static const struct command commands[] = {
    { "list", "", "every lesson, and how far you are", command_list },
    { "go", "[N]", "make N current; alone, the next that has not passed",
      command_go },
    { "demo", "N [OPTION ...]", "run a lesson's demo; options are its own",
      command_demo },
    { "predict", "[N]", "answer the page's questions before you run the demo",
      command_predict },
    { "check", "[N]", "build and judge exercise.c", command_check },
    { "watch", "[N]", "check again each time you save", command_watch },
    { "hint", "[N]", "one level more each time", command_hint },
    { "diff", "[N]", "your exercise beside ours, once it has passed",
      command_diff },
    { "reset", "N", "exercise.c as shipped; yours goes to .lab/backup",
      command_reset },
    { "grade", "", "judge every exercise and write grade files",
      command_grade },
    { "doctor", "", "what this machine has, and what it lacks",
      command_doctor },
    { "help", "[COMMAND]", "this; or one command's options", command_help },
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

_Noreturn void lab_refuse(const char *program, const char *format, ...)
{
    va_list arguments;

    fflush(stdout);
    fprintf(stderr, "%s: ", program);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(2);
}

int lab_words(struct lab *lab, int argc, char **argv,
              const struct option *options, int most)
{
    const char *when = NULL;
    const struct option none = { NULL, NULL, NULL, NULL, NULL };
    struct option all[12];
    size_t n = 0;
    int words;

    for (; options != NULL && options[n].name != NULL; n++)
        all[n] = options[n];
    all[n++] = (struct option){ "--color", &when, NULL, "WHEN",
                                "auto, always or never" };
    all[n] = none;
    words = options_words(argc, argv, all, lab->command->about,
                          lab->command->words);
    if (words > most)
        lab_refuse(argv[0], "%s: one word too many (see --help)",
                   argv[most + 1]);
    if (when != NULL && !screen_color(lab, when))
        lab_refuse(argv[0], "--color %s: not auto, always or never", when);
    return words;
}

size_t lab_lesson(struct lab *lab, int argc, char **argv,
                  const struct option *options)
{
    return lab_words(lab, argc, argv, options, 1) > 0
        ? course_find(lab, argv[0], argv[1]) : course_current(lab);
}

/* --- A command's loop ---------------------------------------------------- */

static volatile sig_atomic_t ended_by;

/* The loop knows SIGINT; what else asks us to go is made one. */
static void go(int number)
{
    ended_by = number;
    raise(SIGINT);
}

int lab_run(struct coro *coro)
{
    static const int endings[] = { SIGTERM, SIGHUP, SIGQUIT };
    const struct loop_options options = { .catch_sigint = true };
    struct sigaction action = { .sa_handler = go }, before[3];
    struct loop loop;
    struct error error;
    int code = loop_open(&loop, &options, &error);

    if (code != 0)
        lab_refuse("lab", "%s", error.text);
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < 3; i++)
        sigaction(endings[i], &action, &before[i]);
    code = loop_run(&loop, coro);
    for (int i = 0; i < 3; i++)
        sigaction(endings[i], &before[i], NULL);
    if (code != 0 && code != E_INTERRUPTED)
        fprintf(stderr, "lab: %s\n", loop.main.error.text);
    loop_close(&loop);
    if (code == E_INTERRUPTED)
        return 128 + (ended_by != 0 ? (int)ended_by : SIGINT);
    return code != 0;
}

/* --- Where we are -------------------------------------------------------- */

static bool is_narrow(const struct lab *lab)
{
    return lab->screen && screen_width() < 70;
}

static void show_bar(const struct lab *lab)
{
    size_t passed = 0;

    for (size_t i = 0; i < lab->count; i++)
        passed += progress_state(lab, i) == PASSED;
    printf("%s", is_narrow(lab) ? "" : "awaitlab ");
    ink(lab, GREEN, "[");
    for (size_t i = 0; i < lab->count; i++)
        ink(lab, progress_state(lab, i) == PASSED ? GREEN : DIM, "%c",
            progress_state(lab, i) == PASSED ? '#' : '.');
    ink(lab, GREEN, "]");
    printf(" %zu of %zu passed\n\n", passed, lab->count);
}

/* "  check    lab check       or lab watch": the last if there is room. */
static void put_row(const struct lab *lab, const char *what,
                    const char *command, const char *beside)
{
    printf("  %-8s ", what);
    if (is_narrow(lab) || *beside == '\0')
        printf("%s\n", command);
    else
        printf("%-13s   %s\n", command, beside);
}

static void show_here(const struct lab *lab)
{
    size_t at = course_current(lab);
    const struct lesson *lesson = &lab->lessons[at];
    bool passed = progress_state(lab, at) == PASSED;

    show_bar(lab);
    ink(lab, BOLD, "%s", lesson->title);
    printf(" - %s\n", progress_words(lab, at).text);
    put_wrapped(lab, 0, lesson->sentence, 0);
    putchar('\n');
    put_row(lab, "read", path_of("lessons/%s/README.md", lesson->name).text,
            lesson->minutes == 0 ? ""
            : path_of("(%d minutes)", lesson->minutes).text);
    put_row(lab, "predict", "lab predict", "its questions, before you run it");
    put_row(lab, "run", path_of("lab demo %02d", lesson->number).text,
            demo_can_step(lab, at) ? "one turn of the loop at a time: --step"
            : "its options: --help");
    put_row(lab, "write",
            path_of("lessons/%s/exercise.c", lesson->name).text, "");
    put_row(lab, "check", "lab check", "or lab watch, while you write");
    put_row(lab, "stuck", "lab hint", "");
    if (passed)
        put_row(lab, "compare", "lab diff", "yours beside ours");
    putchar('\n');
    put_wrapped(lab, 0, passed ? "next: lab go" : "another lesson: lab go N   "
                "(lab list has them, lab --help the rest)", 0);
}

/* --- Which command ------------------------------------------------------- */

static _Noreturn void refuse_command(const char *program, const char *word)
{
    struct guess guess = { .word = word };

    if (word[strspn(word, "0123456789")] == '\0')
        lab_refuse(program, "%s: no such command; a lesson goes with one: "
                   "lab go %s, lab check %s (see lab --help)", word, word,
                   word);
    for (size_t i = 0; i < COMMANDS; i++)
        guess_try(&guess, commands[i].name);
    guess_refuse(&guess, program, "command", "lab --help");
}

static void help(const struct lab *lab)
{
    put_wrapped(lab, 0, "lab [COMMAND] - the learner's command; alone: where "
                "you are", 2);
    putchar('\n');
    for (size_t i = 0; i < COMMANDS; i++)
        put_wrapped(lab, printf("  %-8s %-15s ", commands[i].name,
                                commands[i].words), commands[i].about, 27);
    putchar('\n');
    put_wrapped(lab, 0, "N is 13, 13_wait or wait; without it, the current "
                "lesson is meant.", 0);
    put_wrapped(lab, 0, "lab COMMAND --help has a command's options. Progress "
                "is in .lab/progress.", 0);
    put_wrapped(lab, 0, "--color auto|always|never, NO_COLOR, FORCE_COLOR. "
                "Exit status: 0 done;", 0);
    put_wrapped(lab, 0, "1 not yet, or failed; 2 usage.", 0);
    exit(0);
}

static void remember_place(struct lab *lab)
{
    const char *root = getenv("LAB_ROOT"), *build = getenv("LAB_BUILD");

    lab->root = path_of("%s", root != NULL ? root : LAB_SOURCE_FOLDER);
    lab->build = path_of("%s", build != NULL ? build : LAB_BUILD_FOLDER);
    lab->cmake = course_cached(lab, "CMAKE_COMMAND");
    if (lab->cmake.text[0] == '\0')
        lab->cmake = path_of("cmake");
}

static int run(struct lab *lab, const struct command *command, int argc,
               char **argv)
{
    char program[32];

    snprintf(program, sizeof program, "lab %s", command->name);
    argv[0] = program; /* errors and help name the command as well */
    lab->command = command;
    return command->run(lab, argc, argv);
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int command_help(struct lab *lab, int argc, char **argv)
{
    int words = lab_words(lab, argc, argv, NULL, 1);
    const struct command *command;
    char option[] = "--help";

    if (words == 0)
        help(lab);
    command = find_command(argv[1]);
    if (command == NULL)
        refuse_command(argv[0], argv[1]);
    return run(lab, command, 2, (char *[]){ argv[0], option, NULL });
}

static int dispatch(struct lab *lab, int argc, char **argv)
{
    static const struct command here = { "", "", "where you are", NULL };

    if (argc > 1 && strcmp(argv[1], "--help") == 0)
        help(lab);
    if (argc > 1 && find_command(argv[1]) != NULL)
        return run(lab, find_command(argv[1]), argc - 1, argv + 1);
    if (argc > 1 && argv[1][0] != '-')
        refuse_command("lab", argv[1]);
    lab->command = &here;
    argv[0] = (char[]){ "lab" };
    lab_words(lab, argc, argv, NULL, 0);
    show_here(lab);
    return 0;
}

int main(int argc, char **argv)
{
    struct lab lab = { .chosen = -1 };
    int status;

    screen_color(&lab, NULL);
    remember_place(&lab);
    course_scan(&lab);
    progress_load(&lab);
    status = dispatch(&lab, argc, argv);
    text_free(&lab.other);
    if (fflush(stdout) != 0 && status == 0) {
        perror("lab: write");
        return 1;
    }
    return status;
}
