/* edge.c - EPOLLET: "tell me of what comes", not "of what is there". Two
 * words come at once; the program reads one and waits for the other, which
 * has come already. With level-triggered readiness it would be told again.
 *
 * Whoever uses EPOLLET must go on until EAGAIN each time, and so let one
 * busy socket keep everybody waiting, or keep a list of who is not done.
 */
#include <stdio.h>

#ifdef __linux__
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static int count_told(int epoll)
{
    struct epoll_event event;

    return epoll_wait(epoll, &event, 1, 0);
}

int main(void)
{
    struct epoll_event in = { .events = EPOLLIN | EPOLLET };
    int epoll = epoll_create1(EPOLL_CLOEXEC), fds[2], told;
    char word[4];

    if (epoll < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0
        || epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &in) != 0
        || write(fds[1], "one two ", 8) != 8)
        return 2;
    printf("two words come, told: %d\n", count_told(epoll));
    if (read(fds[0], word, 4) != 4)
        return 2;
    told = count_told(epoll);
    printf("one is read, told: %d\n", told);
    printf("the other is still there: %zd bytes\n", read(fds[0], word, 4));
    return told == 0;
}
#else
int main(void)
{
    puts("epoll is Linux's");
    return 1;
}
#endif
