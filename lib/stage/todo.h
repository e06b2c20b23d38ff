/* todo.h - what an exercise's body says until it is written. Not written
 * yet is not wrong: the test ends with status 77, which CTest shows as
 * "Skipped". */
#ifndef LAB_TODO_H
#define LAB_TODO_H

#include <stdio.h>
#include <stdlib.h>

#define TODO(what) todo(__FILE__, __LINE__, (what))

_Noreturn static inline void todo(const char *file, int line,
                                  const char *what)
{
    fflush(stdout);
    fprintf(stderr, "%s:%d: not written yet: %s\n", file, line, what);
    _Exit(77);
}

#endif
