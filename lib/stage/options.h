/* options.h - command lines, as much as demos need: --name, --name V and
 * --name=V. */
#ifndef LAB_OPTIONS_H
#define LAB_OPTIONS_H

#include <stdbool.h>

struct option {
    const char *name;   /* "--port"; NULL ends the table      */
    const char **value; /* set to the word that follows, or   */
    bool *flag;         /* set to true                        */
    const char *metavar, *help; /* "N": a number; "S": seconds; "PART": one of
                                   the words of help, "a, b or c" */
};

/* Fills in what argv says. --help prints the table and exits 0; anything
 * else that is not in it: one line on stderr and exit 2. */
void options_parse(int argc, char **argv, const struct option *options,
                   const char *about);

/* The same for a command that takes words, too: they are moved to argv[1]
 * and on, and counted. --help shows `words`: "[N]". After "--" all is words;
 * a lone "-" is one. */
int options_words(int argc, char **argv, const struct option *options,
                  const char *about, const char *words);

/* Prints a line, broken between words after `width` columns: `column` of them
 * are there already, and what follows begins at `indent`. */
void options_put(const char *line, int column, int indent, int width);

/* "80" -> 80; else one line and exit 2. */
unsigned options_port(const char *program, const char *text);

#endif
