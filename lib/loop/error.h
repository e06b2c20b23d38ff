/* error.h - errors are values.
 *
 * A code and one sentence that names the operation, the object and the
 * cause: "connect 127.0.0.1:9: Connection refused". No allocation and no
 * lifetime: copy it like an int. Code 0 is "no error"; codes below 1000
 * are errno's; ours start there.
 */
#ifndef LAB_ERROR_H
#define LAB_ERROR_H

#include <stdbool.h>

enum {
    E_CANCELLED = 1000, /* asyncio.CancelledError                          */
    E_TIMEOUT,          /* TimeoutError                                    */
    E_INVALID_STATE,    /* InvalidStateError: future not, or already, done */
    E_RUNTIME,          /* RuntimeError: used in a way it cannot be used   */
    E_GROUP,            /* ExceptionGroup: a task group's children failed  */
    E_DEADLOCK,         /* nothing ready, no timer, no fd, tasks left      */
    E_INTERRUPTED,      /* KeyboardInterrupt: SIGINT ended the run         */
    E_EOF,              /* the peer closed before all was there            */
    E_PROTOCOL,         /* the peer broke its protocol                     */
    E_INVALID_URL,      /* not a URL, or one we cannot use                 */
    E_SCHEME,           /* a URL of a scheme we do not speak: python://    */
    E_DISCONNECTED,     /* ServerDisconnectedError: closed, no answer      */
    E_SERVER_TIMEOUT,   /* ServerTimeoutError: connect or read, not total  */
    E_CLOSED,           /* the session is closed                           */
    E_REDIRECTS,        /* TooManyRedirects                                */
    E_VALUE,            /* ValueError: an argument no call can take        */
    E_USER              /* the first code free for a program's own errors  */
};

/* The size is what keeps a sleeping task small. */
struct error {
    int code;
    char text[60];
};

/* Fills *error and returns `code`; `format` makes the sentence, "operation
 * object: cause". If it is too long, the middle of the object goes. */
int error_set(struct error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same from an errno value, whose words are the cause: `format` makes
 * operation and object only. */
int error_set_errno(struct error *error, int number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "E_TIMEOUT", "ECONNREFUSED", "OK"; static, never NULL. */
const char *error_name(int code);

/* What a cancelled task carries. */
extern const struct error error_cancelled;

#endif
