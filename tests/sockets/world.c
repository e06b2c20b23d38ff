/* world.c - see world.h.
 *
 *     server:  recv(7)                  we: is there anything for 7?
 *                                           no: the next step happens
 *                                           is there now? ...
 *              <- "hi\n"                    yes: the real recv
 *
 * A definition in the program itself comes before the one of libc, so the
 * server's calls arrive here; next_symbol() finds the real ones. While a
 * step runs (`acting`) and outside of world_play they pass through.
 */
#include "world.h"

#include "01_blocking/wire.h"
#include "check.h"
#include "next.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    USELESS_MAX = 100, /* wake-ups in a row: it spins                   */
    GRACE = 100,       /* looks at a step that has not come true, 2 ms  */
    GRACE_MS = 2       /* each: the kernel may be late on a busy machine */
};

struct peer {
    int fd;
    size_t flood, sent, heard; /* bytes: to send, sent so far, come back */
    bool shuts;                /* when the flood is over                 */
};

/* The one stage: the stand-ins have no argument to find it by. */
static struct {
    struct world *world;
    const struct scene *steps;
    size_t count, at;
    bool playing, acting, progress, woken, odd[4];
    int in_vain, useless_in_a_row, patience, connected;
    struct sockaddr_in address;
    struct peer peers[PEERS];
} stage;

static struct {
    int (*accept)(int, struct sockaddr *, socklen_t *);
    ssize_t (*recv)(int, void *, size_t, int);
    ssize_t (*send)(int, const void *, size_t, int);
    ssize_t (*read)(int, void *, size_t);
    ssize_t (*write)(int, const void *, size_t);
    int (*poll)(struct pollfd *, nfds_t, int);
    int (*select)(int, fd_set *, fd_set *, fd_set *, struct timeval *);
} real;

static void find(const char *name, void *function)
{
    void *found = next_symbol(name);

    if (found == NULL)
        check_fail(__FILE__, __LINE__, "no %s behind ours", name);
    memcpy(function, &found, sizeof found);
}

static void find_all(void)
{
    find("accept", &real.accept);
    find("recv", &real.recv);
    find("send", &real.send);
    find("read", &real.read);
    find("write", &real.write);
    find("poll", &real.poll);
    find("select", &real.select);
}

/* --- Words --------------------------------------------------------------- */

static void quote(char out[static 64], const char *text, size_t n)
{
    size_t used = 0;

    out[used++] = '"';
    for (size_t i = 0; i < n && used < 56; i++) {
        if (text[i] == '\n') {
            out[used++] = '\\';
            out[used++] = 'n';
        } else {
            out[used++] = text[i];
        }
    }
    out[used++] = '"';
    out[used] = '\0';
}

static void print_step(size_t i)
{
    static const char *const words[] = {
        "connects", "sends", "floods", "hears", "hears nothing", "drains",
        "hears the end", "finishes sending", "closes", "resets",
        "sends its last and closes", "comes too and sends", "a call"
    };
    const struct scene *step = &stage.steps[i];
    char text[64];

    printf("    %3zu. peer %d %s", i + 1, step->peer, words[step->op]);
    if (step->text != NULL) {
        quote(text, step->text, strlen(step->text));
        printf(" %s", text);
    }
    if (step->bytes > 0)
        printf(" %zu bytes", step->bytes);
    putchar('\n');
}

/* The steps that led there, the last few of them, then what went wrong. */
__attribute__((format(printf, 1, 2)))
_Noreturn static void fail(const char *format, ...)
{
    char why[256];
    size_t from = stage.at > 12 ? stage.at - 12 : 0;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    stage.playing = false;
    printf("  what happened:\n");
    for (size_t i = from; i <= stage.at && i < stage.count; i++)
        print_step(i);
    check_fail(__FILE__, __LINE__, "step %zu: %s", stage.at + 1, why);
}

/* --- Steps --------------------------------------------------------------- */

static void shrink(int fd)
{
    int bytes = stage.world->small_bytes;

    if (bytes == 0)
        return;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

static int connect_peer(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    CHECK(fd >= 0);
    CHECK_INT(0, fcntl(fd, F_SETFD, FD_CLOEXEC));
    shrink(fd);
    if (connect(fd, (struct sockaddr *)&stage.address, sizeof stage.address)
        != 0)
        fail("connect: %s", strerror(errno));
    CHECK_INT(0, fcntl(fd, F_SETFL, O_NONBLOCK));
    return fd;
}

static void send_step(const struct peer *peer, const char *text)
{
    ssize_t n = real.send(peer->fd, text, strlen(text), MSG_NOSIGNAL);

    if (n != (ssize_t)strlen(text))
        fail("could not send it: %s", n < 0 ? strerror(errno) : "all of it");
}

/* Byte i of a flood: a to y, so that a piece lost or told twice shows (25
 * is no divisor of a buffer's size). */
static char flood_byte(size_t i)
{
    return (char)('a' + i % 25);
}

/* True if any could send more. */
static bool pump(void)
{
    bool moved = false;

    for (int i = 0; i < PEERS; i++) {
        struct peer *peer = &stage.peers[i];
        char bytes[8192];
        size_t n = peer->flood - peer->sent;
        ssize_t sent;

        if (peer->fd < 0 || n == 0)
            continue;
        n = n < sizeof bytes ? n : sizeof bytes;
        for (size_t j = 0; j < n; j++)
            bytes[j] = flood_byte(peer->sent + j);
        sent = real.send(peer->fd, bytes, n, MSG_NOSIGNAL);
        if (sent <= 0)
            continue;
        peer->sent += (size_t)sent;
        moved = true;
        if (peer->shuts && peer->sent == peer->flood)
            shutdown(peer->fd, SHUT_WR);
    }
    return moved;
}

enum verdict { TRUE, NOT_YET };

static enum verdict hear(struct peer *peer, const char *expected)
{
    size_t n = strlen(expected);
    char bytes[256], want[64], have[64];
    ssize_t got = real.recv(peer->fd, bytes, sizeof bytes, MSG_PEEK);
    int number = errno;

    if (got < (ssize_t)n && stage.patience < GRACE && got != 0
        && !(got < 0 && number != EAGAIN))
        return NOT_YET;
    if (got == (ssize_t)n && memcmp(bytes, expected, n) == 0) {
        real.recv(peer->fd, bytes, n, 0);
        return TRUE;
    }
    quote(want, expected, n);
    if (got > 0)
        quote(have, bytes, (size_t)got);
    else
        snprintf(have, sizeof have, "%s", got == 0 ? "the end"
                 : number == EAGAIN ? "nothing, and the server sleeps"
                 : strerror(number));
    fail("expected peer %d to hear %s; yours: %s", stage.steps[stage.at].peer,
         want, have);
}

static void hear_nothing(const struct peer *peer)
{
    char byte;
    ssize_t n = real.recv(peer->fd, &byte, 1, MSG_PEEK);

    if (n > 0 || (n < 0 && errno != EAGAIN) || n == 0)
        fail("expected peer %d to hear nothing yet; yours: %s",
             stage.steps[stage.at].peer, n > 0 ? "an answer" : "the end");
}

static enum verdict hear_end(const struct peer *peer)
{
    char byte;
    ssize_t n = real.recv(peer->fd, &byte, 1, MSG_PEEK);

    if (n == 0)
        return TRUE;
    if (n < 0 && errno == EAGAIN && stage.patience < GRACE)
        return NOT_YET;
    fail("expected the server to close peer %d's connection; yours: %s",
         stage.steps[stage.at].peer, n > 0 ? "it sent more" :
         errno == EAGAIN ? "it is still open" : strerror(errno));
}

static void check_flood(struct peer *peer, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char expected = (char)(flood_byte(peer->heard + i) - 'a' + 'A');

        if (bytes[i] != expected)
            fail("byte %zu of the answer: expected '%c', got '%c'",
                 peer->heard + i, expected, bytes[i]);
    }
    peer->heard += n;
}

static enum verdict drain(struct peer *peer, size_t bytes)
{
    char part[8192];
    ssize_t n = real.recv(peer->fd, part, sizeof part, 0);

    if (n > 0) {
        check_flood(peer, part, (size_t)n);
        stage.patience = 0;
    }
    if (peer->heard >= bytes)
        return TRUE;
    if (n > 0 || (n < 0 && errno == EAGAIN && stage.patience < GRACE))
        return NOT_YET;
    fail("expected %zu bytes to come back; yours: %zu, then %s", bytes,
         peer->heard, n == 0 ? "the end" : errno == EAGAIN
         ? "the server sleeps" : strerror(errno));
}

static void close_peer(struct peer *peer, bool reset)
{
    struct linger at_once = { 1, 0 };

    if (reset)
        setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &at_once,
                   sizeof at_once);
    close(peer->fd);
    peer->fd = -1;
    peer->flood = peer->sent;
}

static enum verdict act(const struct scene *step)
{
    struct peer *peer = &stage.peers[step->peer];

    switch (step->op) {
    case CONNECTS:
        peer->fd = connect_peer();
        break;
    case SENDS:
        send_step(peer, step->text);
        break;
    case FLOODS:
        peer->flood += step->bytes;
        pump();
        break;
    case HEARS:
        return hear(peer, step->text);
    case HEARS_NOTHING:
        hear_nothing(peer);
        break;
    case DRAINS:
        return drain(peer, step->bytes);
    case HEARS_END:
        return hear_end(peer);
    case SHUTS:
        peer->shuts = true;
        if (peer->sent == peer->flood)
            shutdown(peer->fd, SHUT_WR);
        break;
    case CLOSES:
        close_peer(peer, false);
        break;
    case RESETS:
        close_peer(peer, true);
        break;
    case SENDS_LAST:
        send_step(peer, step->text);
        close_peer(peer, false);
        break;
    case QUEUES:
        peer->fd = connect_peer();
        send_step(peer, step->text);
        break;
    case CALLS:
        step->call();
        break;
    }
    return TRUE;
}

/* Those that need nothing from the server in between. */
static bool go_together(const struct scene *a, const struct scene *b)
{
    return a->op == b->op && (a->op == CONNECTS || a->op == SENDS
                              || a->op == HEARS || a->op == CLOSES);
}

/* The next step, and those that go together with it. False: not yet. */
static bool act_some(void)
{
    size_t before = stage.at;

    while (stage.at < stage.count) {
        const struct scene *step = &stage.steps[stage.at];

        if (act(step) == NOT_YET)
            break;
        stage.at++;
        if (stage.at == stage.count || !go_together(step, step + 1))
            break;
    }
    return stage.at > before;
}

/* The server would sleep: so it is the others' turn. */
static void their_turn(void)
{
    stage.acting = true;
    stage.in_vain = 0;
    if (!pump()) {
        if (stage.at == stage.count && stage.patience >= GRACE)
            fail("all clients have gone, and the server waits for ever");
        if (act_some()) {
            stage.patience = 0;
        } else {
            stage.patience++;
            if (stage.patience > 1)
                real.poll(NULL, 0, GRACE_MS);
        }
    }
    stage.acting = false;
}

/* --- The stand-ins ------------------------------------------------------- */

static bool ours(void)
{
    if (real.accept == NULL)
        find_all();
    return stage.playing && !stage.acting;
}

/* Each kind of call in its own turn: a recv that was interrupted is then
 * heard, whatever else was in between. */
enum kind { ACCEPT, RECV, SEND, WAIT };

static bool interrupted(enum kind kind)
{
    if (!stage.world->interrupts)
        return false;
    stage.odd[kind] = !stage.odd[kind];
    if (stage.odd[kind])
        errno = EINTR;
    return stage.odd[kind];
}

static bool sleeps(int fd)
{
    return (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0;
}

static void progress(void)
{
    stage.progress = true;
    stage.in_vain = 0;
}

/* A call on a non-blocking socket came back with EAGAIN. */
static void in_vain(void)
{
    stage.in_vain++;
    if (stage.in_vain < 2 * (stage.connected + 1))
        return;
    stage.world->spins++;
    their_turn();
    errno = EAGAIN;
}

static void would_sleep(int where)
{
    stage.world->sleeps[where]++;
    their_turn();
}

static size_t cut(size_t n)
{
    size_t most = stage.world->send_at_most;

    return most > 0 && n > most ? most : n;
}

/* Moves a connection to where the test wants it. */
static int place(int fd)
{
    int moved;

    if (fd < 0 || stage.world->first_fd == 0)
        return fd;
    moved = fcntl(fd, F_DUPFD_CLOEXEC, stage.world->first_fd);
    if (moved < 0)
        fail("cannot have fd %d: %s", stage.world->first_fd,
             strerror(errno));
    close(fd);
    return moved;
}

int accept(int fd, struct sockaddr *address, socklen_t *length)
{
    struct pollfd ready = { fd, POLLIN, 0 };
    int result;

    if (!ours())
        return real.accept(fd, address, length);
    if (interrupted(ACCEPT))
        return -1;
    while (sleeps(fd) && real.poll(&ready, 1, 0) == 0)
        would_sleep(IN_ACCEPT);
    result = place(real.accept(fd, address, length));
    if (result >= 0)
        stage.connected++;
    if (result < 0 && errno == EAGAIN)
        in_vain();
    else
        progress();
    return result;
}

ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
    ssize_t n;

    if (!ours())
        return real.recv(fd, buffer, size, flags);
    if (interrupted(RECV))
        return -1;
    for (;;) {
        n = real.recv(fd, buffer, size, flags | MSG_DONTWAIT);
        if (n >= 0 || errno != EAGAIN)
            break;
        if (!sleeps(fd) || (flags & MSG_DONTWAIT) != 0) {
            in_vain();
            return n;
        }
        would_sleep(IN_RECV);
    }
    progress();
    return n;
}

ssize_t send(int fd, const void *data, size_t size, int flags)
{
    ssize_t n;

    if (!ours())
        return real.send(fd, data, size, flags);
    if (interrupted(SEND))
        return -1;
    for (;;) {
        n = real.send(fd, data, cut(size), flags | MSG_DONTWAIT);
        if (n >= 0 || errno != EAGAIN)
            break;
        if (!sleeps(fd) || (flags & MSG_DONTWAIT) != 0) {
            in_vain();
            return n;
        }
        would_sleep(IN_SEND);
    }
    progress();
    return n;
}

ssize_t read(int fd, void *buffer, size_t size)
{
    return ours() ? recv(fd, buffer, size, 0) : real.read(fd, buffer, size);
}

ssize_t write(int fd, const void *data, size_t size)
{
    return ours() ? send(fd, data, size, 0) : real.write(fd, data, size);
}

/* Before a wait: what did the last one lead to? */
static void begin_wait(void)
{
    struct world *world = stage.world;
    bool nothing = stage.woken && !stage.progress;

    world->waits++;
    world->useless += nothing;
    stage.useless_in_a_row = nothing ? stage.useless_in_a_row + 1 : 0;
    if (stage.useless_in_a_row >= USELESS_MAX)
        fail("the server spins: woken %d times in a row, it did nothing "
             "(POLLOUT with nothing to send? an end not taken?)",
             USELESS_MAX);
    stage.woken = stage.progress = false;
}

int poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
    int result;

    if (!ours())
        return real.poll(fds, n, timeout_ms);
    begin_wait();
    if (interrupted(WAIT))
        return -1;
    while ((result = real.poll(fds, n, 0)) == 0) {
        their_turn();
        if (timeout_ms >= 0) {
            stage.world->timeouts++;
            return 0;
        }
    }
    stage.woken = true;
    return result;
}

static int look(int n, fd_set *sets[static 3])
{
    struct timeval none = { 0, 0 };

    return real.select(n, sets[0], sets[1], sets[2], &none);
}

int select(int n, fd_set *in, fd_set *out, fd_set *except,
           struct timeval *timeout)
{
    fd_set *sets[3] = { in, out, except }, before[3];
    int result;

    if (!ours())
        return real.select(n, in, out, except, timeout);
    begin_wait();
    if (interrupted(WAIT))
        return -1;
    for (int i = 0; i < 3; i++)
        if (sets[i] != NULL)
            before[i] = *sets[i];
    while ((result = look(n, sets)) == 0) {
        their_turn();
        if (timeout != NULL) {
            stage.world->timeouts++;
            return 0;
        }
        for (int i = 0; i < 3; i++)
            if (sets[i] != NULL)
                *sets[i] = before[i];
    }
    stage.woken = true;
    return result;
}

/* --- The play ------------------------------------------------------------ */

void world_open(struct world *world)
{
    *world = (struct world){ .send_at_most = 0 };
}

size_t world_taken(int peer)
{
    return stage.peers[peer].sent;
}

static int count_connects(void)
{
    int n = 0;

    for (size_t i = 0; i < stage.count; i++)
        n += stage.steps[i].op == CONNECTS;
    return n;
}

/* The server has returned: what is left must come true by itself. */
static void finish(void)
{
    while (stage.at < stage.count) {
        size_t before = stage.at;
        enum op op = stage.steps[before].op;

        if (op == CONNECTS || op == SENDS || op == FLOODS)
            fail("the server has returned, though a client was to come");
        their_turn();
        if (stage.at == before && stage.patience > 2 * GRACE)
            fail("the server has returned, and it will never come true");
    }
    for (int i = 0; i < PEERS; i++)
        if (stage.peers[i].fd >= 0)
            close(stage.peers[i].fd);
}

void world_play(struct world *world, const struct scene *steps, size_t count,
                serve_function *serve)
{
    int listener, result;

    memset(&stage, 0, sizeof stage);
    stage.world = world;
    stage.steps = steps;
    stage.count = count;
    for (int i = 0; i < PEERS; i++)
        stage.peers[i].fd = -1;
    listener = wire_listen(&stage.address);
    CHECK(listener >= 0);
    shrink(listener); /* what it accepts has the same */
    stage.playing = true;
    result = serve(listener, count_connects());
    stage.playing = false;
    if (result != 0)
        fail("the server returned %d: %s", result, strerror(errno));
    finish();
    if (close(listener) != 0)
        fail("the server has closed its caller's listener");
}
