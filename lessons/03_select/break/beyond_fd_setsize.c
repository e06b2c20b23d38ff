/* beyond_fd_setsize.c - FD_SET(1500) into 1024 bits.
 *
 * FD_SET does not look at the number: it sets bit fd of a map of FD_SETSIZE
 * bits. What lies behind the map here is a neighbour made for this, so that
 * without sanitizers the damage is seen and does no harm.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <unistd.h>

static struct {
    fd_set set;
    char neighbour[512];
} memory;

static int high_fd(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return -1;
    limit.rlim_cur = limit.rlim_max < 2000 ? limit.rlim_max : 2000;
    setrlimit(RLIMIT_NOFILE, &limit);
    return fcntl(STDOUT_FILENO, F_DUPFD, 1500);
}

int main(void)
{
    int fd = high_fd(), changed = 0;

    if (fd < FD_SETSIZE) {
        printf("skipped: this system gives no fd beyond FD_SETSIZE\n");
        return 1;
    }
    printf("fd %d, and a set has bits for 0 to %d\n", fd, FD_SETSIZE - 1);
    fflush(stdout);
    FD_SET(fd, &memory.set); /* sanitizers and _FORTIFY_SOURCE stop here */
    for (size_t i = 0; i < sizeof memory.neighbour; i++)
        changed += memory.neighbour[i] != 0;
    if (changed > 0)
        printf("nothing failed, and the set's neighbour in memory has "
               "changed\n");
    close(fd);
    return changed > 0;
}
