/* guess.h - what a wrong word was perhaps meant to be.
 *
 *     struct guess guess = { .word = "chekc" };
 *
 *     for each name that would have been right:
 *         guess_try(&guess, name);
 *     guess_refuse(&guess, "lab", "command", "lab --help");
 */
#ifndef LAB_GUESS_H
#define LAB_GUESS_H

#include <stddef.h>

struct guess {
    const char *word;
    const char *nearest; /* of the names tried; NULL: none is near */
    size_t slips;        /* from it */
};

/* A name that the word begins is the best there is; else one that is at most
 * two slips away: a letter put in, left out or changed, or two neighbours
 * swapped. Of equals the first. */
void guess_try(struct guess *guess, const char *name);

/* "lab: chekc: no such command; do you mean check? (see lab --help)", or
 * without the question; exit 2. */
_Noreturn void guess_refuse(const struct guess *guess, const char *program,
                            const char *kind, const char *see);

#endif
