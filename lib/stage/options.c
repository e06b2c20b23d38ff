/* options.c - see options.h. */
#include "stage/options.h"

#include "stage/guess.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 80 };

void options_put(const char *line, int column, int indent, int width)
{
    while (*line != '\0') {
        int blanks = (int)strspn(line, " ");
        int word = (int)strcspn(line + blanks, " ");

        if (column > indent && column + blanks + word > width) {
            printf("\n%*s", indent, "");
            column = indent;
            line += blanks;
            blanks = 0;
        }
        printf("%.*s", blanks + word, line);
        column += blanks + word;
        line += blanks + word;
    }
    putchar('\n');
}

static void help(const char *program, const struct option *options,
                 const char *about, const char *words)
{
    const char *slash = strrchr(program, '/');

    options_put(about, printf("%s%s%s - ", slash != NULL ? slash + 1 : program,
                              words != NULL && *words != '\0' ? " " : "",
                              words != NULL ? words : ""), 2, WIDTH);
    putchar('\n');
    for (; options->name != NULL; options++)
        options_put(options->help, printf("  %-14s %-8s ", options->name,
                    options->metavar != NULL ? options->metavar : ""), 26,
                    WIDTH);
    printf("  %-14s %-8s this\n", "--help", "");
    exit(0);
}

static _Noreturn void refuse(const char *program, const char *word,
                             const char *why)
{
    fprintf(stderr, "%s: %s: %s (see --help)\n", program, word, why);
    exit(2);
}

/* The option that `word` names, as "--name" or "--name=value". */
static const struct option *find(const char *program,
                                 const struct option *options, char *word)
{
    size_t length = strcspn(word, "=");
    struct guess guess = { .word = word };

    word[length] = '\0';
    for (const struct option *o = options; o->name != NULL; o++) {
        if (strcmp(o->name, word) == 0)
            return o;
        guess_try(&guess, o->name);
    }
    guess_try(&guess, "--help");
    guess_refuse(&guess, program, "option", "--help");
}

/* "0.5", and no "0x1p-1", "inf" or "5s", which strtod would take or leave. */
static bool seconds(const char *value)
{
    char *end;
    double number = strtod(value, &end);

    return value[strspn(value, "0123456789.")] == '\0' && *end == '\0'
        && number >= .001 && number < 1e6;
}

/* What a value must be, its metavar says. */
static void check(const char *program, const struct option *option)
{
    const char *value = *option->value;
    size_t digits = strspn(value, "0123456789");

    if (option->metavar != NULL && strcmp(option->metavar, "N") == 0
        && (digits == 0 || digits > 6 || value[digits] != '\0'))
        refuse(program, value, "not a number up to 999999");
    if (option->metavar != NULL && strcmp(option->metavar, "S") == 0
        && !seconds(value))
        refuse(program, value, "not seconds, 0.001 to 999999");
}

/* Takes argv[i], and its value if that is the next word; the last index
 * that it took. */
static int take(int argc, char **argv, int i, const struct option *options)
{
    const char *equals = strchr(argv[i], '=');
    const struct option *option = find(argv[0], options, argv[i]);

    if (option->flag != NULL) {
        if (equals != NULL)
            refuse(argv[0], argv[i], "takes no value");
        *option->flag = true;
    } else if (equals != NULL) {
        *option->value = equals + 1;
    } else if (i + 1 < argc) {
        i++;
        *option->value = argv[i];
    } else {
        refuse(argv[0], argv[i], "needs a value");
    }
    if (option->value != NULL)
        check(argv[0], option);
    return i;
}

int options_words(int argc, char **argv, const struct option *options,
                  const char *about, const char *words)
{
    bool only_words = false;
    int count = 0;

    for (int i = 1; i < argc; i++) {
        if (words != NULL && (only_words || argv[i][0] != '-'
                              || argv[i][1] == '\0')) {
            count++;
            argv[count] = argv[i];
        } else if (words != NULL && strcmp(argv[i], "--") == 0) {
            only_words = true;
        } else if (strcmp(argv[i], "--help") == 0) {
            help(argv[0], options, about, words);
        } else {
            i = take(argc, argv, i, options);
        }
    }
    return count;
}

void options_parse(int argc, char **argv, const struct option *options,
                   const char *about)
{
    options_words(argc, argv, options, about, NULL);
}

unsigned options_port(const char *program, const char *text)
{
    char *end;
    unsigned long port = strtoul(text, &end, 10);

    if (*text < '0' || *text > '9' || *end != '\0' || port > 65535)
        refuse(program, text, "not a port (0 to 65535)");
    return (unsigned)port;
}
