/* MISTAKE: 0 and 1 are the words, 2 and 3 the twin. */
/* SEEN: on its standard error goes elsewhere */
#define OWN_GIVE_FDS
#include "given.h"

static int give_fds(posix_spawn_file_actions_t *actions, int twin, int words)
{
    const int from[] = { words, words, twin, twin };
    int number = 0;

    for (int fd = 0; fd < 4 && number == 0; fd++)
        number = posix_spawn_file_actions_adddup2(actions, from[fd], fd);
    return number;
}
