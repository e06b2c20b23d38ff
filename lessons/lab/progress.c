/* progress.c - .lab/progress, a text that git can merge:
 *
 *     # what this is
 *     at 13_wait
 *     11_gather passed=07c1f0d3bd5aa2c9 hints=1 predicted=2/2
 *     13_wait step=5/37
 *
 * One line a lesson, in order; words in any order. Lines and words that we
 * do not know are kept where we can: those of a later version, or a merge's
 * markers. Two lines for one lesson, as a merge leaves them, become one:
 * what has been reached on either side stays reached.
 */
#include "lab/lab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const heading =
    "# Where you are in awaitlab; `lab` writes this, you may edit, commit"
    " and\n# merge it. at: the lesson chosen; passed: the exercise.c (its"
    " hash) that did;\n# step: how far the last one got; hints: shown;"
    " predicted: right of asked.\n";

static struct path file_of(const struct lab *lab)
{
    return path_of("%s/.lab/progress", lab->root.text);
}

static int index_of(const struct lab *lab, struct slice name)
{
    for (size_t i = 0; i < lab->count; i++)
        if (strlen(lab->lessons[i].name) == (size_t)name.length
            && slice_is(name, lab->lessons[i].name))
            return (int)i;
    return -1;
}

/* The next word of the line; false at its end. */
static bool next_word(struct slice *line, struct slice *word)
{
    while (line->length > 0 && *line->at == ' ') {
        line->at++;
        line->length--;
    }
    word->at = line->at;
    word->length = 0;
    while (word->length < line->length && word->at[word->length] != ' ')
        word->length++;
    line->at += word->length;
    line->length -= word->length;
    return word->length > 0;
}

/* "key=3/4": the numbers; the larger ones stay. */
static bool numbers(struct slice word, const char *key, int *a, int *b)
{
    const char *at = word.at + strlen(key);
    char *end;
    int first, second = 0;

    if (!slice_is(word, key))
        return false;
    first = (int)strtol(at, &end, 10);
    if (*end == '/')
        second = (int)strtol(end + 1, NULL, 10);
    if (first > *a || (first == *a && b != NULL && second > *b)) {
        *a = first;
        if (b != NULL)
            *b = second;
    }
    return true;
}

static void keep(struct record *record, struct slice word)
{
    size_t length = strlen(record->other);

    if (length + (size_t)word.length + 2 > sizeof record->other)
        return;
    record->other[length++] = ' ';
    memcpy(record->other + length, word.at, (size_t)word.length);
    record->other[length + (size_t)word.length] = '\0';
}

static void read_record(struct record *record, struct slice line)
{
    struct slice word;

    while (next_word(&line, &word)) {
        if (slice_is(word, "passed=") && word.length == 7 + 16) {
            memcpy(record->passed, word.at + 7, 16);
        } else if (!numbers(word, "step=", &record->step, &record->steps)
                   && !numbers(word, "hints=", &record->hints, NULL)
                   && !numbers(word, "predicted=", &record->right,
                               &record->asked)) {
            keep(record, word);
        }
    }
}

static void read_line(struct lab *lab, struct slice line)
{
    struct slice whole = line, word;
    int index;

    if (line.length == 0 || *line.at == '#')
        return; /* the heading is written anew */
    if (!next_word(&line, &word))
        return;
    index = index_of(lab, word);
    if (index >= 0) {
        read_record(&lab->records[index], line);
    } else if (word.length == 2 && slice_is(word, "at")
               && next_word(&line, &word) && index_of(lab, word) >= 0) {
        lab->chosen = index_of(lab, word);
    } else {
        text_addf(&lab->other, "%.*s\n", whole.length, whole.at);
    }
}

void progress_load(struct lab *lab)
{
    struct path path = file_of(lab);
    struct text text = { .data = NULL };
    const char *rest;
    struct slice line;

    memset(lab->records, 0, sizeof lab->records);
    lab->chosen = -1;
    text_free(&lab->other);
    file_read(path.text, &text);
    rest = text_string(&text);
    while (text_line(&rest, &line))
        read_line(lab, line);
    text_free(&text);
}

static void write_record(struct text *text, const char *name,
                         const struct record *record)
{
    struct text words = { .data = NULL };

    if (record->passed[0] != '\0')
        text_addf(&words, " passed=%s", record->passed);
    if (record->step > 0)
        text_addf(&words, " step=%d/%d", record->step, record->steps);
    if (record->hints > 0)
        text_addf(&words, " hints=%d", record->hints);
    if (record->asked > 0)
        text_addf(&words, " predicted=%d/%d", record->right, record->asked);
    text_addf(&words, "%s", record->other);
    if (words.length > 0)
        text_addf(text, "%s%s\n", name, words.data);
    text_free(&words);
}

void progress_save(struct lab *lab)
{
    struct path path = file_of(lab);
    struct path folder = path_of("%s/.lab", lab->root.text);
    struct text text = { .data = NULL };

    text_addf(&text, "%s", heading);
    if (lab->chosen >= 0)
        text_addf(&text, "at %s\n", lab->lessons[lab->chosen].name);
    for (size_t i = 0; i < lab->count; i++)
        write_record(&text, lab->lessons[i].name, &lab->records[i]);
    text_addf(&text, "%s", text_string(&lab->other));
    mkdir(folder.text, 0777);
    if (!file_write(path.text, text.data, text.length))
        fprintf(stderr, "lab: write %s: %s\n", path.text, strerror(errno));
    text_free(&text);
}

/* FNV-1a: 64 bits tell versions of a file apart; nobody attacks them. */
void progress_hash(const struct lab *lab, size_t lesson, char hash[17])
{
    struct path path = course_file(lab, lesson, "exercise.c");
    struct text text = { .data = NULL };
    unsigned long long sum = 14695981039346656037u;

    hash[0] = '\0';
    if (file_read(path.text, &text)) {
        for (size_t i = 0; i < text.length; i++)
            sum = (sum ^ (unsigned char)text.data[i]) * 1099511628211u;
        snprintf(hash, 17, "%016llx", sum);
    }
    text_free(&text);
}

static bool as_shipped(const struct lab *lab, size_t lesson)
{
    struct path ours = course_shipped(lab, lesson);
    struct path theirs = course_file(lab, lesson, "exercise.c");
    struct text a = { .data = NULL }, b = { .data = NULL };
    bool same = file_read(ours.text, &a) && file_read(theirs.text, &b)
        && strcmp(text_string(&a), text_string(&b)) == 0;

    text_free(&a);
    text_free(&b);
    return same;
}

enum state progress_state(const struct lab *lab, size_t lesson)
{
    const struct record *record = &lab->records[lesson];
    char hash[17];

    progress_hash(lab, lesson, hash);
    if (record->passed[0] != '\0' && strcmp(hash, record->passed) == 0)
        return PASSED;
    if (record->step > 0)
        return TRIED;
    if (record->passed[0] != '\0')
        return CHANGED;
    return as_shipped(lab, lesson) ? UNTOUCHED : BEGUN;
}

struct path progress_words(const struct lab *lab, size_t lesson)
{
    const struct record *record = &lab->records[lesson];

    switch (progress_state(lab, lesson)) {
    case PASSED: return path_of("passed");
    case CHANGED: return path_of("passed, changed since");
    case TRIED: return path_of("not yet, step %d of %d", record->step,
                               record->steps);
    case BEGUN: return path_of("begun");
    case UNTOUCHED: break;
    }
    return path_of("not begun");
}
