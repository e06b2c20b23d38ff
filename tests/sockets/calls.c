/* calls.c - stands in for the server's system calls.
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
#include "play.h"

#include "check.h"
#include "next.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int usleep(unsigned microseconds); /* no longer in POSIX, but in use */

enum {
    USELESS_MAX = 100, /* wake-ups in a row: it spins                  */
    ENDS_MAX = 10,     /* times that a call says the end, and no close */
    NAMES_MAX = 100    /* letters: of many connections the first few   */
};

struct libc libc;

static void find(const char *name, void *function)
{
    void *found = next_symbol(name);

    if (found == NULL)
        check_fail(__FILE__, __LINE__, "no %s behind ours", name);
    memcpy(function, &found, sizeof found);
}

static void find_all(void)
{
    find("accept", &libc.accept);
    find("recv", &libc.recv);
    find("send", &libc.send);
    find("read", &libc.read);
    find("write", &libc.write);
    find("close", &libc.close);
    find("nanosleep", &libc.nanosleep);
    find("poll", &libc.poll);
    find("select", &libc.select);
}

static bool ours(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    /* The watchdog's thread sleeps in our nanosleep at the same time. */
    pthread_once(&once, find_all);
    return play.playing && !play.acting
        && pthread_equal(pthread_self(), play.thread);
}

/* A connection of the server's, or one that was. */
static bool known(int fd)
{
    return fd >= 0 && fd < FDS && (play.fds[fd].accepted
                                   || play.fds[fd].closed);
}

/* Closed by the server, and not by now a number of somebody else's, such
 * as a library's. */
static bool is_closed(int fd)
{
    if (!known(fd) || !play.fds[fd].closed)
        return false;
    for (int i = 0; i < PEERS; i++)
        if (play.peers[i].fd == fd)
            return true;
    return fcntl(fd, F_GETFD) == -1;
}

/* How a call ended; the same error again and again is not understood. */
static void note_error(const char *call, int fd)
{
    int number = errno;

    if (!known(fd))
        return;
    play.fds[fd].said = number;
    play.fds[fd].call = call;
    play.fds[fd].errors += number != EAGAIN && number != EINTR;
    if (play.fds[fd].errors > ENDS_MAX)
        flop("a connection that is broken is closed", "%s of %s has said %s "
             "%d times, and it is asked again", call, name_of(fd),
             error_name(number), ENDS_MAX);
    errno = number;
}

/* Each kind of call in its own turn: a recv that was interrupted is then
 * heard, whatever else was in between. */
enum kind { ACCEPT, RECV, SEND, WAIT };

static bool interrupted(enum kind kind)
{
    if (!play.world->interrupts)
        return false;
    play.odd[kind] = !play.odd[kind];
    if (play.odd[kind])
        errno = EINTR;
    return play.odd[kind];
}

static bool sleeps(int fd)
{
    return (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0;
}

static void progress(void)
{
    check_progress();
    play.progress = true;
    play.in_vain = 0;
}

/* The server asks something of a descriptor that it may not. */
static void check_own(const char *call, int fd)
{
    static const char *const expected
        = "each call is about a connection that is open";

    if (fd == play.listener)
        flop(expected, "%s on the listener: that gives connections, not "
             "bytes", call);
    if (is_closed(fd))
        flop(expected, "%s of %s, which was closed already", call,
             name_of(fd));
    if (fd >= 0 && fd <= 2)
        flop(expected, "%s of fd %d, which is none of its connections", call,
             fd);
}

/* A call on a non-blocking socket came back with EAGAIN. */
static void in_vain(const char *call, int fd, const char *said)
{
    play.world->in_vain++;
    play.in_vain++;
    if (play.in_vain < 2 * (play.connected + 1))
        return;
    doing("asks again and again, the last was", call, fd, said);
    if (play.world->spins == 0 && play.world->useless == 0)
        memcpy(play.world->woken_by, play.names, sizeof play.names);
    play.world->spins++;
    their_turn();
}

/* The next to send does so while an answer goes out. */
static void be_eager(void)
{
    int number = errno;
    enum op op;

    if (!play.world->eager || play.at == play.count)
        return;
    op = play.steps[play.at].op;
    if (op != SENDS && op != FLOODS)
        return;
    play.acting = true;
    act_some();
    play.acting = false;
    errno = number;
}

/* After a call: it moved something, or it was in vain. */
static void went_on(const char *call, int fd, ssize_t result)
{
    int number = errno;

    if (result >= 0 && known(fd))
        play.fds[fd].said = 0;
    if (result < 0 && number == EAGAIN)
        in_vain(call, fd, ": EAGAIN");
    else
        progress();
    errno = number;
}

static void would_sleep(int where)
{
    play.world->sleeps[where]++;
    their_turn();
}

/* What may still be under way to fd's client. */
static size_t room_for(int fd)
{
    size_t under_way;

    if (play.world->holds == 0 || !known(fd) || play.fds[fd].peer == NOBODY)
        return SIZE_MAX;
    under_way = play.fds[fd].went - play.peers[play.fds[fd].peer].heard;
    return under_way < play.world->holds ? play.world->holds - under_way : 0;
}

/* How much of n a send takes. */
static size_t cut(int fd, size_t n)
{
    size_t most = play.world->send_at_most, free = room_for(fd);

    if (most > 0 && n > most)
        n = most;
    return n < free ? n : free;
}

/* Moves a connection to where the test wants it. */
static int place(int fd)
{
    int moved;

    if (fd < 0 || play.world->first_fd == 0)
        return fd;
    moved = fcntl(fd, F_DUPFD_CLOEXEC, play.world->first_fd);
    if (moved < 0)
        flop("there are descriptors enough", "cannot have fd %d: %s",
             play.world->first_fd, strerror(errno));
    libc.close(fd);
    return moved;
}

/* Whose connection has been accepted? */
static void take_note(int fd)
{
    struct sockaddr_in its = { .sin_port = 0 };
    socklen_t length = sizeof its;

    play.connected++;
    if (fd >= FDS)
        return;
    memset(&play.fds[fd], 0, sizeof play.fds[fd]);
    play.fds[fd].accepted = true;
    play.fds[fd].peer = NOBODY;
    if (getpeername(fd, (struct sockaddr *)&its, &length) != 0)
        return;
    for (int i = 0; i < PEERS; i++)
        if (play.peers[i].port == its.sin_port)
            play.fds[fd].peer = i;
}

/* So many connections are open that a client in the queue gets no fd. To
 * be told so once is news; a server that is woken for it again does nothing,
 * and one that never sleeps has asked in vain. */
static bool no_fds_left(const struct pollfd *ready)
{
    int open = 0;

    if (play.world->fds_at_most == 0 || (ready->revents & POLLIN) == 0)
        return false;
    for (int i = 0; i < FDS; i++)
        open += play.fds[i].accepted && !play.fds[i].closed;
    if (open < play.world->fds_at_most)
        return false;
    if (!play.told)
        progress();
    else if (!play.woken)
        in_vain("accept", ready->fd, ": EMFILE");
    play.told = true;
    errno = EMFILE;
    return true;
}

int accept(int fd, struct sockaddr *address, socklen_t *length)
{
    struct pollfd ready = { fd, POLLIN, 0 };
    int result;

    if (!ours())
        return libc.accept(fd, address, length);
    if (interrupted(ACCEPT))
        return -1;
    doing("sleeps in", "accept", NOBODY, "");
    play.world->trusting += sleeps(fd);
    while (libc.poll(&ready, 1, 0) == 0 && sleeps(fd))
        would_sleep(IN_ACCEPT);
    if (no_fds_left(&ready))
        return -1;
    result = place(libc.accept(fd, address, length));
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
        flop(expected, "recv of %s into no room, of 0 bytes, says 0, which "
             "looks like the end", name_of(fd));
    if (fd >= FDS)
        return;
    play.fds[fd].ends++;
    if (play.fds[fd].ends > ENDS_MAX)
        flop(expected, "recv of %s has said 0 %d times, and it is asked "
             "again", name_of(fd), ENDS_MAX);
}

static void count_bytes(int fd, size_t n)
{
    if (play.fds[fd].went == play.fds[fd].came)
        play.fds[fd].since = 0; /* its buffer was empty */
    play.fds[fd].since += n;
    play.fds[fd].came += n;
}

/* MSG_WAITALL sleeps until the buffer is full. */
static bool lacks(int fd, void *buffer, size_t size)
{
    ssize_t n = libc.recv(fd, buffer, size, MSG_PEEK | MSG_DONTWAIT);

    return n > 0 && (size_t)n < size;
}

ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
    ssize_t n;

    if (!ours())
        return libc.recv(fd, buffer, size, flags);
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
        n = libc.recv(fd, buffer, size, flags | MSG_DONTWAIT);
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
        count_bytes(fd, (size_t)n);
    went_on("recv", fd, n);
    return n;
}

/* Nobody has more to hear than he has said. */
static void count_answer(int fd, size_t n)
{
    if (!known(fd))
        return;
    play.fds[fd].went += n;
    if (play.fds[fd].went > play.fds[fd].came)
        flop("what goes back is what has come", "%zu bytes are sent to %s, "
             "more than the %zu that have come", play.fds[fd].went,
             name_of(fd), play.fds[fd].came);
}

ssize_t send(int fd, const void *data, size_t size, int flags)
{
    ssize_t n;

    if (!ours())
        return libc.send(fd, data, size, flags);
    check_own("send", fd);
    if (interrupted(SEND)) {
        note_error("send", fd);
        return -1;
    }
    doing("sleeps in", "send", fd, ", which does not read");
    for (;;) {
        n = -1;
        errno = EAGAIN;
        if (room_for(fd) > 0)
            n = libc.send(fd, data, cut(fd, size), flags | MSG_DONTWAIT);
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

    play.fds[fd].closed = true;
    play.told = false;
    if (play.fds[fd].peer == NOBODY)
        return;
    peer = &play.peers[play.fds[fd].peer];
    peer->closed = true;
    if (play.fds[fd].ends > 0) {
        peer->ended_by = "recv";
    } else if (play.fds[fd].said != 0) {
        peer->ended_by = play.fds[fd].call;
        peer->ended_with = play.fds[fd].said;
    }
}

int close(int fd)
{
    static const char *const expected
        = "the server closes its connections, each of them once";

    if (!ours())
        return libc.close(fd);
    if (fd == play.listener)
        flop(expected, "it closes the listener, which is its caller's");
    if (fd >= 0 && fd <= 2)
        flop(expected, "it closes fd %d, which is none of its connections",
             fd);
    if (is_closed(fd))
        flop(expected, "it closes %s twice", name_of(fd));
    if (known(fd) && !play.fds[fd].closed)
        note_close(fd);
    return libc.close(fd);
}

/* Sleep that nobody can end. */
static bool nap(const char *call)
{
    if (!ours())
        return false;
    play.world->naps++;
    doing("sleeps in", call, NOBODY, "");
    their_turn();
    return true;
}

int nanosleep(const struct timespec *time, struct timespec *left)
{
    return nap("nanosleep") ? 0 : libc.nanosleep(time, left);
}

unsigned sleep(unsigned seconds)
{
    struct timespec time = { (time_t)seconds, 0 };

    if (!nap("sleep"))
        libc.nanosleep(&time, NULL);
    return 0;
}

int usleep(unsigned microseconds)
{
    struct timespec time = { (time_t)(microseconds / 1000000),
                             (long)(microseconds % 1000000) * 1000 };

    return nap("usleep") ? 0 : libc.nanosleep(&time, NULL);
}

ssize_t read(int fd, void *buffer, size_t size)
{
    return ours() && (known(fd) || fd == play.listener)
        ? recv(fd, buffer, size, 0) : libc.read(fd, buffer, size);
}

ssize_t write(int fd, const void *data, size_t size)
{
    return ours() && (known(fd) || fd == play.listener)
        ? send(fd, data, size, 0) : libc.write(fd, data, size);
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
             && play.fds[fd].went < play.fds[fd].came
             ? " (its answer waits)" : "");
}

/* A number in a wait that is nobody's. */
static void check_open(const char *call, int fd)
{
    if (fcntl(fd, F_GETFD) == -1)
        flop("each call is about a connection that is open", "%s about %s, "
             "which was closed already", call, name_of(fd));
}

/* Before a wait: what did the last one lead to? */
static void begin_wait(const char *call)
{
    struct world *world = play.world;
    bool nothing = play.woken && !play.progress;

    world->waits++;
    world->useless += nothing;
    if (nothing && world->useless == 1)
        memcpy(world->woken_by, play.names, sizeof play.names);
    play.useless_in_a_row = nothing ? play.useless_in_a_row + 1 : 0;
    if (play.useless_in_a_row >= USELESS_MAX)
        flop("the server sleeps until there is something to do",
             "%s wakes it %d times in a row, and it does nothing: %s",
             call, USELESS_MAX, world->woken_by);
    play.woken = play.progress = false;
}

/* A client whose answer waits may talk on while there is room. (A buffer
 * that moves its bytes to the front has more of it.) */
static void check_interest(const struct pollfd *asked)
{
    int fd = asked->fd;
    size_t room = play.world->room;
    bool waits;

    if (room == 0 || !known(fd) || play.fds[fd].closed)
        return;
    waits = play.fds[fd].went < play.fds[fd].came;
    if ((!waits || play.fds[fd].since < room) && play.fds[fd].ends == 0
        && (asked->events & POLLIN) == 0)
        flop("POLLIN is asked for while there is room",
             "poll about %s asks for POLLOUT alone; %zu bytes of %zu are "
             "free", name_of(fd), waits ? room - play.fds[fd].since : room,
             room);
}

static void name_polled(const struct pollfd *fds, nfds_t n, bool asked)
{
    memset(play.names, 0, sizeof play.names);
    for (nfds_t i = 0; i < n && strlen(play.names) < NAMES_MAX; i++) {
        int events = asked ? fds[i].events : fds[i].revents;

        if (fds[i].fd >= 0)
            add_name(play.names, fds[i].fd, (events & POLLIN) != 0,
                     (events & POLLOUT) != 0,
                     (events & (POLLERR | POLLHUP | POLLNVAL)) != 0);
    }
    if (play.names[0] == '\0')
        strcpy(play.names, "nobody");
    doing("sleeps in", "poll, for: ", NOBODY, play.names);
}

/* What the kernel says, but who is full is not writable. */
static int look_at(struct pollfd *fds, nfds_t n)
{
    static short asked[FDS];
    int result;

    for (nfds_t i = 0; i < n && i < FDS; i++) {
        asked[i] = fds[i].events;
        if (room_for(fds[i].fd) == 0)
            fds[i].events = (short)(asked[i] & ~POLLOUT);
    }
    result = libc.poll(fds, n, 0);
    for (nfds_t i = 0; i < n && i < FDS; i++)
        fds[i].events = asked[i];
    return result;
}

int poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
    int result;

    if (!ours())
        return libc.poll(fds, n, timeout_ms);
    begin_wait("poll");
    play.world->polls++;
    if (interrupted(WAIT))
        return -1;
    for (nfds_t i = 0; i < n; i++) {
        if (fds[i].fd < 0)
            continue;
        check_open("poll", fds[i].fd);
        check_interest(&fds[i]);
    }
    name_polled(fds, n, true);
    while ((result = look_at(fds, n)) == 0) {
        their_turn();
        if (timeout_ms >= 0) {
            play.world->timeouts++;
            return 0;
        }
    }
    name_polled(fds, n, false);
    play.woken = true;
    return result;
}

static void name_selected(int n, fd_set *sets[static 3])
{
    memset(play.names, 0, sizeof play.names);
    for (int fd = 0; fd < n && fd < FD_SETSIZE; fd++)
        if (strlen(play.names) < NAMES_MAX)
            add_name(play.names, fd,
                     sets[0] != NULL && FD_ISSET(fd, sets[0]),
                     sets[1] != NULL && FD_ISSET(fd, sets[1]), false);
    if (play.names[0] == '\0')
        strcpy(play.names, "nobody");
    doing("sleeps in", "select, for: ", NOBODY, play.names);
}

static int look(int n, fd_set *sets[static 3])
{
    struct timeval none = { 0, 0 };

    return libc.select(n, sets[0], sets[1], sets[2], &none);
}

int select(int n, fd_set *in, fd_set *out, fd_set *except,
           struct timeval *timeout)
{
    fd_set *sets[3] = { in, out, except }, before[3];
    int result;

    if (!ours())
        return libc.select(n, in, out, except, timeout);
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
            play.world->timeouts++;
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
    play.woken = true;
    return result;
}
