/* course.c - the lessons are the folders lessons/NN_name: nobody keeps a
 * list of them. The page's front matter has the minutes, and our file where
 * that is not name.c; its first paragraph is the one sentence. */
#include "lab/lab.h"

#include "stage/guess.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_lesson(const char *name)
{
    return isdigit((unsigned char)name[0]) && isdigit((unsigned char)name[1])
        && name[2] == '_' && islower((unsigned char)name[3])
        && strlen(name) < sizeof(((struct lesson *)0)->name)
        && strpbrk(name, " .\"\\") == NULL;
}

static struct slice slice_from(struct slice line, int n)
{
    return (struct slice){ line.at + n, line.length - n };
}

static void copy(char *to, size_t size, struct slice from)
{
    size_t length = (size_t)from.length < size ? (size_t)from.length
                                               : size - 1;

    memcpy(to, from.at, length);
    to[length] = '\0';
}

static void read_page(struct lab *lab, size_t index)
{
    struct lesson *lesson = &lab->lessons[index];
    struct path page = course_file(lab, index, "README.md");
    struct text text = { .data = NULL };
    const char *rest;
    struct slice line;
    bool titled = false;

    file_read(page.text, &text);
    rest = text_string(&text);
    while (lesson->sentence[0] == '\0' && text_line(&rest, &line)) {
        if (slice_is(line, "minutes: "))
            lesson->minutes = (int)strtol(line.at + 9, NULL, 10);
        else if (slice_is(line, "ours: "))
            copy(lesson->ours, sizeof lesson->ours, slice_from(line, 6));
        else if (titled && line.length > 0)
            copy(lesson->sentence, sizeof lesson->sentence, line);
        titled = titled || slice_is(line, "# ");
    }
    text_free(&text);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct lesson *)a)->name,
                  ((const struct lesson *)b)->name);
}

static void add(struct lab *lab, const char *name)
{
    struct lesson *lesson = &lab->lessons[lab->count++];

    *lesson = (struct lesson){ .number = (int)strtol(name, NULL, 10) };
    memcpy(lesson->name, name, strlen(name) + 1);
    memcpy(lesson->title, name, strlen(name) + 1);
    snprintf(lesson->ours, sizeof lesson->ours, "%s.c", name + 3);
    for (char *c = lesson->title; *c != '\0'; c++)
        if (*c == '_')
            *c = ' ';
}

void course_scan(struct lab *lab)
{
    struct path folder = path_of("%s/lessons", lab->root.text);
    DIR *directory = opendir(folder.text);
    struct dirent *entry;

    if (directory == NULL)
        lab_refuse("lab", "open %s: %s", folder.text, strerror(errno));
    do {
        entry = readdir(directory);
        if (entry != NULL && is_lesson(entry->d_name)
            && lab->count < LESSONS_MAX)
            add(lab, entry->d_name);
    } while (entry != NULL);
    closedir(directory);
    if (lab->count == 0)
        lab_refuse("lab", "scan %s: no folder NN_name in it", folder.text);
    qsort(lab->lessons, lab->count, sizeof lab->lessons[0], by_name);
    for (size_t i = 0; i < lab->count; i++)
        read_page(lab, i);
}

struct path course_file(const struct lab *lab, size_t lesson,
                        const char *file)
{
    return path_of("%s/lessons/%s/%s", lab->root.text,
                   lab->lessons[lesson].name, file);
}

struct path course_shipped(const struct lab *lab, size_t lesson)
{
    return path_of("%s/lessons/lab/shipped/%s.c", lab->root.text,
                   lab->lessons[lesson].name);
}

struct path course_cached(const struct lab *lab, const char *key)
{
    struct path file = path_of("%s/CMakeCache.txt", lab->build.text);
    struct path value = path_of("%s", "");
    struct text cache = { .data = NULL };
    const char *rest;
    struct slice line;

    file_read(file.text, &cache);
    rest = text_string(&cache);
    while (text_line(&rest, &line)) {
        const char *equals = memchr(line.at, '=', (size_t)line.length);

        if (equals != NULL && slice_is(line, key)
            && line.at[strlen(key)] == ':')
            value = path_of("%.*s", (int)(line.at + line.length - equals) - 1,
                            equals + 1);
    }
    text_free(&cache);
    return value;
}

/* 2: that is it; 1: it may be; 0: it is not. */
static int fits(const struct lesson *lesson, const char *word)
{
    char *end;
    long number = strtol(word, &end, 10);

    if (isdigit((unsigned char)word[0]) && *end == '\0')
        return number == lesson->number ? 2 : 0;
    if (strcmp(word, lesson->name) == 0 || strcmp(word, lesson->name + 3) == 0)
        return 2;
    return *word != '\0'
        && (strncmp(word, lesson->name + 3, strlen(word)) == 0
            || strncmp(word, lesson->name, strlen(word)) == 0);
}

size_t course_find(const struct lab *lab, const char *program,
                   const char *word)
{
    struct guess guess = { .word = word };
    struct text all = { .data = NULL };
    size_t found = lab->count, many = 0;

    for (size_t i = 0; i < lab->count; i++) {
        int fit = fits(&lab->lessons[i], word);

        guess_try(&guess, lab->lessons[i].name + 3);
        if (fit == 0)
            continue;
        found = i;
        many = fit == 2 ? 1 : many + 1;
        text_addf(&all, "%s%s", many > 1 ? ", " : "", lab->lessons[i].title);
        if (fit == 2)
            break;
    }
    if (many > 1)
        lab_refuse(program, "%s: which of %s?", word, text_string(&all));
    text_free(&all);
    if (many == 0)
        guess_refuse(&guess, program, "lesson", "lab list");
    return found;
}

size_t course_current(const struct lab *lab)
{
    if (lab->chosen >= 0)
        return (size_t)lab->chosen;
    for (size_t i = 0; i < lab->count; i++)
        if (progress_state(lab, i) != PASSED)
            return i;
    return lab->count - 1;
}
