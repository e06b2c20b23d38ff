/* terminal.c - see terminal.h. */
#include "terminal.h"

#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000 };

static void open_pty(struct terminal *terminal, int columns)
{
    struct winsize size = { .ws_col = (unsigned short)columns, .ws_row = 24 };
    int master = posix_openpt(O_RDWR | O_NOCTTY);

    CHECK(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    terminal->fd = master;
    terminal->slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    CHECK(terminal->slave >= 0);
    CHECK(ioctl(terminal->slave, TIOCSWINSZ, &size) == 0);
}

static _Noreturn void become(const struct terminal *terminal, int end,
                             const char *const *argv)
{
    char *words[16] = { NULL };

    for (size_t i = 0; argv[i] != NULL && i + 1 < 16; i++)
        memcpy(&words[i], &argv[i], sizeof words[i]);
    setsid();
    if (terminal->slave >= 0)
        ioctl(end, TIOCSCTTY, 0);
    for (int i = 0; i < 3; i++)
        dup2(end, i);
    if (end > 2)
        close(end);
    close(terminal->fd);
    execv(words[0], words);
    _exit(126);
}

void terminal_open(struct terminal *terminal, int columns,
                   const char *const *argv)
{
    int pair[2] = { -1, -1 };

    *terminal = (struct terminal){ .slave = -1 };
    if (columns > 0) {
        open_pty(terminal, columns);
    } else {
        CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
        terminal->fd = pair[0];
    }
    terminal->pid = fork();
    CHECK(terminal->pid >= 0);
    if (terminal->pid == 0)
        become(terminal, columns > 0 ? terminal->slave : pair[1], argv);
    if (pair[1] >= 0)
        close(pair[1]);
}

/* A piece more; false at the end. A pseudo-terminal whose last user has
 * gone says EIO; we are one of its users, so ask the process. */
static bool hear(struct terminal *terminal)
{
    struct pollfd wait = { .fd = terminal->fd, .events = POLLIN };
    char buffer[4096];
    ssize_t n;
    int waited = 0;

    while (poll(&wait, 1, 50) == 0) {
        siginfo_t info = { .si_pid = 0 };

        waited += 50;
        if (waitid(P_PID, (id_t)terminal->pid, &info,
                   WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0
            && poll(&wait, 1, 0) == 0)
            return false;
        if (waited >= PATIENCE_MS)
            return false;
    }
    n = read(terminal->fd, buffer, sizeof buffer);
    if (n <= 0)
        return false;
    terminal->said = realloc(terminal->said, terminal->length + (size_t)n
                             + 1);
    CHECK(terminal->said != NULL);
    memcpy(terminal->said + terminal->length, buffer, (size_t)n);
    terminal->length += (size_t)n;
    terminal->said[terminal->length] = '\0';
    return true;
}

void terminal_expect(struct terminal *terminal, const char *words)
{
    const char *at = NULL;

    for (;;) {
        if (terminal->said != NULL)
            at = strstr(terminal->said + terminal->seen, words);
        if (at != NULL) {
            terminal->seen = (size_t)(at - terminal->said) + strlen(words);
            return;
        }
        if (!hear(terminal))
            check_fail(__FILE__, __LINE__, "expected \"%s\"; it said:\n%s",
                       words, terminal->said != NULL
                       ? terminal->said + terminal->seen : "nothing");
    }
}

void terminal_type(struct terminal *terminal, const char *keys)
{
    size_t size = strlen(keys);

    CHECK(write(terminal->fd, keys, size) == (ssize_t)size);
}

void terminal_hang_up(struct terminal *terminal)
{
    CHECK(shutdown(terminal->fd, SHUT_WR) == 0);
}

int terminal_end(struct terminal *terminal)
{
    int status;

    while (hear(terminal))
        continue;
    if (waitpid(terminal->pid, &status, WNOHANG) != terminal->pid) {
        /* Its output has ended; it may be about to. */
        for (int i = 0; i < PATIENCE_MS / 10; i++) {
            if (waitpid(terminal->pid, &status, WNOHANG) == terminal->pid)
                break;
            poll(NULL, 0, 10);
            if (i + 1 == PATIENCE_MS / 10) {
                kill(terminal->pid, SIGKILL);
                check_fail(__FILE__, __LINE__, "it does not end; said:\n%s",
                           terminal->said);
            }
        }
    }
    terminal->over = true;
    return WIFEXITED(status) ? WEXITSTATUS(status)
                             : 128 + WTERMSIG(status);
}

void terminal_close(struct terminal *terminal)
{
    if (!terminal->over)
        terminal_end(terminal);
    close(terminal->fd);
    if (terminal->slave >= 0)
        close(terminal->slave);
    free(terminal->said);
    terminal->said = NULL;
}

bool terminal_is_cooked(const struct terminal *terminal)
{
    struct termios modes;

    CHECK(tcgetattr(terminal->slave, &modes) == 0);
    return (modes.c_lflag & (ICANON | ECHO)) == (ICANON | ECHO);
}
