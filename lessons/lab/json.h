/* json.h - as much JSON as a verdict needs: one object read, strings
 * written. */
#ifndef LAB_JSON_H
#define LAB_JSON_H

#include "lab/text.h"

/* Adds a string in its quotes: escaped, control characters as \u00NN, bytes
 * that are no UTF-8 as U+FFFD. */
void json_string(struct text *text, const char *string);

/* The value of a key of the object, as it stands there: `"13_wait"`, `5`.
 * Keys of objects inside it do not count. False if there is none. */
bool json_find(const char *object, const char *key, struct slice *value);

/* The same for a number; `otherwise` if it is none. */
int json_number(const char *object, const char *key, int otherwise);

#endif
