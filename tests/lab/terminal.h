/* terminal.h - a program on the other end of a pseudo-terminal or of pipes,
 * driven by what it says: expect words, type keys, ask how it ended. No
 * sleeps: everything waits for output or for the end, at most 20 s. */
#ifndef LAB_TERMINAL_H
#define LAB_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct terminal {
    pid_t pid;
    int fd;        /* the terminal's or the socket's end that is ours */
    int slave;     /* pseudo-terminal only: kept open, to ask its modes */
    char *said;    /* all of it so far */
    size_t length, seen; /* seen: matched by terminal_expect */
    bool over;
};

/* Runs argv (NULL at the end) with `columns` wide a pseudo-terminal, or 0:
 * a socket for all three. The environment is ours. */
void terminal_open(struct terminal *terminal, int columns,
                   const char *const *argv);

/* Reads until `words` come, after what was matched before; else the test
 * fails and shows all that was said. */
void terminal_expect(struct terminal *terminal, const char *words);

void terminal_type(struct terminal *terminal, const char *keys);

/* Nothing more to type: end of input (sockets only). */
void terminal_hang_up(struct terminal *terminal);

/* Reads to the end; the exit status, or 128 + n after a signal. What was
 * said stays in terminal->said until terminal_close. */
int terminal_end(struct terminal *terminal);
void terminal_close(struct terminal *terminal);

/* True if keys are echoed and come by lines: as a shell wants it. */
bool terminal_is_cooked(const struct terminal *terminal);

#endif
