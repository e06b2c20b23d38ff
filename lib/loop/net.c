/* net.c - the leaves: where a coroutine meets the kernel. */
#include "loop/net.h"

#include "loop/loop.h"
#include "sys.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/un.h>

#ifndef MSG_NOSIGNAL
#error "sending to a closed socket would kill us: this system needs another way"
#endif

/* One system call of the task's allowance; true: let others run first. */
static bool overspent(struct task *task)
{
    task_loop(task)->budget--;
    return task_loop(task)->budget < 0;
}

static int parse_unix(struct address *address, const char *path,
                      struct error *error)
{
    struct sockaddr_un *name = (struct sockaddr_un *)&address->storage;

    if (strlen(path) >= sizeof name->sun_path) {
        error_set(error, E_VALUE, "address %s: longer than %zu bytes", path,
                  sizeof name->sun_path - 1);
        return E_VALUE;
    }
    name->sun_family = AF_UNIX;
    memcpy(name->sun_path, path, strlen(path) + 1);
    address->length = sizeof *name;
    return 0;
}

int address_parse(struct address *address, const char *host, unsigned port,
                  struct error *error)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)&address->storage;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address->storage;

    memset(address, 0, sizeof *address);
    if (host[0] == '/')
        return parse_unix(address, host, error);
    if (port <= 65535 && inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        address->length = sizeof *v4;
        return 0;
    }
    if (port <= 65535 && inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)port);
        address->length = sizeof *v6;
        return 0;
    }
    error_set(error, E_VALUE, "address %s port %u: not a numeric host and a "
              "port up to 65535", host, port);
    return E_VALUE;
}

const char *address_text(const struct address *address,
                         char text[static ADDRESS_TEXT])
{
    const struct sockaddr *name = (const void *)&address->storage;
    char host[64], port[8];

    if (name->sa_family == AF_UNIX)
        snprintf(text, ADDRESS_TEXT, "%s",
                 ((const struct sockaddr_un *)(const void *)name)->sun_path);
    else if (getnameinfo(name, address->length, host, sizeof host, port,
                         sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) == 0)
        snprintf(text, ADDRESS_TEXT, strchr(host, ':') != NULL ? "[%s]:%s"
                 : "%s:%s", host, port);
    else
        snprintf(text, ADDRESS_TEXT, "?");
    return text;
}

/* What every socket of ours is; TCP ones also send small pieces at once. */
static int prepare(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    int on = 1;

    if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1
        || fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
        return -1;
    /* Fails on AF_UNIX, which has nothing to delay. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return 0;
}

static int open_socket(struct loop *loop, int family)
{
    int fd = loop->sys->socket(family, SOCK_STREAM, 0);

    if (fd >= 0 && prepare(fd) != 0) {
        int saved = errno;

        net_close(loop, &fd);
        errno = saved;
    }
    return fd;
}

int net_listen(struct loop *loop, struct address *address, int backlog,
               int *fd, struct error *error)
{
    struct sockaddr *name = (struct sockaddr *)&address->storage;
    char text[ADDRESS_TEXT];
    int on = 1, number;

    *fd = open_socket(loop, address->storage.ss_family);
    if (*fd >= 0
        && setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0
        && bind(*fd, name, address->length) == 0
        && listen(*fd, backlog) == 0
        && getsockname(*fd, name, &address->length) == 0)
        return 0;
    number = errno; /* before address_text may change it */
    error_set_errno(error, number, "listen %s", address_text(address, text));
    net_close(loop, fd);
    return error->code;
}

void net_shutdown(int fd)
{
    (void)shutdown(fd, SHUT_WR);
}

void net_close(struct loop *loop, int *fd)
{
    if (*fd < 0)
        return;
    assert(!poller_watches(&loop->poller, *fd));
    /* Never again on EINTR: the number may be somebody else's by now. */
    loop->sys->close(*fd);
    *fd = -1;
}

void close_socket(void *open_socket)
{
    struct open_socket *open = open_socket;

    net_close(open->loop, &open->fd);
}

/* Errors of accept that are about the one connection, not the listener. */
static bool connection_died(int number)
{
    return number == ECONNABORTED || number == EPROTO || number == EPERM
        || number == ENETDOWN || number == ENETUNREACH
        || number == EHOSTUNREACH || number == ENOPROTOOPT
        || number == EINTR;
}

static bool no_descriptors(int number)
{
    return number == EMFILE || number == ENFILE || number == ENOBUFS
        || number == ENOMEM;
}

ASYNC(sock_accept)
{
    BEGIN;
    if (overspent(task))
        YIELD();
    for (;;) {
        self->address.length = sizeof self->address.storage;
        self->fd = task_loop(task)->sys->accept(self->listener,
            (struct sockaddr *)&self->address.storage, &self->address.length);
        if (self->fd >= 0)
            break;
        if (errno == EAGAIN)
            AWAIT(wait_fd, .fd = self->listener, .events = POLLIN);
        else if (no_descriptors(errno))
            AWAIT(sleep, .delay_ns = ACCEPT_PAUSE_NS);
        else if (!connection_died(errno))
            RAISE_ERRNO("accept on fd %d", self->listener);
    }
    if (prepare(self->fd) != 0) {
        error_set_errno(&task->error, errno, "accept: fcntl");
        net_close(task_loop(task), &self->fd);
        RERAISE(task->error.code);
    }
    END;
}

/* The connection goes on in the background after EINTR as well. */
static bool in_progress(int number)
{
    return number == EINPROGRESS || number == EINTR;
}

/* How the attempt ended. Reading it clears it: once, and keep it. */
static int connect_error(int fd)
{
    int number = 0;
    socklen_t length = sizeof number;

    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &length) != 0)
        return errno;
    return number;
}

static struct step raise_connect(struct sock_connect *self, struct task *task,
                                 int number)
{
    char text[ADDRESS_TEXT];

    error_set_errno(&task->error, number, "connect %s",
                    address_text(self->address, text));
    RERAISE(number);
}

ASYNC(sock_connect)
{
    int number;

    BEGIN;
    if (task_loop(task)->sys->connect(self->fd,
            (const struct sockaddr *)&self->address->storage,
            self->address->length) == 0)
        RETURN();
    if (!in_progress(errno))
        return raise_connect(self, task, errno);
    AWAIT(wait_fd, .fd = self->fd, .events = POLLOUT);
    number = connect_error(self->fd);
    if (number != 0)
        return raise_connect(self, task, number);
    END;
}

ASYNC(dial)
{
    BEGIN;
    *self->fd = -1;
    self->open.loop = task_loop(task);
    self->open.fd = open_socket(task_loop(task),
                                self->address->storage.ss_family);
    if (self->open.fd < 0)
        RAISE_ERRNO("dial: socket");
    ERRDEFER(&self->closing, close_socket, &self->open);
    AWAIT(sock_connect, .fd = self->open.fd, .address = self->address);
    *self->fd = self->open.fd;
    END;
}

ASYNC(sock_recv)
{
    ssize_t n;

    BEGIN;
    if (overspent(task))
        YIELD();
    if (self->wait_first)
        AWAIT(wait_fd, .fd = self->fd, .events = POLLIN);
    for (;;) {
        n = task_loop(task)->sys->recv(self->fd, self->buffer, self->size, 0);
        if (n >= 0)
            break;
        if (errno == EAGAIN)
            AWAIT(wait_fd, .fd = self->fd, .events = POLLIN);
        else if (errno != EINTR)
            RAISE_ERRNO("recv on fd %d", self->fd);
    }
    self->received = (size_t)n;
    END;
}

ASYNC(sock_sendall)
{
    ssize_t n;

    BEGIN;
    while (self->sent < self->size) {
        if (overspent(task))
            YIELD();
        n = task_loop(task)->sys->send(self->fd,
            (const char *)self->data + self->sent, self->size - self->sent,
            MSG_NOSIGNAL);
        if (n >= 0)
            self->sent += (size_t)n;
        else if (errno == EAGAIN)
            AWAIT(wait_fd, .fd = self->fd, .events = POLLOUT);
        else if (errno != EINTR)
            RAISE_ERRNO("send on fd %d", self->fd);
    }
    END;
}
