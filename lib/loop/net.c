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

int address_parse(struct address *address, const char *host, unsigned port,
                  struct error *error)
{
    struct sockaddr_un *un = (struct sockaddr_un *)&address->storage;
    struct sockaddr_in *v4 = (struct sockaddr_in *)&address->storage;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address->storage;

    memset(address, 0, sizeof *address);
    if (host[0] == '/' && strlen(host) < sizeof un->sun_path) {
        un->sun_family = AF_UNIX;
        strcpy(un->sun_path, host);
        address->length = sizeof *un;
    } else if (host[0] == '/') {
        return error_set(error, E_VALUE, "address %s: longer than %zu bytes",
                         host, sizeof un->sun_path - 1);
    } else if (port <= 65535 && inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        address->length = sizeof *v4;
    } else if (port <= 65535
               && inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)port);
        address->length = sizeof *v6;
    } else {
        return error_set(error, E_VALUE, "address %s port %u: not a numeric "
                         "host and port", host, port);
    }
    return 0;
}

const char *address_text(const struct address *address,
                         char text[static ADDRESS_TEXT])
{
    const struct sockaddr *name = (const void *)&address->storage;
    const struct sockaddr_un *un = (const void *)name;
    char host[64], port[8];

    if (name->sa_family == AF_UNIX)
        snprintf(text, ADDRESS_TEXT, "%s", un->sun_path[0] != '\0'
                 ? un->sun_path : "an unnamed socket");
    else if (getnameinfo(name, address->length, host, sizeof host, port,
                         sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) == 0)
        snprintf(text, ADDRESS_TEXT, strchr(host, ':') != NULL ? "[%s]:%s"
                 : "%s:%s", host, port);
    else
        snprintf(text, ADDRESS_TEXT, "?");
    return text;
}

/* What a system call said; errno is read before address_text changes it. */
static int blame(struct error *error, const char *operation,
                 const struct address *address)
{
    char text[ADDRESS_TEXT];
    int number = errno;

    return error_set_errno(error, number, "%s %s", operation,
                           address_text(address, text));
}

/* The same for an open socket: of its peer, or "at" our own end (net.h). */
static int blame_fd(struct error *error, const char *verb, const char *to,
                    int fd)
{
    struct address address = { .length = sizeof address.storage };
    struct sockaddr *name = (struct sockaddr *)&address.storage;
    char text[ADDRESS_TEXT];
    int number = errno;

    if (getpeername(fd, name, &address.length) != 0) {
        to = "at";
        address.length = sizeof address.storage;
        (void)getsockname(fd, name, &address.length);
    }
    return error_set_errno(error, number, "%s %s %s", verb, to,
                           address_text(&address, text));
}

void net_prepare(int fd)
{
    int flags = fcntl(fd, F_GETFL), on = 1;
    int nonblock = fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    int cloexec = fcntl(fd, F_SETFD, FD_CLOEXEC);

    /* Of an fd that is open none of them fails. */
    assert(flags != -1 && nonblock != -1 && cloexec != -1);
    /* Fails where there is nothing to delay: AF_UNIX, a pipe. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static int open_socket(struct loop *loop, int family)
{
    int fd = loop->sys->socket(family, SOCK_STREAM, 0);

    if (fd >= 0)
        net_prepare(fd);
    return fd;
}

int net_listen(struct loop *loop, struct address *address, int backlog,
               int *fd, struct error *error)
{
    struct sockaddr *name = (struct sockaddr *)&address->storage;
    int on = 1;

    *fd = open_socket(loop, address->storage.ss_family);
    if (*fd >= 0
        && setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0
        && bind(*fd, name, address->length) == 0
        && listen(*fd, backlog) == 0
        && getsockname(*fd, name, &address->length) == 0)
        return 0;
    blame(error, "listen", address);
    net_close(loop, fd);
    return error->code;
}

void net_close(struct loop *loop, int *fd)
{
    if (*fd < 0)
        return;
    assert(!poller_watches(&loop->poller, *fd));
    if (loop->poller.type->forget != NULL
        && (size_t)*fd < loop->poller.capacity)
        loop->poller.type->forget(&loop->poller, *fd);
    /* Never again on EINTR: the number may be somebody else's by now. */
    loop->sys->close(*fd);
    *fd = -1;
}

void close_socket(void *open_socket)
{
    struct open_socket *open = open_socket;

    net_close(open->loop, &open->fd);
}

/* One system call of the task's allowance; true: let others run first. */
static bool overspent(struct task *task)
{
    task_loop(task)->budget--;
    return task_loop(task)->budget < 0;
}

/* Errors of accept that are about the one connection, not the listener. */
static bool connection_died(int number)
{
    return number == ECONNABORTED || number == EPROTO || number == EPERM
        || number == ENETDOWN || number == ENETUNREACH
        || number == EHOSTUNREACH || number == ENOPROTOOPT;
}

static bool no_descriptors(int number)
{
    return number == EMFILE || number == ENFILE || number == ENOBUFS
        || number == ENOMEM;
}

/* n = call, until it neither was broken off nor would block. While it
 * would, or the task has made enough calls for one step, it awaits. */
#define CALL_WHEN_READY(on_fd, wanted, n, call) do {                      \
    if (self->blocked || overspent(task))                                 \
        AWAIT(wait_fd, .fd = (on_fd), .events = (wanted));                \
    n = (call);                                                           \
    self->blocked = n < 0 && errno == EAGAIN;                             \
    } while (self->blocked || (n < 0 && errno == EINTR))

ASYNC(sock_accept)
{
    BEGIN;
    for (;;) {
        self->address.length = sizeof self->address.storage;
        CALL_WHEN_READY(self->listener, POLLIN, self->fd,
            task_loop(task)->sys->accept(self->listener,
                (struct sockaddr *)&self->address.storage,
                &self->address.length));
        if (self->fd >= 0)
            break;
        if (no_descriptors(errno))
            AWAIT(sleep, .delay_ns = ACCEPT_PAUSE_NS);
        else if (!connection_died(errno))
            RERAISE(blame_fd(&task->error, "accept", "at", self->listener));
    }
    net_prepare(self->fd);
    END;
}

/* How the attempt ended: an errno value, or 0. Reading it clears it: once,
 * and keep it. */
static int connect_error(int fd)
{
    int number = 0;
    socklen_t length = sizeof number;

    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &length) == 0)
        errno = number;
    return errno;
}

ASYNC(sock_connect)
{
    BEGIN;
    if (task_loop(task)->sys->connect(self->fd,
            (const struct sockaddr *)&self->address->storage,
            self->address->length) == 0)
        RETURN();
    /* After EINTR, too, it goes on in the background. */
    if (errno != EINPROGRESS && errno != EINTR)
        RERAISE(blame(&task->error, "connect", self->address));
    AWAIT(wait_fd, .fd = self->fd, .events = POLLOUT);
    if (connect_error(self->fd) != 0)
        RERAISE(blame(&task->error, "connect", self->address));
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
    CALL_WHEN_READY(self->fd, POLLIN, n,
        task_loop(task)->sys->recv(self->fd, self->buffer, self->size, 0));
    if (n < 0)
        RERAISE(blame_fd(&task->error, "recv", "from", self->fd));
    self->received = (size_t)n;
    END;
}

/* It had to wait, and something can be received: it sends no more. */
static bool interrupted(const struct sock_sendall *self)
{
    return self->or_input && (self->wait_fd.watch.revents & POLLIN) != 0;
}

ASYNC(sock_sendall)
{
    const short events = self->or_input ? POLLIN | POLLOUT : POLLOUT;
    ssize_t n;

    BEGIN;
    for (; self->sent < self->size; self->sent += (size_t)n) {
        CALL_WHEN_READY(self->fd, events, n,
            interrupted(self) ? 0 : task_loop(task)->sys->send(self->fd,
                (const char *)self->data + self->sent,
                self->size - self->sent, MSG_NOSIGNAL));
        if (interrupted(self))
            RETURN();
        if (n < 0)
            RERAISE(blame_fd(&task->error, "send", "to", self->fd));
    }
    END;
}
