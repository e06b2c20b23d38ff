/* show.c - lab list, lab go, lab demo. */
#include "lab/judge.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* --- list ---------------------------------------------------------------- */

static void list_lesson(const struct lab *lab, size_t i, int width)
{
    static const enum ink inks[] = {
        [UNTOUCHED] = DIM, [BEGUN] = PLAIN, [TRIED] = YELLOW,
        [PASSED] = GREEN, [CHANGED] = YELLOW
    };
    const struct lesson *lesson = &lab->lessons[i];
    struct path words = progress_words(lab, i);
    int room = width - 47, name = width - 25; /* words have 21 at most */

    name = name > 18 ? 18 : name < 8 ? 8 : name;
    printf("%s ", i == course_current(lab) ? "->" : "  ");
    ink(lab, i == course_current(lab) ? BOLD : PLAIN, "%-*.*s", name, name,
        lesson->title);
    ink(lab, inks[progress_state(lab, i)], room > 20 ? " %-22s" : " %s",
        words.text);
    if (room > 20)
        printf("  %.*s%s", room - 3, lesson->sentence,
               (int)strlen(lesson->sentence) > room - 3 ? "..." : "");
    putchar('\n');
}

void list_show(const struct lab *lab)
{
    int width = screen_width();

    for (size_t i = 0; i < lab->count; i++)
        list_lesson(lab, i, width);
}

int command_list(struct lab *lab, int argc, char **argv)
{
    lab_words(lab, argc, argv, NULL, 0);
    list_show(lab);
    return 0;
}

/* --- go ------------------------------------------------------------------ */

/* The first after the current one that has not passed, or before it. */
static size_t next_open(const struct lab *lab)
{
    size_t at = course_current(lab);

    for (size_t n = 1; n < lab->count; n++)
        if (progress_state(lab, (at + n) % lab->count) != PASSED)
            return (at + n) % lab->count;
    return at;
}

int command_go(struct lab *lab, int argc, char **argv)
{
    int words = lab_words(lab, argc, argv, NULL, 1);
    size_t to = words > 0 ? course_find(lab, argv[0], argv[1])
                          : next_open(lab);

    progress_load(lab);
    lab->chosen = (int)to;
    progress_save(lab);
    ink(lab, BOLD, "%s", lab->lessons[to].title);
    printf(" - %s\n", progress_words(lab, to).text);
    put_wrapped(lab, 0, lab->lessons[to].sentence, 0);
    printf("begin with lessons/%s/README.md\n", lab->lessons[to].name);
    return 0;
}

/* --- demo ---------------------------------------------------------------- */

struct demo {
    struct coro coro;
    struct lab *lab;
    struct lesson *lesson;
    char doing[96];
    struct text output;
    bool built;
    struct cleanup unlocking;
    struct take_lock take_lock;
    struct build build;
};
ASYNC_DECLARE(demo);

ASYNC(demo)
{
    BEGIN;
    AWAIT(take_lock, .lab = self->lab);
    DEFER(&self->unlocking, unlock, &self->take_lock.fd);
    snprintf(self->doing, sizeof self->doing, "building the demo of %s",
             self->lesson->title);
    AWAIT(build, .lab = self->lab, .target = self->lesson->name,
          .doing = self->doing, .output = &self->output);
    self->built = self->build.status == 0;
    END;
}

bool demo_can_step(const struct lab *lab, size_t lesson)
{
    struct text source = { .data = NULL };
    bool can;

    file_read(course_file(lab, lesson, "demo.c").text, &source);
    can = strstr(text_string(&source), "stage_run") != NULL;
    text_free(&source);
    return can;
}

static bool asks(int argc, char **argv, const char *option)
{
    for (int i = 2; i < argc; i++)
        if (strcmp(argv[i], option) == 0)
            return true;
    return false;
}

/* Becomes the program: the terminal, its keys and Ctrl-C are all its own. */
static int become(struct path *program, char **argv)
{
    argv[1] = program->text;
    fflush(stdout);
    execv(program->text, argv + 1);
    fprintf(stderr, "lab demo: run %s: %s\n", program->text,
            strerror(errno));
    return 1;
}

int command_demo(struct lab *lab, int argc, char **argv)
{
    struct demo demo = { CORO(demo), .lab = lab };
    struct path program;
    size_t at;
    int failed;

    if (argc < 2 || argv[1][0] == '-')
        lab_words(lab, argc, argv, NULL, 0);
    if (argc < 2 || argv[1][0] == '-')
        lab_refuse(argv[0], "which? lab demo N (see lab list)");
    at = course_find(lab, argv[0], argv[1]);
    demo.lesson = &lab->lessons[at];
    if (asks(argc, argv, "--step") && !demo_can_step(lab, at))
        lab_refuse(argv[0], "%s: no loop of lib/loop to stop; --step works "
                   "from lesson 06 on", demo.lesson->title);
    failed = lab_run(&demo.coro);
    status_clear(lab);
    if (failed == 0 && !demo.built)
        printf("%s", text_string(&demo.output));
    text_free(&demo.output);
    if (failed != 0 || !demo.built)
        return failed != 0 ? failed : 1;
    program = path_of("%s/bin/%s", lab->build.text, demo.lesson->name);
    return become(&program, argv);
}
