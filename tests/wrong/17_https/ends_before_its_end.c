/* MISTAKE: Three fds are what a program has, and the third ends with it. */
/* SEEN: which many programs do a moment before they end */
#define OWN_GIVE_FDS
#include "given.h"

static int give_fds(posix_spawn_file_actions_t *actions, int twin, int words)
{
    int number = posix_spawn_file_actions_adddup2(actions, twin, 0);

    if (number == 0)
        number = posix_spawn_file_actions_adddup2(actions, twin, 1);
    if (number == 0)
        number = posix_spawn_file_actions_adddup2(actions, words, 2);
    return number;
}
