/* child.h - a program, run by the loop.
 *
 *     fork, exec --> pipe --> our watch --> output
 *
 * The child is the head of a process group, so that cancelling reaches what
 * it started, too: SIGTERM, and SIGKILL after two seconds. Its input is
 * /dev/null. Nobody leaves before it has been waited for.
 */
#ifndef LAB_CHILD_H
#define LAB_CHILD_H

#include "lab/text.h"
#include "loop/loop.h"

/* The child's end: read how it went, having killed it if need be. */
struct reap {
    struct coro coro;
    struct child *child;
    int tries;
    struct sleep sleep;
};
ASYNC_DECLARE(reap);

/* await create_subprocess_exec(...).communicate(). Raises what pipe or fork
 * say; a program that cannot be run says so in `output` and has status
 * 127. */
struct child {
    struct coro coro;
    const char *const *argv; /* in, NULL at the end                   */
    struct text *output;     /* in: stdout and stderr, added          */
    void (*heard)(struct child *child, void *arg); /* in, or NULL     */
    void *arg;
    int status;              /* out: its exit status, 128 + n after a
                                signal                                */
    pid_t pid;
    int fd;
    bool ended;
    struct async_cleanup reaping;
    struct reap reap;
    struct wait_fd wait_fd;
};
ASYNC_DECLARE(child);

#endif
