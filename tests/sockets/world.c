/* world.c - the clients of a play, see world.h.
 *
 * Each step is said when it has come true, so that a verdict's "did" tells
 * the story; "yours" tells what the server does meanwhile (play.doing).
 * A step happens when calls.c finds that the server would sleep.
 */
#include "play.h"

#include "01_blocking/wire.h"
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    GRACE = 100,  /* looks at a step that has not come true, 2 ms   */
    GRACE_MS = 2  /* each: the kernel may be late on a busy machine */
};

struct play play;

/* --- Words --------------------------------------------------------------- */

static void quote(char out[static 64], const char *text, size_t n)
{
    size_t used = 0;

    out[used++] = '"';
    for (size_t i = 0; i < n && used < 56; i++) {
        if (text[i] == '\n' || text[i] == '\0') {
            out[used++] = '\\';
            out[used++] = text[i] == '\n' ? 'n' : '0';
        } else {
            out[used++] = text[i];
        }
    }
    out[used++] = '"';
    out[used] = '\0';
}

/* Of what is sent or heard. */
static size_t size_of(const struct scene *step)
{
    return step->bytes > 0 ? step->bytes : strlen(step->text);
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
        quote(text, step->text, size_of(step));
    else if (step->bytes > 0)
        snprintf(text, sizeof text, "%zu bytes", step->bytes);
    say("client %d %s%s%s", step->peer, words[step->op],
        text[0] == '\0' ? "" : " ", text);
}

void doing(const char *does, const char *call, int fd, const char *object)
{
    play.does = does;
    play.call = call;
    play.fd = fd;
    play.object = object;
}

const char *name_of(int fd)
{
    static char text[64];

    if (fd == play.listener)
        return "the listener";
    if (fd >= 0 && fd < FDS && play.fds[fd].accepted
        && play.fds[fd].peer != NOBODY)
        snprintf(text, sizeof text, "fd %d (client %d)", fd,
                 play.fds[fd].peer);
    else
        snprintf(text, sizeof text, "fd %d", fd);
    return text;
}

/* "sleeps in recv of fd 7 (client 0)" */
static const char *deed(void)
{
    static char text[REPORT_LINE];

    snprintf(text, sizeof text, "%s %s%s%s%s", play.does, play.call,
             play.fd == NOBODY ? "" : " of ",
             play.fd == NOBODY ? "" : name_of(play.fd), play.object);
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

/* What flop() expects, with a number in it. */
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

_Noreturn void flop(const char *expected, const char *format, ...)
{
    char why[REPORT_LINE];
    va_list arguments;

    promise("%s", expected);
    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    play.playing = false;
    check_fail(play.file, play.line, "%s", why);
}

/* --- Steps --------------------------------------------------------------- */

static void shrink(int fd)
{
    int bytes = play.world->small_bytes;

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
    if (connect(fd, (struct sockaddr *)&play.address, sizeof play.address)
        != 0)
        flop(want("client %d connects", play.steps[play.at].peer),
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

static void send_step(const struct peer *peer, const struct scene *step)
{
    ssize_t n = libc.send(peer->fd, step->text, size_of(step), MSG_NOSIGNAL);

    if (n != (ssize_t)size_of(step))
        flop(want("client %d can send", play.steps[play.at].peer),
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
        struct peer *peer = &play.peers[i];
        char bytes[8192];
        size_t n = peer->flood - peer->sent;
        ssize_t sent;

        if (peer->fd < 0 || n == 0)
            continue;
        n = n < sizeof bytes ? n : sizeof bytes;
        for (size_t j = 0; j < n; j++)
            bytes[j] = flood_byte(peer->sent + j);
        sent = libc.send(peer->fd, bytes, n, MSG_NOSIGNAL);
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

static enum verdict hear(struct peer *peer, const struct scene *step)
{
    const char *expected = step->text;
    size_t n = size_of(step);
    char bytes[256], quoted[64], heard[64];
    int client = play.steps[play.at].peer, number;
    ssize_t got = libc.recv(peer->fd, bytes, sizeof bytes, MSG_PEEK);

    number = errno;
    if (got < (ssize_t)n && play.patience < GRACE && got != 0
        && !(got < 0 && number != EAGAIN))
        return NOT_YET;
    if (got == (ssize_t)n && memcmp(bytes, expected, n) == 0) {
        libc.recv(peer->fd, bytes, n, 0);
        return TRUE;
    }
    quote(quoted, expected, n);
    if (got <= 0)
        flop(want("client %d hears %s", client, quoted), "client %d %s",
             client, silence(peer, got, number));
    quote(heard, bytes, (size_t)got);
    if (got < (ssize_t)n && memcmp(bytes, expected, (size_t)got) == 0)
        flop(want("client %d hears %s", client, quoted), "client %d hears "
             "%s and no more: the server %s%s", client, heard, peer->closed
             ? "has closed its connection" : deed(),
             peer->closed ? last_word(peer) : "");
    promise("client %d hears", client);
    play.playing = false;
    check_bytes(play.file, play.line, "the answer", expected, n, bytes,
                (size_t)got);
    return TRUE;
}

static void hear_nothing(const struct peer *peer)
{
    char byte;
    int client = play.steps[play.at].peer;
    ssize_t n = libc.recv(peer->fd, &byte, 1, MSG_PEEK);

    if (n < 0 && errno == EAGAIN)
        return;
    flop(want("client %d hears nothing yet", client), "client %d %s", client,
         n > 0 ? "is answered" : silence(peer, n, errno));
}

static enum verdict hear_end(const struct peer *peer)
{
    char byte;
    int client = play.steps[play.at].peer;
    ssize_t n = libc.recv(peer->fd, &byte, 1, MSG_PEEK);

    if (n == 0)
        return TRUE;
    if (n < 0 && errno == EAGAIN && play.patience < GRACE)
        return NOT_YET;
    flop(want("client %d hears the end: the server closes its connection",
              client), "client %d %s", client,
         n > 0 ? "hears more" : silence(peer, n, errno));
}

static void check_flood(struct peer *peer, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char expected = (char)(flood_byte(peer->heard + i) - 'a' + 'A');

        if (bytes[i] == expected)
            continue;
        flop(want("byte %zu of the answer is '%c'", peer->heard + i,
                  expected), "byte %zu of the answer is '%c': %s",
             peer->heard + i, bytes[i], bytes[i] >= 'a' && bytes[i] <= 'z'
             ? "it has come in and was never made upper case"
             : "bytes are lost, doubled or out of order");
    }
    peer->heard += n;
}

static enum verdict drain(struct peer *peer, size_t bytes)
{
    char part[8192];
    ssize_t n = libc.recv(peer->fd, part, sizeof part, 0);

    if (n > 0) {
        check_flood(peer, part, (size_t)n);
        play.patience = 0;
    }
    if (peer->heard >= bytes)
        return TRUE;
    if (n > 0 || (n < 0 && errno == EAGAIN && play.patience < GRACE))
        return NOT_YET;
    flop(want("client %d hears %zu bytes", play.steps[play.at].peer,
              bytes), "client %d %s, after %zu bytes",
         play.steps[play.at].peer, silence(peer, n, errno), peer->heard);
}

static void close_peer(struct peer *peer, bool reset)
{
    struct linger at_once = { 1, 0 };

    if (reset)
        setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &at_once,
                   sizeof at_once);
    libc.close(peer->fd);
    peer->fd = -1;
    peer->flood = peer->sent;
}

static enum verdict act(const struct scene *step)
{
    struct peer *peer = &play.peers[step->peer];

    switch (step->op) {
    case CONNECTS:
        connect_peer(peer);
        break;
    case SENDS:
        send_step(peer, step);
        break;
    case FLOODS:
        peer->flood += step->bytes;
        pump();
        break;
    case HEARS:
        return hear(peer, step);
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
        send_step(peer, step);
        close_peer(peer, false);
        break;
    case QUEUES:
        connect_peer(peer);
        send_step(peer, step);
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
    if (play.world->eager && a->op == SENDS)
        return false;
    return a->op == b->op && (a->op == CONNECTS || a->op == SENDS
                              || a->op == HEARS || a->op == CLOSES);
}

bool act_some(void)
{
    size_t before = play.at;

    while (play.at < play.count) {
        const struct scene *step = &play.steps[play.at];

        if (act(step) == NOT_YET)
            break;
        say_step(step);
        play.at++;
        if (play.at == play.count || !go_together(step, step + 1))
            break;
    }
    return play.at > before;
}

void their_turn(void)
{
    play.acting = true;
    play.in_vain = 0;
    check_progress();
    if (!pump()) {
        if (play.at == play.count && play.patience >= GRACE)
            flop("the server returns: all its clients have come and gone",
                 "the server %s", deed());
        if (act_some()) {
            play.patience = 0;
        } else {
            play.patience++;
            if (play.patience > 1)
                libc.poll(NULL, 0, GRACE_MS);
        }
    }
    play.acting = false;
}

/* --- The play ------------------------------------------------------------ */

void world_open(struct world *world)
{
    *world = (struct world){ .send_at_most = 0 };
}

size_t world_taken(int peer)
{
    return play.peers[peer].sent;
}

static int count_connects(void)
{
    int n = 0;

    for (size_t i = 0; i < play.count; i++)
        n += play.steps[i].op == CONNECTS;
    return n;
}

/* It has returned though the play was not over. */
static void check_returned(const struct scene *step)
{
    const char *expected = want("the server serves %d client%s, to the end",
                                count_connects(),
                                count_connects() == 1 ? "" : "s");

    if (step->op == CONNECTS)
        flop(expected, "it has returned before client %d has come", step->peer);
    if (step->op == SENDS || step->op == FLOODS)
        flop(expected, "it has returned while client %d is still "
             "connected%s", step->peer,
             last_word(&play.peers[step->peer]));
}

/* Whatever it has accepted it must have closed. */
static void check_leaks(void)
{
    for (int fd = 0; fd < FDS; fd++)
        if (play.fds[fd].accepted && !play.fds[fd].closed
            && fcntl(fd, F_GETFD) != -1)
            flop("each connection is closed when it is over",
                 "%s is still open when the server returns", name_of(fd));
}

/* The server has returned: what is left must come true by itself. */
static void finish(void)
{
    doing("has", "returned", NOBODY, "");
    while (play.at < play.count) {
        size_t before = play.at;

        check_returned(&play.steps[before]);
        their_turn();
        if (play.at == before && play.patience > 2 * GRACE)
            flop("the play goes on to its end", "the server has returned, "
                 "and it will never come true");
    }
    check_leaks();
    for (int i = 0; i < PEERS; i++)
        if (play.peers[i].fd >= 0)
            close(play.peers[i].fd);
}

void world_check_waits(const struct world *world, const char *where)
{
    static const char *const calls[] = { "accept", "recv", "send" };

    const char *expected = want("the server sleeps in %s and nowhere else",
                                where);

    for (int i = 0; i < 3; i++)
        if (world->sleeps[i] > 0)
            flop(expected, "it would have slept in %s %d times", calls[i],
                 world->sleeps[i]);
    if (world->polls != (strcmp(where, "poll") == 0 ? world->waits : 0))
        flop(expected, "it sleeps in %s", strcmp(where, "poll") == 0
             ? "select" : "poll");
    if (world->trusting > 0)
        flop("the listener is non-blocking", "accept may sleep: who was "
             "there when %s said so may have left", where);
    if (world->naps > 0)
        flop(expected, "it sleeps in sleep, usleep or nanosleep %d times",
             world->naps);
    if (world->spins > 0)
        flop(expected, "it asks everybody again and again instead; ready "
             "is %s", world->woken_by[0] != '\0' ? world->woken_by
             : "nobody");
    if (world->timeouts > 0)
        flop(expected, "%s has a timeout: it wakes up %d times with nothing "
             "to do", where, world->timeouts);
    if (world->useless > 0)
        flop("each wake-up is for something", "%d times it was woken and did "
             "nothing: %s", world->useless, world->woken_by);
}

void world_play(const char *file, int line, struct world *world,
                const struct scene *steps, size_t count,
                serve_function *serve)
{
    int listener, result;

    memset(&play, 0, sizeof play);
    play.file = file;
    play.line = line;
    play.world = world;
    play.steps = steps;
    play.count = count;
    for (int i = 0; i < PEERS; i++)
        play.peers[i].fd = -1;
    listener = wire_listen(&play.address);
    CHECK(listener >= 0);
    shrink(listener); /* what it accepts has the same */
    play.listener = listener;
    play.thread = pthread_self();
    doing("calls", "nothing", NOBODY, "");
    play.playing = true;
    result = serve(listener, count_connects());
    play.playing = false;
    if (result != 0)
        flop("the server returns 0", "it returns %d: %s", result,
             strerror(errno));
    finish();
    CHECK_INT(0, close(listener));
}
