/* wire.c - see wire.h. */
#include "01_blocking/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static int stream_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd >= 0)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

/* Closes and keeps the errno that brought us here. */
static int give_up(int fd)
{
    int number = errno;

    if (fd >= 0)
        close(fd);
    errno = number;
    return -1;
}

int wire_listen(struct sockaddr_in *address)
{
    socklen_t length = sizeof *address;
    int fd = stream_socket();

    *address = (struct sockaddr_in){ .sin_family = AF_INET };
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)address, length) != 0
        || listen(fd, SOMAXCONN) != 0
        || getsockname(fd, (struct sockaddr *)address, &length) != 0)
        return give_up(fd);
    return fd;
}

int wire_connect(const struct sockaddr_in *address)
{
    int fd = stream_socket();

    if (fd < 0 || connect(fd, (const struct sockaddr *)address,
                          sizeof *address) != 0)
        return give_up(fd);
    return fd;
}

int wire_accept(int listener)
{
    int fd;

    do
        fd = accept(listener, NULL, NULL);
    while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (fd >= 0)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

void wire_nonblocking(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

bool wire_again(void)
{
#if EAGAIN != EWOULDBLOCK /* POSIX allows two names to be two numbers */
    if (errno == EWOULDBLOCK)
        return true;
#endif
    return errno == EAGAIN || errno == EINTR;
}

void wire_upper(char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] >= 'a' && bytes[i] <= 'z')
            bytes[i] = (char)(bytes[i] - 'a' + 'A');
}
