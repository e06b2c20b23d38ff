/* error.c - filling and naming errors.
 *
 * The one difficulty is the fixed size: the sentence is built in a larger
 * buffer and, when it does not fit, cut out of the object's end, because
 * "connect /very/long/pa..: Connection refused" still helps and
 * "connect /very/long/path/that/goes/on" does not.
 */
#include "loop/error.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

const struct error error_cancelled = { E_CANCELLED, "cancelled" };

/* Joins head and tail into text; head gives way, marked "..", when the
 * two do not fit together. */
static void join(char *text, size_t size, const char *head, const char *tail)
{
    size_t head_length = strlen(head), tail_length = strlen(tail);
    size_t room;
    bool cut;

    assert(size > 8);
    if (tail_length > size - 8)
        tail_length = size - 8;
    room = size - 1 - tail_length;
    cut = head_length > room;
    if (cut)
        head_length = room - 2;
    memcpy(text, head, head_length);
    memcpy(text + head_length, "..", cut ? 2 : 0);
    memcpy(text + head_length + (cut ? 2 : 0), tail, tail_length);
    text[head_length + (cut ? 2 : 0) + tail_length] = '\0';
}

void error_set(struct error *error, int code, const char *format, ...)
{
    char sentence[256];
    va_list arguments;

    assert(error != NULL && code != 0);
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    error->code = code;
    join(error->text, sizeof error->text, sentence, "");
}

void error_set_errno(struct error *error, int number, const char *format, ...)
{
    char object[256];
    char cause[64];
    va_list arguments;

    assert(error != NULL && number > 0);
    va_start(arguments, format);
    vsnprintf(object, sizeof object, format, arguments);
    va_end(arguments);
    snprintf(cause, sizeof cause, ": %s", strerror(number));
    error->code = number;
    join(error->text, sizeof error->text, object, cause);
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
    NAME(ENETUNREACH), NAME(ENOENT), NAME(ENOMEM), NAME(ENOTCONN),
    NAME(EPERM), NAME(EPIPE), NAME(ETIMEDOUT),
};

const char *error_name(int code)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].code == code)
            return names[i].name;
    return code >= E_USER ? "E_USER" : "errno";
}

bool error_is_timeout(int code)
{
    return code == E_TIMEOUT || code == E_SERVER_TIMEOUT;
}
