/* guess.c - see guess.h. */
#include "stage/guess.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD = 32, SLIPS = 2 };

static size_t least(size_t a, size_t b, size_t c)
{
    a = a < b ? a : b;
    return a < c ? a : c;
}

/* Three rows of the table of all beginnings; longer words are no slips. */
static size_t distance_of(const char *a, const char *b)
{
    size_t rows[3][WORD + 1], n = strlen(a), m = strlen(b);

    if (n > WORD || m > WORD)
        return WORD;
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *row = rows[i % 3], *above = rows[(i - 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            row[j] = least(above[j] + 1, row[j - 1] + 1,
                           above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], rows[(i - 2) % 3][j - 2] + 1, row[j]);
        }
    }
    return rows[n % 3][m];
}

/* Without the dashes that all options share. */
static size_t letters(const char *word)
{
    return strlen(word) - strspn(word, "-");
}

void guess_try(struct guess *guess, const char *name)
{
    bool begins = letters(guess->word) > 1
        && strncmp(name, guess->word, strlen(guess->word)) == 0;
    size_t slips = begins ? 0 : distance_of(guess->word, name);

    /* Two letters of it must be right. */
    if (slips > SLIPS || slips + 1 >= letters(name)
        || (guess->nearest != NULL && slips >= guess->slips))
        return;
    guess->nearest = name;
    guess->slips = slips;
}

void guess_refuse(const struct guess *guess, const char *program,
                  const char *kind, const char *see)
{
    const char *nearest = guess->nearest;

    fflush(stdout);
    fprintf(stderr, "%s: %s: no such %s%s%s%s (see %s)\n", program,
            guess->word, kind, nearest != NULL ? "; do you mean " : "",
            nearest != NULL ? nearest : "", nearest != NULL ? "?" : "", see);
    exit(2);
}
