/* label.h - other people's words in our pictures.
 *
 * Names come from programs, and may hold anything: markup, quotes, half a
 * UTF-8 character, a terminal's escape codes. All of it passes through
 * label_put, which makes it harmless for where it goes.
 */
#ifndef LAB_LABEL_H
#define LAB_LABEL_H

#include <stdio.h>

enum label_form { LABEL_ASCII, LABEL_UTF8, LABEL_XML, LABEL_JSON };

/* Writes at most `columns` columns of text, the last one a mark if it was
 * cut, and returns how many. `out` may be NULL: measures. Control
 * characters and bytes that are no UTF-8 become ?; so does all that is
 * not ASCII in LABEL_ASCII. East Asian characters count as two columns, and
 * all others as one: never too few. */
int label_put(FILE *out, const char *text, int columns,
              enum label_form form);

#endif
