/* next.h - see next.c. */
#ifndef LAB_NEXT_H
#define LAB_NEXT_H

/* The function `name` of the next library, NULL if there is none. */
void *next_symbol(const char *name);

#endif
