/* world.c - see world.h.
 *
 *     server:  recv(7)                  we: is there anything for 7?
 *                                           no: the next step happens
 *                                           is there now? ...
 *              <- "hi\n"                    yes: the real recv
 *
 * Each step is said when it has come true, so that a verdict's "did" tells
 * the story; "yours" tells what the server does meanwhile (stage.doing).
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
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int usleep(unsigned microseconds); /* no longer in POSIX, but in use */

enum {
    USELESS_MAX = 100, /* wake-ups in a row: it spins                   */
    GRACE = 100,       /* looks at a step that has not come true, 2 ms  */
    GRACE_MS = 2,      /* each: the kernel may be late on a busy machine */
    ENDS_MAX = 10,     /* times that a call says the end, and no close    */
    FDS = 2048, NOBODY = -1,
    NAMES_MAX = 100    /* letters: of many connections the first few */
};

struct peer {
    int fd;
    in_port_t port;
    bool closed;          /* by the server: what it had heard before, */
    const char *ended_by; /* "recv", EAGAIN, or NULL                  */
    int ended_with;
    size_t flood, sent, heard; /* bytes: to send, sent so far, come back */
    bool shuts;                /* when the flood is over                 */
};

/* The one stage: the stand-ins have no argument to find it by. */
static struct {
    struct world *world;
    const struct scene *steps;
    size_t count, at;
    bool playing, acting, progress, woken, odd[4];
    int in_vain, useless_in_a_row, patience, connected, listener;
    const char *file; /* of the script */
    int line;
    struct sockaddr_in address;
    struct peer peers[PEERS];
    /* What the server does now: "sleeps in", "recv", 7, "". */
    const char *does, *call, *object;
    int fd;
    char names[256]; /* of whom a wait is about */
    struct {
        bool accepted, closed;
        int peer, said; /* how its last call failed: errno, or 0 */
        int ends, errors;
        size_t came, went; /* bytes in, bytes out */
        const char *call;
    } fds[FDS]; /* the server's connections */
    pthread_t thread;
} stage;

static struct {
    int (*accept)(int, struct sockaddr *, socklen_t *);
    ssize_t (*recv)(int, void *, size_t, int);
    ssize_t (*send)(int, const void *, size_t, int);
    ssize_t (*read)(int, void *, size_t);
    ssize_t (*write)(int, const void *, size_t);
    int (*close)(int);
    int (*nanosleep)(const struct timespec *, struct timespec *);
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
    find("close", &real.close);
    find("nanosleep", &real.nanosleep);
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

/* "client 0 sends "hi\n"" */
static void say_step(const struct scene *step)
{
    static const char *const words[] = {
        "connects", "sends", "begins to send", "hears", "hears nothing yet",
        "has read", "hears the end", "has finished sending", "closes",
        "breaks the connection", "sends its last and closes",
        "comes, too, and sends"
    };
    char text[64] = "";

    if (step->op == CALLS)
        return;
    if (step->text != NULL)
        quote(text, step->text, strlen(step->text));
    if (step->bytes > 0)
        snprintf(text, sizeof text, "%zu bytes", step->bytes);
    say("client %d %s%s%s", step->peer, words[step->op],
        text[0] == '\0' ? "" : " ", text);
}

/* Kept in pieces: it is told only when something fails. */
static void doing(const char *does, const char *call, int fd,
                  const char *object)
{
    stage.does = does;
    stage.call = call;
    stage.fd = fd;
    stage.object = object;
}

/* "fd 7 (client 0)" */
static const char *name_of(int fd)
{
    static char text[64];

    if (fd == stage.listener)
        return "the listener";
    if (fd >= 0 && fd < FDS && stage.fds[fd].accepted
        && stage.fds[fd].peer != NOBODY)
        snprintf(text, sizeof text, "fd %d (client %d)", fd,
                 stage.fds[fd].peer);
    else
        snprintf(text, sizeof text, "fd %d", fd);
    return text;
}

/* "sleeps in recv of fd 7 (client 0)" */
static const char *deed(void)
{
    static char text[REPORT_LINE];

    snprintf(text, sizeof text, "%s %s%s%s%s", stage.does, stage.call,
             stage.fd == NOBODY ? "" : " of ",
             stage.fd == NOBODY ? "" : name_of(stage.fd), stage.object);
    return text;
}

/* ", after recv said EAGAIN" */
static const char *last_word(const struct peer *peer)
{
    static char text[64];

    if (peer->ended_by == NULL)
        return "";
    snprintf(text, sizeof text, ", after %s said %s", peer->ended_by,
             peer->ended_with == 0 ? "0" : error_name(peer->ended_with));
    return text;
}

/* What fail() expects, with a number in it. */
__attribute__((format(printf, 1, 2)))
static const char *want(const char *format, ...)
{
    static char text[REPORT_LINE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return text;
}

/* What was expected, and what came instead. */
__attribute__((format(printf, 2, 3)))
_Noreturn static void fail(const char *expected, const char *format, ...)
{
    char why[REPORT_LINE];
    va_list arguments;

    promise("%s", expected);
    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    stage.playing = false;
    check_fail(stage.file, stage.line, "%s", why);
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

static int connected_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    CHECK(fd >= 0);
    CHECK_INT(0, fcntl(fd, F_SETFD, FD_CLOEXEC));
    shrink(fd);
    if (connect(fd, (struct sockaddr *)&stage.address, sizeof stage.address)
        != 0)
        fail(want("client %d connects", stage.steps[stage.at].peer),
             "connect: %s", strerror(errno));
    CHECK_INT(0, fcntl(fd, F_SETFL, O_NONBLOCK));
    return fd;
}

static void connect_peer(struct peer *peer)
{
    struct sockaddr_in own = { .sin_port = 0 };
    socklen_t length = sizeof own;

    peer->fd = connected_socket();
    CHECK_INT(0, getsockname(peer->fd, (struct sockaddr *)&own, &length));
    peer->port = own.sin_port;
}

static void send_step(const struct peer *peer, const char *text)
{
    ssize_t n = real.send(peer->fd, text, strlen(text), MSG_NOSIGNAL);

    if (n != (ssize_t)strlen(text))
        fail(want("client %d can send", stage.steps[stage.at].peer),
             "the server has closed its connection%s", last_word(peer));
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

/* What a client hears instead of bytes. */
static const char *silence(const struct peer *peer, ssize_t got, int number)
{
    static char text[REPORT_LINE];

    if (got == 0) {
        snprintf(text, sizeof text, "hears the end: the server has closed "
                 "its connection%s", last_word(peer));
        return text;
    }
    if (got > 0)
        return "hears something";
    if (number != EAGAIN) {
        snprintf(text, sizeof text, "hears %s", strerror(number));
        return text;
    }
    snprintf(text, sizeof text, "hears nothing: the server %.400s", deed());
    return text;
}

static enum verdict hear(struct peer *peer, const char *expected)
{
    size_t n = strlen(expected);
    char bytes[256], quoted[64], heard[64];
    int client = stage.steps[stage.at].peer, number;
    ssize_t got = real.recv(peer->fd, bytes, sizeof bytes, MSG_PEEK);

    number = errno;
    if (got < (ssize_t)n && stage.patience < GRACE && got != 0
        && !(got < 0 && number != EAGAIN))
        return NOT_YET;
    if (got == (ssize_t)n && memcmp(bytes, expected, n) == 0) {
        real.recv(peer->fd, bytes, n, 0);
        return TRUE;
    }
    quote(quoted, expected, n);
    if (got <= 0)
        fail(want("client %d hears %s", client, quoted), "client %d %s",
             client, silence(peer, got, number));
    quote(heard, bytes, (size_t)got);
    if (got < (ssize_t)n && memcmp(bytes, expected, (size_t)got) == 0)
        fail(want("client %d hears %s", client, quoted), "client %d hears "
             "%s and no more: the server %s%s", client, heard, peer->closed
             ? "has closed its connection" : deed(),
             peer->closed ? last_word(peer) : "");
    promise("client %d hears", client);
    stage.playing = false;
    check_bytes(stage.file, stage.line, "the answer", expected, n, bytes,
                (size_t)got);
    return TRUE;
}

static void hear_nothing(const struct peer *peer)
{
    char byte;
    int client = stage.steps[stage.at].peer;
    ssize_t n = real.recv(peer->fd, &byte, 1, MSG_PEEK);

    if (n < 0 && errno == EAGAIN)
        return;
    fail(want("client %d hears nothing yet", client), "client %d %s", client,
         n > 0 ? "is answered" : silence(peer, n, errno));
}

static enum verdict hear_end(const struct peer *peer)
{
    char byte;
    int client = stage.steps[stage.at].peer;
    ssize_t n = real.recv(peer->fd, &byte, 1, MSG_PEEK);

    if (n == 0)
        return TRUE;
    if (n < 0 && errno == EAGAIN && stage.patience < GRACE)
        return NOT_YET;
    fail(want("client %d hears the end: the server closes its connection",
              client), "client %d %s", client,
         n > 0 ? "hears more" : silence(peer, n, errno));
}

static void check_flood(struct peer *peer, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char expected = (char)(flood_byte(peer->heard + i) - 'a' + 'A');

        if (bytes[i] == expected)
            continue;
        fail(want("byte %zu of the answer is '%c'", peer->heard + i,
                  expected), "byte %zu of the answer is '%c': bytes are "
             "lost, doubled or out of order", peer->heard + i, bytes[i]);
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
    fail(want("client %d hears %zu bytes", stage.steps[stage.at].peer,
              bytes), "client %d %s, after %zu bytes",
         stage.steps[stage.at].peer, silence(peer, n, errno), peer->heard);
}

static void close_peer(struct peer *peer, bool reset)
{
    struct linger at_once = { 1, 0 };

    if (reset)
        setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &at_once,
                   sizeof at_once);
    real.close(peer->fd);
    peer->fd = -1;
    peer->flood = peer->sent;
}

static enum verdict act(const struct scene *step)
{
    struct peer *peer = &stage.peers[step->peer];

    switch (step->op) {
    case CONNECTS:
        connect_peer(peer);
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
        connect_peer(peer);
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
    if (stage.world->eager && a->op == SENDS)
        return false;
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
        say_step(step);
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
    check_progress();
    if (!pump()) {
        if (stage.at == stage.count && stage.patience >= GRACE)
            fail("the server returns: all its clients have come and gone",
                 "the server %s", deed());
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
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    /* The watchdog's thread sleeps in our nanosleep at the same time. */
    pthread_once(&once, find_all);
    return stage.playing && !stage.acting
        && pthread_equal(pthread_self(), stage.thread);
}

/* A connection of the server's, or one that was. */
static bool known(int fd)
{
    return fd >= 0 && fd < FDS && (stage.fds[fd].accepted
                                   || stage.fds[fd].closed);
}

/* Closed by the server, and not by now a number of somebody else's, such
 * as a library's. */
static bool is_closed(int fd)
{
    if (!known(fd) || !stage.fds[fd].closed)
        return false;
    for (int i = 0; i < PEERS; i++)
        if (stage.peers[i].fd == fd)
            return true;
    return fcntl(fd, F_GETFD) == -1;
}

/* How a call ended; the same error again and again is not understood. */
static void note_error(const char *call, int fd)
{
    int number = errno;

    if (!known(fd))
        return;
    stage.fds[fd].said = number;
    stage.fds[fd].call = call;
    stage.fds[fd].errors += number != EAGAIN && number != EINTR;
    if (stage.fds[fd].errors > ENDS_MAX)
        fail("a connection that is broken is closed", "%s of %s has said %s "
             "%d times, and it is asked again", call, name_of(fd),
             error_name(number), ENDS_MAX);
    errno = number;
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
    check_progress();
    stage.progress = true;
    stage.in_vain = 0;
}

/* The server asks something of a descriptor that it may not. */
static void check_own(const char *call, int fd)
{
    static const char *const expected
        = "each call is about a connection that is open";

    if (fd == stage.listener)
        fail(expected, "%s on the listener: that gives connections, not "
             "bytes", call);
    if (is_closed(fd))
        fail(expected, "%s of %s, which was closed already", call,
             name_of(fd));
    if (fd >= 0 && fd <= 2)
        fail(expected, "%s of fd %d, which is none of its connections", call,
             fd);
}

/* A call on a non-blocking socket came back with EAGAIN. */
static void in_vain(const char *call, int fd)
{
    stage.world->in_vain++;
    stage.in_vain++;
    if (stage.in_vain < 2 * (stage.connected + 1))
        return;
    doing("asks again and again, the last was", call, fd, ": EAGAIN");
    if (stage.world->spins == 0 && stage.world->useless == 0)
        memcpy(stage.world->woken_by, stage.names, sizeof stage.names);
    stage.world->spins++;
    their_turn();
}

/* The next to send does so while an answer goes out. */
static void be_eager(void)
{
    int number = errno;
    enum op op;

    if (!stage.world->eager || stage.at == stage.count)
        return;
    op = stage.steps[stage.at].op;
    if (op != SENDS && op != FLOODS)
        return;
    stage.acting = true;
    act_some();
    stage.acting = false;
    errno = number;
}

/* After a call: it moved something, or it was in vain. */
static void went_on(const char *call, int fd, ssize_t result)
{
    int number = errno;

    if (result >= 0 && known(fd))
        stage.fds[fd].said = 0;
    if (result < 0 && number == EAGAIN)
        in_vain(call, fd);
    else
        progress();
    errno = number;
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
        fail("there are descriptors enough", "cannot have fd %d: %s",
             stage.world->first_fd, strerror(errno));
    real.close(fd);
    return moved;
}

/* Whose connection has been accepted? */
static void take_note(int fd)
{
    struct sockaddr_in its = { .sin_port = 0 };
    socklen_t length = sizeof its;

    stage.connected++;
    if (fd >= FDS)
        return;
    memset(&stage.fds[fd], 0, sizeof stage.fds[fd]);
    stage.fds[fd].accepted = true;
    stage.fds[fd].peer = NOBODY;
    if (getpeername(fd, (struct sockaddr *)&its, &length) != 0)
        return;
    for (int i = 0; i < PEERS; i++)
        if (stage.peers[i].port == its.sin_port)
            stage.fds[fd].peer = i;
}

int accept(int fd, struct sockaddr *address, socklen_t *length)
{
    struct pollfd ready = { fd, POLLIN, 0 };
    int result;

    if (!ours())
        return real.accept(fd, address, length);
    if (interrupted(ACCEPT))
        return -1;
    doing("sleeps in", "accept", NOBODY, "");
    while (sleeps(fd) && real.poll(&ready, 1, 0) == 0)
        would_sleep(IN_ACCEPT);
    result = place(real.accept(fd, address, length));
    if (result >= 0)
        take_note(result);
    went_on("accept", fd, result);
    return result;
}

/* It said 0, and it will for ever: who asks again has not understood. */
static void count_ends(int fd, size_t size)
{
    static const char *const expected
        = "0 bytes are taken for the end, and the connection is closed";

    if (size == 0)
        fail(expected, "recv of %s into no room, of 0 bytes, says 0, which "
             "looks like the end", name_of(fd));
    if (fd >= FDS)
        return;
    stage.fds[fd].ends++;
    if (stage.fds[fd].ends > ENDS_MAX)
        fail(expected, "recv of %s has said 0 %d times, and it is asked "
             "again", name_of(fd), ENDS_MAX);
}

/* MSG_WAITALL sleeps until the buffer is full. */
static bool lacks(int fd, void *buffer, size_t size)
{
    ssize_t n = real.recv(fd, buffer, size, MSG_PEEK | MSG_DONTWAIT);

    return n > 0 && (size_t)n < size;
}

ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
    ssize_t n;

    if (!ours())
        return real.recv(fd, buffer, size, flags);
    check_own("recv", fd);
    if (interrupted(RECV)) {
        note_error("recv", fd);
        return -1;
    }
    doing("sleeps in", "recv", fd, "");
    for (;;) {
        if ((flags & MSG_WAITALL) != 0 && lacks(fd, buffer, size)) {
            would_sleep(IN_RECV);
            continue;
        }
        n = real.recv(fd, buffer, size, flags | MSG_DONTWAIT);
        if (n >= 0 || errno != EAGAIN || !sleeps(fd)
            || (flags & MSG_DONTWAIT) != 0)
            break;
        would_sleep(IN_RECV);
    }
    if (n < 0)
        note_error("recv", fd);
    else if (n == 0)
        count_ends(fd, size);
    else if (known(fd))
        stage.fds[fd].came += (size_t)n;
    went_on("recv", fd, n);
    return n;
}

/* Nobody has more to hear than he has said. */
static void count_answer(int fd, size_t n)
{
    if (!known(fd))
        return;
    stage.fds[fd].went += n;
    if (stage.fds[fd].went > stage.fds[fd].came)
        fail("what goes back is what has come", "%zu bytes are sent to %s, "
             "more than the %zu that have come", stage.fds[fd].went,
             name_of(fd), stage.fds[fd].came);
}

ssize_t send(int fd, const void *data, size_t size, int flags)
{
    ssize_t n;

    if (!ours())
        return real.send(fd, data, size, flags);
    check_own("send", fd);
    if (interrupted(SEND)) {
        note_error("send", fd);
        return -1;
    }
    doing("sleeps in", "send", fd, ", which does not read");
    for (;;) {
        n = real.send(fd, data, cut(size), flags | MSG_DONTWAIT);
        if (n >= 0 || errno != EAGAIN || !sleeps(fd)
            || (flags & MSG_DONTWAIT) != 0)
            break;
        would_sleep(IN_SEND);
    }
    if (n < 0)
        note_error("send", fd);
    else
        count_answer(fd, (size_t)n);
    if (n != 0)
        went_on("send", fd, n);
    be_eager();
    return n;
}

static void note_close(int fd)
{
    struct peer *peer;

    stage.fds[fd].closed = true;
    if (stage.fds[fd].peer == NOBODY)
        return;
    peer = &stage.peers[stage.fds[fd].peer];
    peer->closed = true;
    if (stage.fds[fd].ends > 0) {
        peer->ended_by = "recv";
    } else if (stage.fds[fd].said != 0) {
        peer->ended_by = stage.fds[fd].call;
        peer->ended_with = stage.fds[fd].said;
    }
}

int close(int fd)
{
    static const char *const expected
        = "the server closes its connections, each of them once";

    if (!ours())
        return real.close(fd);
    if (fd == stage.listener)
        fail(expected, "it closes the listener, which is its caller's");
    if (fd >= 0 && fd <= 2)
        fail(expected, "it closes fd %d, which is none of its connections",
             fd);
    if (is_closed(fd))
        fail(expected, "it closes %s twice", name_of(fd));
    if (known(fd) && !stage.fds[fd].closed)
        note_close(fd);
    return real.close(fd);
}

/* Sleep that nobody can end. */
static bool nap(const char *call)
{
    if (!ours())
        return false;
    stage.world->naps++;
    doing("sleeps in", call, NOBODY, "");
    their_turn();
    return true;
}

int nanosleep(const struct timespec *time, struct timespec *left)
{
    return nap("nanosleep") ? 0 : real.nanosleep(time, left);
}

unsigned sleep(unsigned seconds)
{
    struct timespec time = { (time_t)seconds, 0 };

    if (!nap("sleep"))
        real.nanosleep(&time, NULL);
    return 0;
}

int usleep(unsigned microseconds)
{
    struct timespec time = { (time_t)(microseconds / 1000000),
                             (long)(microseconds % 1000000) * 1000 };

    return nap("usleep") ? 0 : real.nanosleep(&time, NULL);
}

ssize_t read(int fd, void *buffer, size_t size)
{
    return ours() && (known(fd) || fd == stage.listener)
        ? recv(fd, buffer, size, 0) : real.read(fd, buffer, size);
}

ssize_t write(int fd, const void *data, size_t size)
{
    return ours() && (known(fd) || fd == stage.listener)
        ? send(fd, data, size, 0) : real.write(fd, data, size);
}

/* "the listener in, fd 7 (client 0) in out": whom a wait is about. */
static void add_name(char text[static 256], int fd, bool in, bool out,
                     bool broken)
{
    size_t used = strlen(text);

    if (!in && !out && !broken)
        return;
    snprintf(text + used, 256 - used, "%s%s%s%s%s%s", used > 0 ? ", " : "",
             name_of(fd), in ? " in" : "", out ? " out" : "",
             broken ? " broken" : "", out && known(fd)
             && stage.fds[fd].went < stage.fds[fd].came
             ? " (its answer waits)" : "");
}

/* A number in a wait that is nobody's. */
static void check_open(const char *call, int fd)
{
    if (fcntl(fd, F_GETFD) == -1)
        fail("each call is about a connection that is open", "%s about %s, "
             "which was closed already", call, name_of(fd));
}

/* Before a wait: what did the last one lead to? */
static void begin_wait(const char *call)
{
    struct world *world = stage.world;
    bool nothing = stage.woken && !stage.progress;

    world->waits++;
    world->useless += nothing;
    if (nothing && world->useless == 1)
        memcpy(world->woken_by, stage.names, sizeof stage.names);
    stage.useless_in_a_row = nothing ? stage.useless_in_a_row + 1 : 0;
    if (stage.useless_in_a_row >= USELESS_MAX)
        fail("the server sleeps until there is something to do",
             "%s wakes it %d times in a row, and it does nothing: %s",
             call, USELESS_MAX, world->woken_by);
    stage.woken = stage.progress = false;
}

static void name_polled(const struct pollfd *fds, nfds_t n, bool asked)
{
    memset(stage.names, 0, sizeof stage.names);
    for (nfds_t i = 0; i < n && strlen(stage.names) < NAMES_MAX; i++) {
        int events = asked ? fds[i].events : fds[i].revents;

        if (fds[i].fd >= 0)
            add_name(stage.names, fds[i].fd, (events & POLLIN) != 0,
                     (events & POLLOUT) != 0,
                     (events & (POLLERR | POLLHUP | POLLNVAL)) != 0);
    }
    if (stage.names[0] == '\0')
        strcpy(stage.names, "nobody");
    doing("sleeps in", "poll, for: ", NOBODY, stage.names);
}

int poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
    int result;

    if (!ours())
        return real.poll(fds, n, timeout_ms);
    begin_wait("poll");
    if (interrupted(WAIT))
        return -1;
    for (nfds_t i = 0; i < n; i++)
        if (fds[i].fd >= 0)
            check_open("poll", fds[i].fd);
    name_polled(fds, n, true);
    while ((result = real.poll(fds, n, 0)) == 0) {
        their_turn();
        if (timeout_ms >= 0) {
            stage.world->timeouts++;
            return 0;
        }
    }
    name_polled(fds, n, false);
    stage.woken = true;
    return result;
}

static void name_selected(int n, fd_set *sets[static 3])
{
    memset(stage.names, 0, sizeof stage.names);
    for (int fd = 0; fd < n && fd < FD_SETSIZE; fd++)
        if (strlen(stage.names) < NAMES_MAX)
            add_name(stage.names, fd,
                     sets[0] != NULL && FD_ISSET(fd, sets[0]),
                     sets[1] != NULL && FD_ISSET(fd, sets[1]), false);
    if (stage.names[0] == '\0')
        strcpy(stage.names, "nobody");
    doing("sleeps in", "select, for: ", NOBODY, stage.names);
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
    begin_wait("select");
    if (interrupted(WAIT))
        return -1;
    for (int i = 0; i < 3; i++)
        if (sets[i] != NULL)
            before[i] = *sets[i];
    for (int fd = 0; fd < n && fd < FD_SETSIZE; fd++)
        for (int i = 0; i < 3; i++)
            if (sets[i] != NULL && FD_ISSET(fd, sets[i]))
                check_open("select", fd);
    name_selected(n, sets);
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
    if (result > 0)
        name_selected(n, sets);
    else
        doing("calls", "select: ", NOBODY, strerror(errno));
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

/* It has returned though the play was not over. */
static void check_returned(const struct scene *step)
{
    const char *expected = want("the server serves %d client%s, to the end",
                                count_connects(),
                                count_connects() == 1 ? "" : "s");

    if (step->op == CONNECTS)
        fail(expected, "it has returned before client %d has come", step->peer);
    if (step->op == SENDS || step->op == FLOODS)
        fail(expected, "it has returned while client %d is still "
             "connected%s", step->peer,
             last_word(&stage.peers[step->peer]));
}

/* Whatever it has accepted it must have closed. */
static void check_leaks(void)
{
    for (int fd = 0; fd < FDS; fd++)
        if (stage.fds[fd].accepted && !stage.fds[fd].closed
            && fcntl(fd, F_GETFD) != -1)
            fail("each connection is closed when it is over",
                 "%s is still open when the server returns", name_of(fd));
}

/* The server has returned: what is left must come true by itself. */
static void finish(void)
{
    doing("has", "returned", NOBODY, "");
    while (stage.at < stage.count) {
        size_t before = stage.at;

        check_returned(&stage.steps[before]);
        their_turn();
        if (stage.at == before && stage.patience > 2 * GRACE)
            fail("the play goes on to its end", "the server has returned, "
                 "and it will never come true");
    }
    check_leaks();
    for (int i = 0; i < PEERS; i++)
        if (stage.peers[i].fd >= 0)
            close(stage.peers[i].fd);
}

void world_check_waits(const struct world *world, const char *where)
{
    static const char *const calls[] = { "accept", "recv", "send" };

    const char *expected = want("the server sleeps in %s and nowhere else",
                                where);

    for (int i = 0; i < 3; i++)
        if (world->sleeps[i] > 0)
            fail(expected, "it would have slept in %s %d times", calls[i],
                 world->sleeps[i]);
    if (world->naps > 0)
        fail(expected, "it sleeps in sleep, usleep or nanosleep %d times",
             world->naps);
    if (world->spins > 0)
        fail(expected, "it asks everybody again and again instead; ready "
             "is %s", world->woken_by[0] != '\0' ? world->woken_by
             : "nobody");
    if (world->timeouts > 0)
        fail(expected, "%s has a timeout: it wakes up %d times with nothing "
             "to do", where, world->timeouts);
    if (world->useless > 0)
        fail("each wake-up is for something", "%d times it was woken and did "
             "nothing: %s", world->useless, world->woken_by);
}

void world_play(const char *file, int line, struct world *world,
                const struct scene *steps, size_t count,
                serve_function *serve)
{
    int listener, result;

    memset(&stage, 0, sizeof stage);
    stage.file = file;
    stage.line = line;
    stage.world = world;
    stage.steps = steps;
    stage.count = count;
    for (int i = 0; i < PEERS; i++)
        stage.peers[i].fd = -1;
    listener = wire_listen(&stage.address);
    CHECK(listener >= 0);
    shrink(listener); /* what it accepts has the same */
    stage.listener = listener;
    stage.thread = pthread_self();
    doing("calls", "nothing", NOBODY, "");
    stage.playing = true;
    result = serve(listener, count_connects());
    stage.playing = false;
    if (result != 0)
        fail("the server returns 0", "it returns %d: %s", result,
             strerror(errno));
    finish();
    CHECK_INT(0, close(listener));
}
