/* options.c - see options.h. */
#include "stage/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void help(const char *program, const struct option *options,
                 const char *about)
{
    const char *slash = strrchr(program, '/');

    printf("%s - %s\n\n", slash != NULL ? slash + 1 : program, about);
    for (; options->name != NULL; options++)
        printf("  %-14s %-8s %s\n", options->name,
               options->metavar != NULL ? options->metavar : "",
               options->help);
    printf("  %-14s %-8s this\n", "--help", "");
    exit(0);
}

static void refuse(const char *program, const char *word, const char *why)
{
    fprintf(stderr, "%s: %s: %s (see --help)\n", program, word, why);
    exit(2);
}

void options_parse(int argc, char **argv, const struct option *options,
                   const char *about)
{
    for (int i = 1; i < argc; i++) {
        const struct option *option = options;

        if (strcmp(argv[i], "--help") == 0)
            help(argv[0], options, about);
        while (option->name != NULL && strcmp(option->name, argv[i]) != 0)
            option++;
        if (option->name == NULL)
            refuse(argv[0], argv[i], "no such option");
        if (option->flag != NULL) {
            *option->flag = true;
        } else if (i + 1 < argc) {
            i++;
            *option->value = argv[i];
        } else {
            refuse(argv[0], argv[i], "needs a value");
        }
    }
}

unsigned options_port(const char *program, const char *text)
{
    char *end;
    unsigned long port = strtoul(text, &end, 10);

    if (*text < '0' || *text > '9' || *end != '\0' || port > 65535)
        refuse(program, text, "not a port (0 to 65535)");
    return (unsigned)port;
}
