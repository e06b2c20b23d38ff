/* next.c - the system call behind the one that calls.c stands in for.
 * RTLD_NEXT is no part of POSIX.1-2008, hence a file of its own. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "next.h"

#include <dlfcn.h>

void *next_symbol(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}
