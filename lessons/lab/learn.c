/* learn.c - lab hint and lab predict: the page and the hints, in portions. */
#include "lab/lab.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* --- hint ---------------------------------------------------------------- */

enum { HINTS = 3 };

/* Prints level `n` of hints.txt, from "== N" to the next; false if there is
 * none. */
static bool print_hint(const struct lab *lab, size_t lesson, int n)
{
    struct text text = { .data = NULL };
    const char *rest;
    struct slice line;
    bool inside = false, found = false;

    file_read(course_file(lab, lesson, "hints.txt").text, &text);
    rest = text_string(&text);
    while (text_line(&rest, &line)) {
        if (slice_is(line, "== ")) {
            inside = strtol(line.at + 3, NULL, 10) == n;
            if (inside)
                ink(lab, BOLD, "%s, hint %d of %d\n",
                    lab->lessons[lesson].title, n, HINTS);
            found = found || inside;
        } else if (inside) {
            put_wrapped(lab, 0, path_of("%.*s", line.length, line.at).text, 0);
        }
    }
    text_free(&text);
    return found;
}

static void remember_hints(struct lab *lab, size_t lesson, int shown)
{
    progress_load(lab);
    lab->records[lesson].hints = shown;
    progress_save(lab);
}

void hint_show(struct lab *lab, size_t lesson)
{
    int next;

    progress_load(lab);
    next = lab->records[lesson].hints + 1;
    if (next > HINTS || !print_hint(lab, lesson, next)) {
        put_wrapped(lab, printf("%s: ", lab->lessons[lesson].title), "that "
                    "was the last hint (lab hint --all shows them again; lab "
                    "diff --anyway shows ours)", 0);
        return;
    }
    remember_hints(lab, lesson, next);
}

int command_hint(struct lab *lab, int argc, char **argv)
{
    bool again = false, all = false;
    const struct option options[] = {
        { "--again", NULL, &again, NULL, "the last one shown" },
        { "--all", NULL, &all, NULL, "all three" },
        { NULL, NULL, NULL, NULL, NULL }
    };
    size_t lesson = lab_lesson(lab, argc, argv, options);
    int shown = lab->records[lesson].hints;

    if (again && all)
        lab_refuse(argv[0], "--again and --all: one of them");
    if (all) {
        for (int n = 1; n <= HINTS; n++)
            print_hint(lab, lesson, n);
        remember_hints(lab, lesson, HINTS);
    } else if (again) {
        print_hint(lab, lesson, shown > 0 ? shown : 1);
        if (shown == 0)
            remember_hints(lab, lesson, 1);
    } else {
        hint_show(lab, lesson);
    }
    return 0;
}

/* --- predict ------------------------------------------------------------- */

enum { OPTIONS_MAX = 6 };

struct question {
    struct slice options[OPTIONS_MAX]; /* "a) 1 s" */
    size_t count;
    char answer; /* 'a' ...; 0: none found yet */
};

/* A line of input without its end, of a long one its beginning; false at the
 * end of input. */
static bool read_line(char *line, size_t size)
{
    int c = '\0';

    if (fgets(line, (int)size, stdin) == NULL)
        return false;
    if (strchr(line, '\n') == NULL)
        while (c != '\n' && c != EOF)
            c = getchar();
    line[strcspn(line, "\r\n")] = '\0';
    return true;
}

/* "that is none of a, b, c; ..." */
static void tell_keys(const struct lab *lab, const struct question *question)
{
    struct text text = { .data = NULL };

    text_addf(&text, "that is none of ");
    for (size_t i = 0; i < question->count; i++)
        text_addf(&text, "%s%c", i == 0 ? "" : ", ", (char)('a' + (int)i));
    text_addf(&text, ": type one, then Enter (Ctrl-D: stop, keep "
              "nothing)");
    put_wrapped(lab, 0, text_string(&text), 0);
    text_free(&text);
}

/* Asks until the answer is one of the letters; 0 at the end of input. */
static char ask(const struct lab *lab, const struct question *question)
{
    char last = (char)('a' + (int)question->count - 1);
    char line[80];

    for (;;) {
        printf("your answer (a-%c): ", last);
        fflush(stdout);
        if (!read_line(line, sizeof line)) {
            putchar('\n');
            return 0;
        }
        line[0] = (char)tolower((unsigned char)line[0]);
        if (line[0] >= 'a' && line[0] <= last
            && (line[1] == '\0' || line[1] == ')'))
            return line[0];
        tell_keys(lab, question);
    }
}

/* The right answer is told only after the learner's. */
static bool judge_answer(const struct lab *lab,
                         const struct question *question, char given)
{
    struct slice right = question->options[question->answer - 'a'];

    if (given == question->answer)
        ink(lab, GREEN, "yes");
    else
        ink(lab, YELLOW, "no: %.*s", right.length, right.at);
    printf("\n\n");
    return given == question->answer;
}

/* A number stands at the left, all else beside it. */
static void put_question(const struct lab *lab, struct slice line)
{
    bool numbered = isdigit((unsigned char)*line.at) != 0;
    struct path text = path_of("%s%.*s", numbered ? "" : "   ", line.length,
                               line.at);

    put_wrapped(lab, 0, text.text, slice_is(line, "- ") ? 8 : 3);
}

/* The next line of the section; false at its end. Numbers, options and
 * their continuations are printed as they stand, the answer is kept. */
static bool read_question(const struct lab *lab, const char **rest,
                          struct question *question)
{
    struct slice line;

    *question = (struct question){ .count = 0 };
    while (question->answer == 0) {
        if (!text_line(rest, &line) || slice_is(line, "## "))
            return false;
        while (line.length > 0 && *line.at == ' ') {
            line.at++;
            line.length--;
        }
        if (slice_is(line, "<!-- answer: "))
            question->answer = line.at[13];
        else if (line.length > 0)
            put_question(lab, line);
        if (slice_is(line, "- ") && line.length > 4 && line.at[3] == ')'
            && question->count < OPTIONS_MAX)
            question->options[question->count++] =
                (struct slice){ line.at + 2, line.length - 2 };
    }
    return question->answer >= 'a'
        && question->answer < 'a' + (int)question->count;
}

static bool find_section(const char **rest, const char *heading)
{
    struct slice line;

    while (text_line(rest, &line))
        if (slice_is(line, heading))
            return true;
    return false;
}

/* Asks them all; the learner's right answers in *right. How many there
 * were, or -1 if the input ended before. */
static int ask_all(const struct lab *lab, const char *page, int *right)
{
    struct question question;
    int asked = 0;

    *right = 0;
    if (!find_section(&page, "## Predict"))
        return 0;
    while (read_question(lab, &page, &question)) {
        char given = ask(lab, &question);

        if (given == 0)
            return -1;
        asked++;
        *right += judge_answer(lab, &question, given);
    }
    return asked;
}

int command_predict(struct lab *lab, int argc, char **argv)
{
    size_t lesson = lab_lesson(lab, argc, argv, NULL);
    struct text page = { .data = NULL };
    int right, asked;

    file_read(course_file(lab, lesson, "README.md").text, &page);
    asked = ask_all(lab, text_string(&page), &right);
    text_free(&page);
    if (asked < 0)
        return 1;
    if (asked == 0)
        lab_refuse(argv[0], "%s: its page asks nothing",
                   lab->lessons[lesson].title);
    progress_load(lab);
    lab->records[lesson].right = right;
    lab->records[lesson].asked = asked;
    progress_save(lab);
    printf("%d of %d; now look: lab demo %02d\n", right, asked,
           lab->lessons[lesson].number);
    return right < asked;
}
