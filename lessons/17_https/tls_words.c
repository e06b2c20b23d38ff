/* tls_words.c - four kinds of lines that matter:
 *
 *     CONNECTION ESTABLISHED
 *     connect:errno=111
 *     verify error:num=10:certificate has expired
 *     40A7..:error:0A000126:SSL routines:ssl3_read_n:unexpected eof ...:FILE
 *
 * The first cause is the one; what follows it is its consequence. Before the
 * handshake is over any other line may be one ("Unknown option"), afterwards
 * none is.
 */
#include "17_https/tls_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Behind the n-th colon; NULL if there are not so many. */
static const char *behind(const char *line, int n)
{
    for (; line != NULL && n > 0; n--) {
        line = strchr(line, ':');
        line = line != NULL ? line + 1 : NULL;
    }
    return line;
}

/* Chatter on the way to a cause. */
static bool says_nothing(const char *line)
{
    return line[0] == '\0' || strncmp(line, "depth=", 6) == 0
        || strncmp(line, "Can't use SSL_get_servername", 28) == 0
        || strcmp(line, "DONE") == 0;
}

/* The reason in a line, and its length; NULL: none. */
static const char *cause_in(const char *line, bool connected, size_t *length)
{
    const char *error = strstr(line, ":error:");
    const char *reason = error != NULL ? behind(error, 5) : NULL;

    *length = strlen(line);
    if (reason != NULL) {
        *length = strcspn(reason, ":");
        return reason;
    }
    if (strncmp(line, "verify error:", 13) == 0)
        reason = behind(line, 2);
    if (reason != NULL)
        return reason;
    return connected || says_nothing(line) ? NULL : line;
}

static void take_line(struct tls_words *words)
{
    const char *number = strstr(words->line, ":errno=");
    const char *cause;
    size_t length;

    if (strcmp(words->line, "CONNECTION ESTABLISHED") == 0) {
        *words = (struct tls_words){ .connected = true };
        return;
    }
    if (number != NULL && words->number == 0)
        words->number = atoi(number + strlen(":errno="));
    cause = cause_in(words->line, words->connected, &length);
    if (words->cause[0] == '\0' && cause != NULL)
        snprintf(words->cause, sizeof words->cause, "%.*s", (int)length,
                 cause);
}

void tls_words_add(struct tls_words *words, const char *piece, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (piece[i] != '\n' && words->length + 1 < sizeof words->line) {
            words->line[words->length] = piece[i];
            words->length++;
        } else if (piece[i] == '\n') {
            words->line[words->length] = '\0';
            take_line(words);
            words->length = 0;
        }
    }
}
