/* error.c - filling and naming errors. What does not fit is cut out of the
 * middle, because "connect /run/ve..y.sock: Connection refused" still helps
 * and "connect /run/very/long/path/that/goes/on" does not. */
#include "loop/error.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct error error_cancelled = { E_CANCELLED, "cancelled" };

/* A longer sentence, a URL for its object, say, is cut at its end first. */
enum { SENTENCE = 1024, CAUSE = 128 };

/* Where the cause begins: at the last ": ", or nowhere. */
static const char *cause_of(const char *sentence)
{
    const char *cause = sentence + strlen(sentence);
    const char *colon = strstr(sentence, ": ");

    for (; colon != NULL; colon = strstr(colon + 1, ": "))
        cause = colon;
    return cause;
}

static void fill(struct error *error, const char *sentence)
{
    const int least = 14, size = (int)sizeof error->text;
    const char *cause = cause_of(sentence);
    int room = size - (int)strlen(cause) - (int)sizeof "..";

    if (room < least)
        room = least; /* the operation stays, however long the cause */
    if (strlen(sentence) < sizeof error->text || cause - sentence <= room)
        snprintf(error->text, sizeof error->text, "%.*s", size - 1,
                 sentence);
    else
        snprintf(error->text, sizeof error->text, "%.*s..%.*s%s",
                 room - room / 2, sentence, room / 2, cause - room / 2,
                 cause);
}

int error_set(struct error *error, int code, const char *format, ...)
{
    char sentence[SENTENCE];
    va_list arguments;

    assert(code != 0);
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    error->code = code;
    fill(error, sentence);
    return code;
}

int error_set_errno(struct error *error, int number, const char *format, ...)
{
    char object[SENTENCE - CAUSE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(object, sizeof object, format, arguments);
    va_end(arguments);
    return error_set(error, number, "%s: %s", object, strerror(number));
}

#define NAME(code) { code, #code }

static const struct {
    int code;
    const char *name;
} names[] = {
    { 0, "OK" }, NAME(E_CANCELLED), NAME(E_TIMEOUT), NAME(E_INVALID_STATE),
    NAME(E_RUNTIME), NAME(E_GROUP), NAME(E_DEADLOCK), NAME(E_INTERRUPTED),
    NAME(E_EOF), NAME(E_PROTOCOL), NAME(E_INVALID_URL), NAME(E_SCHEME),
    NAME(E_DISCONNECTED), NAME(E_SERVER_TIMEOUT), NAME(E_CLOSED),
    NAME(E_REDIRECTS), NAME(E_VALUE), NAME(EACCES), NAME(EADDRINUSE),
    NAME(EADDRNOTAVAIL), NAME(EAGAIN), NAME(EBADF), NAME(ECONNABORTED),
    NAME(ECONNREFUSED), NAME(ECONNRESET), NAME(EHOSTUNREACH),
    NAME(EINPROGRESS), NAME(EINTR), NAME(EINVAL), NAME(EMFILE), NAME(ENFILE),
    NAME(ENETUNREACH), NAME(ENOBUFS), NAME(ENOENT), NAME(ENOMEM),
    NAME(ENOTCONN), NAME(EPERM), NAME(EPIPE), NAME(ETIMEDOUT),
};

const char *error_name(int code)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].code == code)
            return names[i].name;
    return code >= E_USER ? "E_USER" : "errno";
}
