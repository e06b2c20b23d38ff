/* a_dup_keeps_it.c - a socket is in the epoll, a dup of it is somewhere (a
 * child process has one after fork), and the socket is closed. The epoll
 * holds what the number stood for, not the number: it goes on telling of
 * one that is closed, and it cannot be taken out, for there is no number
 * left to say.
 */
#include <stdio.h>

#ifdef __linux__
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    struct epoll_event in = { .events = EPOLLIN }, event;
    int epoll = epoll_create1(EPOLL_CLOEXEC), fds[2], keep, woken = 0;

    if (epoll < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0
        || epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &in) != 0)
        return 2;
    keep = dup(fds[0]);
    close(fds[0]);
    if (keep < 0 || write(fds[1], "w", 1) != 1)
        return 2;
    for (int i = 0; i < 1000; i++)
        woken += epoll_wait(epoll, &event, 1, -1);
    printf("closed, and woken %d times in 1000 waits\n", woken);
    if (epoll_ctl(epoll, EPOLL_CTL_DEL, fds[0], NULL) != 0)
        printf("take it out: %s\n", strerror(errno));
    return 1;
}
#else
int main(void)
{
    puts("epoll is Linux's");
    return 1;
}
#endif
