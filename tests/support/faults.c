/* faults.c - see faults.h. */
#include "faults.h"

#include "check.h"

#include <errno.h>

static struct faults *current;

/* The errno that this call must fail with; 0: none. */
static int next_fault(enum faults_call call)
{
    size_t at = current->script[call].at;

    current->calls[call]++;
    if (at == current->script[call].end)
        return 0;
    current->script[call].lines[at].times--;
    if (current->script[call].lines[at].times == 0)
        current->script[call].at++;
    return current->script[call].lines[at].number;
}

static bool fails(enum faults_call call)
{
    int number = next_fault(call);

    if (number != 0)
        errno = number;
    return number != 0;
}

static size_t cut(size_t size)
{
    return current->at_most != 0 && size > current->at_most
        ? current->at_most : size;
}

static int64_t faulty_now(void)
{
    return sys_real.now();
}

static int faulty_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    return fails(CALL_POLL) ? -1 : sys_real.poll(fds, count, timeout_ms);
}

static int faulty_select(int nfds, fd_set *in, fd_set *out, fd_set *except,
                         struct timeval *timeout)
{
    return fails(CALL_SELECT) ? -1
        : sys_real.select(nfds, in, out, except, timeout);
}

static int faulty_socket(int family, int type, int protocol)
{
    return fails(CALL_SOCKET) ? -1 : sys_real.socket(family, type, protocol);
}

static int faulty_accept(int fd, struct sockaddr *address, socklen_t *length)
{
    return fails(CALL_ACCEPT) ? -1 : sys_real.accept(fd, address, length);
}

static int faulty_connect(int fd, const struct sockaddr *address,
                          socklen_t length)
{
    int number = next_fault(CALL_CONNECT);

    if (number == EINTR || number == EINPROGRESS)
        (void)sys_real.connect(fd, address, length);
    if (number == 0)
        return sys_real.connect(fd, address, length);
    errno = number;
    return -1;
}

static ssize_t faulty_recv(int fd, void *buffer, size_t size, int flags)
{
    return fails(CALL_RECV) ? -1
        : sys_real.recv(fd, buffer, cut(size), flags);
}

static ssize_t faulty_send(int fd, const void *data, size_t size, int flags)
{
    return fails(CALL_SEND) ? -1 : sys_real.send(fd, data, cut(size), flags);
}

/* A close that fails has closed nevertheless. */
static int faulty_close(int fd)
{
    int number = next_fault(CALL_CLOSE);
    int result = sys_real.close(fd);

    if (number == 0)
        return result;
    errno = number;
    return -1;
}

static void *faulty_resize(void *memory, size_t size)
{
    return fails(CALL_RESIZE) ? NULL : sys_real.resize(memory, size);
}

void faults_open(struct faults *faults)
{
    static const struct sys sys = {
        faulty_now, faulty_poll, faulty_select, faulty_socket, faulty_accept,
        faulty_connect, faulty_recv, faulty_send, faulty_close,
        faulty_resize, getaddrinfo, freeaddrinfo
    };

    *faults = (struct faults){ .sys = &sys };
    current = faults;
}

void faults_fail(struct faults *faults, enum faults_call call, int number,
                 int times)
{
    size_t end = faults->script[call].end;

    CHECK(times > 0 && end < COUNT(faults->script[call].lines));
    faults->script[call].lines[end].number = number;
    faults->script[call].lines[end].times = times;
    faults->script[call].end++;
}
