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
        return current->whim != NULL ? current->whim(call) : 0;
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
    return current->clock_ns != 0 ? current->clock_ns : sys_real.now();
}

/* What is given to bytes under way, LOOP_GRACE, they do not need: they are
 * in this process. Longer is a verdict, and has its real time. */
static bool in_no_time(int timeout_ms)
{
    return current->clock_ns != 0 && timeout_ms >= 0 && timeout_ms <= 1;
}

/* poll or select told of n fds, `told` of which are to be known of. */
static int after_wait(int n, int told, int timeout_ms)
{
    if (n > 0 && told == 0 && !in_no_time(timeout_ms)) {
        errno = EINTR; /* or the wait would be over, in vain */
        return -1;
    }
    if (told == 0 && timeout_ms > 0 && current->clock_ns != 0)
        current->clock_ns += timeout_ms * INT64_C(1000000);
    return told;
}

static int faulty_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    int n, told = 0;

    if (fails(CALL_POLL))
        return -1;
    n = sys_real.poll(fds, count, in_no_time(timeout_ms) ? 0 : timeout_ms);
    for (nfds_t i = 0; i < count && n >= 0 && current->ready != NULL; i++) {
        bool is = fds[i].revents != 0;

        if (!current->ready(is))
            fds[i].revents = 0;
        else if (!is)
            fds[i].revents = fds[i].events;
        told += fds[i].revents != 0;
    }
    if (n < 0)
        return n;
    return after_wait(n, current->ready != NULL ? told : n, timeout_ms);
}

/* What select says of the fds that `asked` has; how many are ready. */
static int tell_set(int nfds, const fd_set *asked, fd_set *set)
{
    int told = 0;

    for (int fd = 0; fd < nfds; fd++) {
        if (!FD_ISSET(fd, asked))
            continue;
        if (current->ready != NULL && current->ready(FD_ISSET(fd, set)))
            FD_SET(fd, set);
        else if (current->ready != NULL)
            FD_CLR(fd, set);
        told += FD_ISSET(fd, set) != 0;
    }
    return told;
}

static int faulty_select(int nfds, fd_set *in, fd_set *out, fd_set *except,
                         struct timeval *timeout)
{
    int timeout_ms = timeout == NULL ? -1
        : (int)(timeout->tv_sec * 1000 + timeout->tv_usec / 1000);
    struct timeval none = { 0, 0 };
    fd_set asked_in = *in, asked_out = *out;
    int n;

    if (fails(CALL_SELECT))
        return -1;
    n = sys_real.select(nfds, in, out, except, in_no_time(timeout_ms)
                        ? &none : timeout);
    if (n < 0)
        return n;
    return after_wait(n, tell_set(nfds, &asked_in, in)
                      + tell_set(nfds, &asked_out, out), timeout_ms);
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
