/* pair.c - two ends: one for a loop, one for a program. */
#include "17_https/child.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int child_pair(int *ours, int *its)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return errno;
    net_prepare(ends[0]);
    *ours = ends[0];
    *its = fcntl(ends[1], F_DUPFD_CLOEXEC, 4);
    if (*its < 0) {
        int number = errno;

        close(ends[0]);
        close(ends[1]);
        return number;
    }
    close(ends[1]);
    return 0;
}
