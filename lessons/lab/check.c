/* check.c - lab check: one verdict, or all of them in a line each. */
#include "lab/judge.h"

#include "lab/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- All lessons, one after the other ------------------------------------ */

/* What was not handed in was not written: that is how it was shipped. */
static struct path their_file(const struct judge_all *self)
{
    struct path path = path_of("%s/lessons/%s/exercise.c", self->from,
                               self->lab->lessons[self->i].name);

    return access(path.text, R_OK) == 0 ? path
        : course_shipped(self->lab, self->i);
}

ASYNC(judge_all)
{
    BEGIN;
    for (self->i = 0; self->i < self->lab->count; self->i++) {
        if (self->from != NULL)
            self->file = their_file(self);
        AWAIT(judge, .lab = self->lab, .lesson = self->i,
              .with = self->from != NULL ? self->file.text : NULL,
              .judgement = &self->judgements[self->i]);
        if (self->from == NULL)
            judgement_enter(self->lab, self->i, &self->judgements[self->i]);
        if (self->each != NULL)
            self->each(self->lab, self->i, &self->judgements[self->i]);
    }
    END;
}

void lesson_line(struct lab *lab, size_t lesson,
                 const struct judgement *judgement)
{
    status_clear(lab);
    printf("%-20s ", lab->lessons[lesson].title);
    ink(lab, verdict_ink(judgement->verdict), "%s",
        verdict_words(judgement->verdict));
    if (judgement->verdict == NOT_YET && judgement->step > 0)
        printf(", step %d of %d", judgement->step, judgement->steps);
    putchar('\n');
    fflush(stdout);
}

static void show_first(const struct lab *lab,
                       const struct judgement *judgements)
{
    for (size_t i = 0; i < lab->count; i++) {
        if (judgements[i].verdict != KEPT) {
            putchar('\n');
            judgement_show(lab, i, &judgements[i]);
            return;
        }
    }
}

void judgements_json(const struct lab *lab,
                     const struct judgement *judgements, struct text *out)
{
    for (size_t i = 0; i < lab->count; i++) {
        const char *json = text_string(&judgements[i].json);

        text_addf(out, "%s\n%.*s", i == 0 ? "[" : ",",
                  (int)strcspn(json, "\n"), json);
    }
    text_addf(out, "\n]");
}

static void print_array(const struct lab *lab,
                        const struct judgement *judgements)
{
    struct text array = { .data = NULL };

    judgements_json(lab, judgements, &array);
    printf("%s\n", array.data);
    text_free(&array);
}

static int check_all(struct lab *lab, bool json)
{
    struct judgement judgements[LESSONS_MAX] = { { .verdict = KEPT } };
    struct judge_all all = { CORO(judge_all), .lab = lab,
                             .judgements = judgements,
                             .each = json ? NULL : lesson_line };
    int failed = lab_run(&all.coro);
    bool kept = true;

    status_clear(lab);
    if (failed == 0 && json)
        print_array(lab, judgements);
    else if (failed == 0)
        show_first(lab, judgements);
    for (size_t i = 0; i < lab->count; i++) {
        kept = kept && judgements[i].verdict == KEPT;
        judgement_free(&judgements[i]);
    }
    return failed != 0 ? failed : !kept;
}

/* --- One lesson ---------------------------------------------------------- */

/* "11,12": lessons. */
static size_t parse_mine(const struct lab *lab, const char *program,
                         const char *list, size_t lesson, size_t *mine)
{
    size_t n = 0;

    while (list != NULL && *list != '\0') {
        size_t length = strcspn(list, ",");
        struct path word = path_of("%.*s", (int)length, list);

        mine[n] = course_find(lab, program, word.text);
        if (mine[n] == lesson)
            lab_refuse(program, "--mine %s: that is the lesson being checked",
                       word.text);
        n++;
        if (n == LESSONS_MAX)
            lab_refuse(program, "--mine: too many lessons");
        list += length + (list[length] == ',');
    }
    return n;
}

static int check_one(struct lab *lab, struct judge *judge, bool json)
{
    struct judgement judgement = { .verdict = KEPT };
    int failed;

    judge->coro.type = &judge_type;
    judge->lab = lab;
    judge->judgement = &judgement;
    failed = lab_run(&judge->coro);
    status_clear(lab);
    if (failed == 0 && judge->with == NULL)
        judgement_enter(lab, judge->lesson, &judgement);
    if (failed == 0 && json)
        printf("%s", text_string(&judgement.json));
    else if (failed == 0)
        judgement_show(lab, judge->lesson, &judgement);
    if (failed == 0)
        failed = judgement.verdict != KEPT;
    if (failed == 0 && !json && judge->with == NULL)
        printf("next: lab diff %02d (yours beside ours), lab go\n",
               lab->lessons[judge->lesson].number);
    judgement_free(&judgement);
    return failed;
}

int command_check(struct lab *lab, int argc, char **argv)
{
    bool all = false, json = false;
    const char *with = NULL, *mine = NULL;
    const struct option options[] = {
        { "--all", NULL, &all, NULL, "every lesson, then the first verdict" },
        { "--with", &with, NULL, "FILE", "judge FILE instead of exercise.c" },
        { "--mine", &mine, NULL, "N,N", "with your exercises of these, too" },
        { "--json", NULL, &json, NULL, "the verdict as JSON, for programs" },
        { NULL, NULL, NULL, NULL, NULL }
    };
    int words = lab_words(lab, argc, argv, options, 1);
    struct judge judge = { .with = with };
    size_t lessons[LESSONS_MAX];

    if (all && (words > 0 || with != NULL || mine != NULL))
        lab_refuse(argv[0], "--all: takes no lesson, --with or --mine");
    if (with != NULL && access(with, R_OK) != 0)
        lab_refuse(argv[0], "--with %s: %s", with, strerror(errno));
    if (with != NULL && strpbrk(with, "\"\n") != NULL)
        lab_refuse(argv[0], "--with %s: no quotes in the name", with);
    if (all)
        return check_all(lab, json);
    judge.lesson = words > 0 ? course_find(lab, argv[0], argv[1])
                             : course_current(lab);
    judge.mine = lessons;
    judge.mine_count = parse_mine(lab, argv[0], mine, judge.lesson, lessons);
    return check_one(lab, &judge, json);
}
