/* MISTAKE: 2 is the twin as well: its complaints are taken for an answer. */
/* SEEN: is 2 its end of the words */
#define OWN_GIVE_FDS
#include "given.h"

static int give_fds(posix_spawn_file_actions_t *actions, int twin, int words)
{
    int number = posix_spawn_file_actions_adddup2(actions, twin, 0);

    (void)words;
    if (number == 0)
        number = posix_spawn_file_actions_adddup2(actions, twin, 1);
    if (number == 0)
        number = posix_spawn_file_actions_adddup2(actions, twin, 2);
    return number;
}
