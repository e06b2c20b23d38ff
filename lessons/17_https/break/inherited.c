/* inherited.c - the input of cat has ended. But another program was started
 * meanwhile, and has a copy of all our fds that are not close-on-exec: of the
 * end of cat's input, too.
 */
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static pid_t start_cat(const int ends[2])
{
    char name[] = "cat";
    char *const argv[] = { name, NULL };
    posix_spawn_file_actions_t actions;
    pid_t pid = -1;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    if (posix_spawnp(&pid, "cat", &actions, NULL, argv, environ) != 0)
        pid = -1;
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

static pid_t start_sleep(void)
{
    char name[] = "sleep", seconds[] = "10";
    char *const argv[] = { name, seconds, NULL };
    pid_t pid = -1;

    return posix_spawnp(&pid, "sleep", NULL, NULL, argv, environ) == 0 ? pid
                                                                       : -1;
}

static bool ends_within(pid_t pid, int ms)
{
    for (; ms > 0 && waitpid(pid, NULL, WNOHANG) == 0; ms--)
        poll(NULL, 0, 1);
    return ms > 0;
}

int main(void)
{
    int ends[2];
    pid_t cat, nap;

    if (pipe(ends) != 0)
        return 2;
    cat = start_cat(ends);
    nap = start_sleep();
    close(ends[0]);
    close(ends[1]);
    if (cat == -1 || nap == -1)
        return 2;
    printf("we have closed cat's input: it %s\n", ends_within(cat, 300)
           ? "has ended" : "goes on reading");
    kill(nap, SIGKILL);
    waitpid(nap, NULL, 0);
    waitpid(cat, NULL, 0);
    printf("sleep has ended, and so has cat\n");
    return 1;
}
