/* MISTAKE: The child writes to our standard output. */
/* SEEN: is its 1 the twin */
#define OWN_GIVE_FDS
#include "given.h"

static int give_fds(posix_spawn_file_actions_t *actions, int twin, int words)
{
    int number = posix_spawn_file_actions_adddup2(actions, twin, 0);

    if (number == 0)
        number = posix_spawn_file_actions_adddup2(actions, words, 2);
    if (number == 0)
        number = posix_spawn_file_actions_adddup2(actions, words, 3);
    return number;
}
