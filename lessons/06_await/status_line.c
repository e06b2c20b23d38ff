/* status_line.c - as much of HTTP as three GETs need. */
#include "06_await/ways.h"

#include <string.h>

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "HTTP/1.x NNN": twelve bytes. */
int status_of(const char *answer, size_t size)
{
    if (size < 12 || memcmp(answer, "HTTP/1.", 7) != 0)
        return 0;
    if (!digit(answer[9]) || !digit(answer[10]) || !digit(answer[11]))
        return 0;
    return (answer[9] - '0') * 100 + (answer[10] - '0') * 10
        + (answer[11] - '0');
}
