/* screen.c - see lab.h. Colours are the eight that every terminal has, and
 * no word depends on them. */
#include "lab/lab.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool set(const char *variable)
{
    const char *value = getenv(variable);

    return value != NULL && *value != '\0';
}

bool screen_color(struct lab *lab, const char *when)
{
    const char *term = getenv("TERM"), *force = getenv("FORCE_COLOR");

    lab->screen = isatty(STDOUT_FILENO) != 0;
    lab->color = lab->screen && term != NULL && strcmp(term, "dumb") != 0;
    if (set("FORCE_COLOR"))
        lab->color = strcmp(force, "0") != 0;
    if (set("NO_COLOR"))
        lab->color = false;
    if (when == NULL || strcmp(when, "auto") == 0)
        return true;
    lab->color = strcmp(when, "always") == 0;
    return lab->color || strcmp(when, "never") == 0;
}

void ink(const struct lab *lab, enum ink ink, const char *format, ...)
{
    static const char *const codes[] = { "", "1", "32", "33", "31", "2" };
    bool on = lab->color && ink != PLAIN;
    va_list arguments;

    if (on)
        printf("\033[%sm", codes[ink]);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    if (on)
        printf("\033[0m");
}

int screen_width(void)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    if (columns != NULL && strtol(columns, NULL, 10) > 0)
        return (int)strtol(columns, NULL, 10);
    return 80;
}

void put_wrapped(const struct lab *lab, int column, const char *line,
                 int indent)
{
    options_put(line, column, indent, lab->screen ? screen_width() : INT_MAX);
}

void status(struct lab *lab, const char *format, ...)
{
    char line[256];
    va_list arguments;

    if (!lab->screen)
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    printf("\r\033[K%.*s", screen_width() - 1, line);
    fflush(stdout);
    lab->status_shown = true;
}

void status_clear(struct lab *lab)
{
    if (lab->status_shown)
        printf("\r\033[K");
    lab->status_shown = false;
}
