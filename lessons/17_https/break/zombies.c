/* zombies.c - five programs have ended long ago, and each is still there: the
 * kernel keeps a process until somebody has asked how it ended.
 */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { CHILDREN = 5 };

/* Ended, and not reaped by looking. */
static bool is_zombie(pid_t pid)
{
    siginfo_t info;

    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0;
}

int main(void)
{
    char name[] = "true";
    char *const argv[] = { name, NULL };
    pid_t pids[CHILDREN];
    int zombies = 0, number = 0;

    for (int i = 0; i < CHILDREN && number == 0; i++)
        number = posix_spawnp(&pids[i], "true", NULL, NULL, argv, environ);
    if (number != 0)
        return 2;
    for (int i = 0; i < CHILDREN; i++)
        zombies += is_zombie(pids[i]);
    printf("%d have ended, %d are still there\n", CHILDREN, zombies);
    for (int i = 0; i < CHILDREN; i++)
        waitpid(pids[i], NULL, 0);
    printf("asked how they ended: %s\n", waitpid(-1, NULL, WNOHANG) == -1
           && errno == ECHILD ? "no child is left" : "?");
    return 1;
}
