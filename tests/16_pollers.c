/* 16_pollers.c - promises of lesson 16: a poller whose fds stay armed tells
 * the same as the others, asks the kernel less, and leaves nothing behind
 * that is told for ever.
 *
 * The program's own epoll_ctl and epoll_wait come before libc's: they count,
 * and play the signal that is hard to send in time. Each turn of a loop is
 * one epoll_wait. It sleeps in the last two tests only, where others run.
 */
#include "16_pollers/kept.h"

#include "09_session/session.h"
#include "15_resolve/in_thread.h"
#include "check.h"
#include "loop/net.h"
#include "stage/origin.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- The kernel, counted. ---- */

static int epoll_ctl_calls, events_told, signals_to_come, last_timeout_ms;
static bool may_sleep;

#ifdef __linux__
#include <sys/epoll.h>
#include <sys/syscall.h>

enum { HAVE_EPOLL = 1 };

long syscall(long number, ...); /* not in POSIX */

int epoll_ctl(int epoll, int how, int fd, struct epoll_event *event)
{
    epoll_ctl_calls++;
    return (int)syscall(SYS_epoll_ctl, epoll, how, fd, event);
}

int epoll_wait(int epoll, struct epoll_event *events, int room,
               int timeout_ms)
{
    int n;

    last_timeout_ms = timeout_ms;
    if (signals_to_come > 0) {
        signals_to_come--;
        errno = EINTR;
        return -1;
    }
    n = epoll_pwait(epoll, events, room, may_sleep ? timeout_ms : 0, NULL);
    events_told += n > 0 ? n : 0;
    return n;
}
#else
enum { HAVE_EPOLL = 0 };
#endif

/* More than so many are too many; told as 0 if they are not. */
static int beyond(int most, int events)
{
    return events > most ? events : 0;
}

/* ---- A world. ---- */

static struct lab lab;

static void open_on(const struct poller_type *type)
{
    if (!HAVE_EPOLL)
        SKIP("epoll is Linux's");
    lab_open_with(&lab, (struct loop_options){ .virtual_time = true,
                                               .poller_type = type });
    epoll_ctl_calls = events_told = 0;
}

static void open_kept(void)
{
    open_on(&poller_kept);
}

static void turn(int times)
{
    for (int i = 0; i < times; i++)
        loop_turn(&lab.loop, false);
}

static void write_word(int fd)
{
    CHECK_INT(1, write(fd, "w", 1));
}

static void close_pair(int fds[static 2])
{
    net_close(&lab.loop, &fds[0]);
    net_close(&lab.loop, &fds[1]);
}

/* Waits for an fd, says so, and reads a word if it is to. `times` over. */
struct waiter {
    struct coro coro;
    const char *name; /* NULL: says nothing */
    int fd;
    short events;
    bool reads;
    int times;
    struct wait_fd wait_fd;
    struct task task;
};
ASYNC_DECLARE(waiter);

ASYNC(waiter)
{
    char word;

    BEGIN;
    for (; self->times > 0; self->times--) {
        TRY_AWAIT(wait_fd, .fd = self->fd, .events = self->events);
        if (self->wait_fd.coro.error != 0) {
            say("%s: %s", self->name, task->error.text);
            RERAISE(self->wait_fd.coro.error);
        }
        if (self->name != NULL)
            say("%s ready", self->name);
        if (self->reads)
            CHECK_INT(1, read(self->fd, &word, 1));
    }
    END;
}

/* It has begun to wait when this returns; once, if it does not say more. */
static void wait_for(struct waiter *waiter, const char *name, int fd,
                     short events)
{
    *waiter = (struct waiter){ CORO(waiter), .name = name, .fd = fd,
        .events = events, .reads = waiter->reads,
        .times = waiter->times > 0 ? waiter->times : 1 };
    task_create(&lab.loop, &waiter->task, name != NULL ? name : "-",
                &waiter->coro);
    turn(1);
}

static void stop(struct waiter *waiter)
{
    task_cancel(&waiter->task);
    turn(3);
    CHECK_CODE(E_CANCELLED, future_outcome(&waiter->task.future));
}

/* ---- Readiness. ---- */

TEST(a_word_wakes_who_waits_for_it)
{
    struct waiter a = { .reads = true };
    int fds[2];

    open_kept();
    socket_pair(fds);
    scene("A waits for a word; then one comes");
    wait_for(&a, "A", fds[0], POLLIN);
    turn(3);
    CHECK_LOG("");
    promise("the kernel is told that A waits");
    CHECK(epoll_ctl_calls > 0);
    write_word(fds[1]);
    turn(3);
    promise("the kernel tells that a word is there");
    CHECK(events_told > 0);
    promise("%s", "");
    CHECK_LOG("0 A ready\n");
    close_pair(fds);
    lab_close(&lab);
}

TEST(it_waits_as_long_as_it_is_told)
{
    open_kept();
    scene("wait(poller, 7), wait(poller, -1)");
    poller_wait(&lab.loop.poller, 7);
    CHECK_INT(7, last_timeout_ms);
    poller_wait(&lab.loop.poller, -1);
    CHECK_INT(-1, last_timeout_ms);
    lab_close(&lab);
}

/* One after the other; how many system calls all but the first have cost. */
static void hear_words(struct waiter *waiter, int fd, int words)
{
    for (int i = 0; i < words; i++) {
        if (i == 1)
            epoll_ctl_calls = 0;
        write_word(fd);
        turn(3);
        promise("each word wakes A once");
        CHECK_INT(words - 1 - i, waiter->times);
    }
}

TEST(who_waits_again_and_again_has_told_the_kernel_once)
{
    struct waiter a = { .reads = true, .times = 100 };
    int fds[2];

    open_kept();
    socket_pair(fds);
    scene("A waits for a word and reads it, a hundred times over");
    wait_for(&a, NULL, fds[0], POLLIN);
    hear_words(&a, fds[1], 100);
    promise("after the first word no system call but epoll_wait is needed");
    CHECK_INT(0, epoll_ctl_calls);
    promise("%s", "");
    close_pair(fds);
    lab_close(&lab);
}

TEST(a_word_left_in_the_socket_is_told_again)
{
    struct waiter a = { .reads = true, .times = 2 };
    int fds[2];

    open_kept();
    socket_pair(fds);
    scene("two words come; A waits, reads one, and waits again");
    wait_for(&a, "A", fds[0], POLLIN);
    CHECK_INT(2, write(fds[1], "ww", 2));
    turn(5);
    CHECK_LOG("0 A ready\n" "0 A ready\n");
    close_pair(fds);
    lab_close(&lab);
}

/* ---- Interest that grows. ---- */

TEST(who_waits_to_write_beside_a_reader_is_woken)
{
    struct waiter a = { .times = 1 }, b = { .times = 1 };
    int fds[2];

    open_kept();
    socket_pair(fds);
    scene("A waits to read, then B to write, on one socket with room");
    wait_for(&a, "A", fds[0], POLLIN);
    wait_for(&b, "B", fds[0], POLLOUT);
    turn(3);
    CHECK_LOG("0 B ready\n");
    write_word(fds[1]);
    turn(3);
    CHECK_LOG("0 A ready\n");
    close_pair(fds);
    lab_close(&lab);
}

TEST(a_writer_beside_a_reader_has_told_the_kernel_once)
{
    struct waiter a = { .times = 1 }, b = { .times = 100 };
    int fds[2];

    open_kept();
    socket_pair(fds);
    scene("A waits to read; B waits to write, a hundred times over");
    wait_for(&a, "A", fds[0], POLLIN);
    wait_for(&b, NULL, fds[0], POLLOUT);
    turn(2);
    epoll_ctl_calls = 0;
    turn(90);
    promise("what B waits for stays armed, though A alone waits when B is "
            "woken");
    CHECK_INT(0, epoll_ctl_calls);
    promise("B is woken in each turn");
    CHECK(b.times < 20);
    promise("%s", "");
    turn(20);
    stop(&a);
    close_pair(fds);
    lab_close(&lab);
}

/* ---- Interest that shrinks. ---- */

TEST(what_nobody_wants_any_more_is_told_once)
{
    struct waiter a = { .times = 1 }, b = { .times = 1 };
    int fds[2];

    open_kept();
    socket_pair(fds);
    scene("A waits to read, B has written and waits no more; 10 turns");
    wait_for(&a, "A", fds[0], POLLIN);
    wait_for(&b, "B", fds[0], POLLOUT);
    turn(3);
    CHECK_LOG("0 B ready\n");
    events_told = 0;
    turn(10);
    promise("room to write, which nobody waits for, is told once at most");
    CHECK_INT(0, beyond(1, events_told));
    promise("%s", "");
    write_word(fds[1]);
    turn(3);
    CHECK_LOG("0 A ready\n");
    close_pair(fds);
    lab_close(&lab);
}

TEST(a_word_that_nobody_waits_for_is_told_once)
{
    struct waiter a = { .times = 1 }, b = { .times = 1 };
    int fds[2], other[2];

    open_kept();
    socket_pair(fds);
    socket_pair(other);
    scene("A was woken and does not read; B waits elsewhere; 10 turns");
    wait_for(&b, "B", other[0], POLLIN);
    wait_for(&a, "A", fds[0], POLLIN);
    write_word(fds[1]);
    turn(3);
    CHECK_LOG("0 A ready\n");
    events_told = 0;
    turn(10);
    promise("a word that nobody waits for is told once at most");
    CHECK_INT(0, beyond(1, events_told));
    promise("%s", "");
    scene("A was woken, did not read, was silent, and waits again");
    wait_for(&a, "A", fds[0], POLLIN);
    turn(3);
    CHECK_LOG("0 A ready\n");
    stop(&b);
    close_pair(fds);
    close_pair(other);
    lab_close(&lab);
}

TEST(a_hang_up_that_nobody_waits_for_is_told_once)
{
    struct waiter a = { .times = 1 }, b = { .times = 1 };
    int fds[2], other[2];

    open_kept();
    socket_pair(fds);
    socket_pair(other);
    scene("A is woken by the end of its peer and waits no more; 10 turns");
    wait_for(&b, "B", other[0], POLLIN);
    wait_for(&a, "A", fds[0], POLLIN);
    net_close(&lab.loop, &fds[1]);
    turn(3);
    CHECK_LOG("0 A ready\n");
    events_told = 0;
    turn(10);
    promise("a hang-up that nobody waits for is told once at most");
    CHECK_INT(0, beyond(1, events_told));
    promise("%s", "");
    stop(&b);
    close_pair(fds);
    close_pair(other);
    lab_close(&lab);
}

/* ---- Numbers that are closed, and used again. ---- */

/* A pair whose first has just this number. */
static void pair_at(int number, int fds[static 2])
{
    socket_pair(fds);
    if (fds[1] == number) {
        fds[1] = fds[0];
        fds[0] = number;
    } else if (fds[0] != number) {
        CHECK_INT(number, dup2(fds[0], number));
        close(fds[0]);
        fds[0] = number;
    }
}

TEST(a_number_used_again_is_another_socket)
{
    struct waiter a = { .reads = true }, b = { .times = 1 };
    int fds[2], new[2], number;

    open_kept();
    socket_pair(fds);
    number = fds[0];
    scene("A's socket is closed; a new one gets its number, B waits for it");
    wait_for(&a, "A", fds[0], POLLIN);
    write_word(fds[1]);
    turn(2);
    CHECK_LOG("0 A ready\n");
    net_close(&lab.loop, &fds[0]);
    pair_at(number, new);
    wait_for(&b, "B", number, POLLIN);
    write_word(new[1]);
    turn(3);
    CHECK_LOG("0 B ready\n");
    close_pair(fds);
    close_pair(new);
    lab_close(&lab);
}

/* What was closed has another name, as after a fork, and lives on. */
TEST(a_closed_socket_that_lives_on_says_nothing)
{
    struct waiter a = { .reads = true }, b = { .times = 1 }, c = { .times = 1 };
    int fds[2], other[2], new[2], number, keep;

    open_kept();
    socket_pair(fds);
    socket_pair(other);
    number = fds[0];
    keep = dup(number);
    scene("A's socket is closed, and a dup of it lives on; then a word "
          "comes for it; C waits elsewhere; 10 turns");
    wait_for(&c, "C", other[0], POLLIN);
    wait_for(&a, "A", number, POLLIN);
    write_word(fds[1]);
    turn(2);
    CHECK_LOG("0 A ready\n");
    net_close(&lab.loop, &fds[0]);
    write_word(fds[1]);
    events_told = 0;
    turn(10);
    promise("of a number that is closed nothing is told");
    CHECK_INT(0, events_told);
    promise("%s", "");
    scene("a new socket gets that number, and B waits for it");
    pair_at(number, new);
    wait_for(&b, "B", number, POLLIN);
    turn(3);
    CHECK_LOG("");
    write_word(new[1]);
    turn(3);
    CHECK_LOG("0 B ready\n");
    stop(&c);
    close(keep);
    close_pair(fds);
    close_pair(other);
    close_pair(new);
    lab_close(&lab);
}

TEST(closing_what_nobody_waited_for_costs_nothing)
{
    struct waiter a = { .times = 1 };
    int fds[2], other[2], high;

    open_kept();
    socket_pair(fds);
    socket_pair(other);
    high = fcntl(other[0], F_DUPFD, 5 * POLLER_ROOM);
    wait_for(&a, "A", fds[0], POLLIN);
    epoll_ctl_calls = 0;
    close_pair(other);
    if (high >= 0) /* beyond what there is room for */
        net_close(&lab.loop, &high);
    promise("what is not armed need not be taken out");
    CHECK_INT(0, epoll_ctl_calls);
    promise("%s", "");
    stop(&a);
    close_pair(fds);
    lab_close(&lab);
}

/* ---- What epoll refuses, and what interrupts it. ---- */

TEST(a_regular_file_is_never_not_ready)
{
    struct waiter a = { .times = 1 }, b = { .times = 1 };
    FILE *file = tmpfile();

    CHECK(file != NULL);
    open_kept();
    scene("A waits to read a regular file, B to write it");
    wait_for(&a, "A", fileno(file), POLLIN);
    wait_for(&b, "B", fileno(file), POLLOUT);
    turn(3);
    CHECK_LOG("0 A ready\n" "0 B ready\n");
    lab_close(&lab);
    fclose(file);
}

TEST(what_epoll_refuses_is_raised_and_not_armed)
{
    struct waiter a = { .times = 1 }, b = { .times = 1 }, c = { .times = 1 };
    int fds[2], other[2], number;
    char text[64];

    open_kept();
    socket_pair(fds);
    socket_pair(other);
    wait_for(&c, "C", other[0], POLLIN);
    number = fds[0];
    close_pair(fds);
    scene("A waits for fd %d, which is closed", number);
    wait_for(&a, "A", number, POLLIN);
    turn(3);
    snprintf(text, sizeof text, "0 A: wait for fd %d: Bad file descriptor\n",
             number);
    CHECK_LOG(text);
    CHECK_CODE(EBADF, future_outcome(&a.task.future));
    scene("then a socket gets that number, and B waits for it");
    pair_at(number, fds);
    wait_for(&b, "B", number, POLLIN);
    write_word(fds[1]);
    turn(3);
    CHECK_LOG("0 B ready\n");
    stop(&c);
    close_pair(fds);
    close_pair(other);
    lab_close(&lab);
}

TEST(a_signal_is_no_event)
{
    struct waiter a = { .times = 1 };
    int fds[2];

    open_kept();
    socket_pair(fds);
    scene("epoll_wait is interrupted three times; then a word comes");
    wait_for(&a, "A", fds[0], POLLIN);
    signals_to_come = 3;
    turn(3);
    CHECK_LOG("");
    write_word(fds[1]);
    turn(3);
    CHECK_LOG("0 A ready\n");
    close_pair(fds);
    lab_close(&lab);
}

enum { CROWD = 2 * POLLER_ROOM };

TEST(more_that_are_ready_than_one_wait_holds_are_told_next_time)
{
    static struct waiter waiters[CROWD];
    static int fds[CROWD][2];
    struct rlimit limit;
    int left = 0;

    CHECK_INT(0, getrlimit(RLIMIT_NOFILE, &limit));
    if (limit.rlim_cur < 3 * CROWD)
        SKIP("%d descriptors are not allowed here", 3 * CROWD);
    open_kept();
    scene("%d sockets have a word each", CROWD);
    for (int i = 0; i < CROWD; i++) {
        socket_pair(fds[i]);
        waiters[i].reads = true;
        wait_for(&waiters[i], NULL, fds[i][0], POLLIN);
    }
    for (int i = 0; i < CROWD; i++)
        write_word(fds[i][1]);
    turn(CROWD + 3); /* at most POLLER_ROOM a turn may be one */
    for (int i = 0; i < CROWD; i++)
        left += waiters[i].times;
    promise("nobody is left waiting");
    CHECK_INT(0, left);
    promise("%s", "");
    for (int i = 0; i < CROWD; i++)
        close_pair(fds[i]);
    lab_close(&lab);
}

/* ---- Open. ---- */

TEST(the_epoll_is_closed_in_a_program_that_is_executed)
{
    open_kept();
    CHECK_INT(FD_CLOEXEC, fcntl(lab.loop.poller.fd, F_GETFD));
    lab_close(&lab);
}

TEST(without_descriptors_opening_it_fails)
{
    struct loop_options options = { .poller_type = &poller_kept };
    struct rlimit limit;
    struct error error;
    struct loop loop;
    int before;

    if (!HAVE_EPOLL)
        SKIP("epoll is Linux's");
    CHECK_INT(0, getrlimit(RLIMIT_NOFILE, &limit));
    before = (int)limit.rlim_cur;
    limit.rlim_cur = 0;
    CHECK_INT(0, setrlimit(RLIMIT_NOFILE, &limit));
    CHECK_CODE(EMFILE, loop_open(&loop, &options, &error));
    CHECK_STR("poller kept: Too many open files", error.text);
    limit.rlim_cur = (rlim_t)before;
    CHECK_INT(0, setrlimit(RLIMIT_NOFILE, &limit));
}

/* ---- The loop above does not notice. ---- */

struct fetch {
    struct coro coro;
    const char *name;
    struct session *session;
    char url[64];
    struct request request;
    struct task task;
};
ASYNC_DECLARE(fetch);

ASYNC(fetch)
{
    BEGIN;
    AWAIT(request, .session = self->session, .url = self->url);
    say("%s %d", self->name, self->request.response.status);
    response_close(&self->request.response);
    END;
}

struct fetching {
    struct coro coro;
    struct origin origin;
    struct session session;
    struct fetch fetches[4];
    struct cleanup shutting;
    size_t i;
};
ASYNC_DECLARE(fetching);

static void start_fetch(struct fetching *self, size_t i, const char *path)
{
    static const char *const names[] = { "A", "B", "C", "D" };
    struct fetch *fetch = &self->fetches[i];

    *fetch = (struct fetch){ CORO(fetch), .name = names[i],
                             .session = &self->session };
    snprintf(fetch->url, sizeof fetch->url, "http://127.0.0.1:%u/%s",
             self->origin.port, path);
    task_create(&lab.loop, &fetch->task, fetch->name, &fetch->coro);
}

/* Two connections for four requests, one of them closed by the server. */
ASYNC(fetching)
{
    static const char *const paths[] = { "delay/2", "delay/1", "bytes/99999",
                                         "delay/1" };
    struct session_options options = SESSION_DEFAULTS;

    BEGIN;
    if (origin_start(&self->origin, &lab.loop, "127.0.0.1", 0, &task->error))
        RERAISE(task->error.code);
    options.limit = 2;
    session_open(&self->session, &lab.loop, options);
    DEFER(&self->shutting, session_shut, &self->session);
    for (size_t i = 0; i < 4; i++)
        start_fetch(self, i, paths[i]);
    for (; self->i < 4; self->i++)
        AWAIT_FUTURE(&self->fetches[self->i].task.future);
    END;
}

/* $LAB_POLLER's first, which is what the others give, too. */
TEST(a_session_runs_on_it_as_on_the_others)
{
    static struct fetching fetching;

    may_sleep = true;
    for (int i = 0; i < 2; i++) {
        open_on(i == 0 ? NULL : &poller_kept);
        scene("GET A@2 s, B@1 s, C 99,999 bytes, D@1 s; two connections");
        fetching = (struct fetching){ CORO(fetching) };
        CHECK_CODE(0, lab_run(&lab, &fetching.coro));
        CHECK_LOG("1 B 200\n" "1 C 200\n" "2 A 200\n" "2 D 200\n");
        lab_close(&lab);
    }
}

struct asking {
    struct coro coro;
    struct executor executor;
    struct cleanup closing;
    int asked;
    struct in_thread in_thread;
};
ASYNC_DECLARE(asking);

static void count_one(void *number)
{
    ++*(int *)number;
}

static void nothing(void *arg)
{
    (void)arg;
}

ASYNC(asking)
{
    BEGIN;
    if (executor_open(&self->executor, &lab.loop, 1, &task->error) != 0)
        RERAISE(task->error.code);
    DEFER(&self->closing, executor_close, &self->executor);
    AWAIT(in_thread, .executor = &self->executor, .work = count_one,
          .discard = nothing, .arg = &self->asked);
    END;
}

/* The second executor's pipe has the numbers of the first's. */
TEST(threads_tell_it_when_they_are_done)
{
    static struct asking asking;

    may_sleep = true;
    if (!HAVE_EPOLL)
        SKIP("epoll is Linux's");
    lab_open_with(&lab, (struct loop_options){ .virtual_time = true,
        .poller_type = &poller_kept, .patience_ns = SECONDS(5) });
    for (int i = 0; i < 2; i++) {
        scene("an executor is opened, used and closed: number %d", i + 1);
        asking = (struct asking){ CORO(asking) };
        CHECK_CODE(0, lab_run(&lab, &asking.coro));
        CHECK_INT(1, asking.asked);
    }
    lab_close(&lab);
}

static const struct cause causes[] = {
    { NULL, { "loop_open: poller kept" },
      "open says that it failed: 0 is success, and the epoll's number goes "
      "into poller->fd", "row \"open\"" },
    { "a_word_wakes*", { "pointer to nowhere" },
      "wait takes from an event what was not put there: arm gives "
      "event.data.fd = fd, and the kernel gives that back",
      "row \"wait\"" },
    { "a_word_wakes*", { "No such file" },
      "MOD of an fd that is not in the epoll yet: ADD if nothing is armed for "
      "it", "row \"arm\"" },
    { "a_word_wakes*", { "the kernel is told that A waits" },
      "arm tells the kernel nothing: what poller_events says and `armed` does "
      "not goes into epoll_ctl", "row \"arm\"" },
    { "a_word_wakes*", { "the kernel tells that" },
      "the kernel is told something else than what A waits for: `events` is "
      "what poller_events says (EPOLLIN is POLLIN)", "row \"arm\"" },
    { "a_word_wakes*", { "yours      nothing more" },
      "what epoll_wait told does not reach poller_wait: event.data.fd says "
      "whose it is, the i-th event goes into fds[i], .fd and .revents, and "
      "wait returns how many there are",
      "row \"wait\"" },
    { "it_waits*", { "last_timeout_ms is" },
      "the time to wait is not handed on: the loop works it out from its "
      "timers, and epoll_wait takes it as it is", "row \"wait\"" },
    { "a_signal*", { "yours" },
      "-1 is taken for a number of events: interrupted by a signal, "
      "epoll_wait tells of none", "row \"wait\"" },
    { "a_word_left*", { "yours      nothing more" },
      "a word that was left is never told again: EPOLLET tells what comes, "
      "not what is there, and EPOLLONESHOT takes out what `armed` says is "
      "in", "row \"wait\"" },
    { "who_waits_to_write*", { "File exists" },
      "ADD of an fd that is in the epoll already: MOD if something is armed "
      "for it", "row \"arm\"" },
    { "who_waits_to_write*", { "yours      nothing more" },
      "an fd that is armed is left as it is: B wants more than is armed, so "
      "MOD to all that is wanted", "row \"arm\"" },
    { "who_waits_again*", { "epoll_ctl_calls is 1" },
      "with each wait the fd is disarmed and armed again: take out what the "
      "kernel told and nobody wanted, not what somebody was waiting for",
      "row \"wait\"" },
    { "who_waits_again*", { "epoll_ctl_calls is" },
      "each wait tells the kernel again: if all that is wanted is armed, arm "
      "has nothing to do (and no EPOLLONESHOT)", "row \"arm\"" },
    { "a_word_that*", { "events_told) is" },
      "what nobody wants stays armed, and is told in each turn: if "
      "poller_events does not want what came, arm what it wants; nothing is "
      "DEL", "row \"wait\"" },
    { "a_word_that*", { "waits again", "yours      nothing more" },
      "the fd is out of the epoll, and `armed` says that it is in: clear it "
      "with the DEL", "row \"wait\"" },
    { "a_word_that*", { "File exists" },
      "MOD to no events leaves the fd in the epoll, and the next ADD finds "
      "it there: nothing wanted is DEL", "row \"wait\"" },
    { "a_hang_up*", { "events_told) is" },
      "MOD to no events: errors and hang-ups are told unasked, for ever; only "
      "DEL is silence", "row \"wait\"" },
    { "what_nobody_wants*", { "events_told) is" },
      "POLLOUT stays armed beside a reader, and is told in each turn: MOD to "
      "what is wanted, not only DEL when nothing is", "row \"wait\"" },
    { "a_writer_beside*", { "epoll_ctl_calls is" },
      "arm also takes away: after each wake-up B's POLLOUT goes, and comes "
      "again with its next wait; arm only adds, wait takes away",
      "row \"arm\"" },
    { "a_number_used*", { "yours      nothing more" },
      "`armed` still speaks of the socket that was closed: the new one is in "
      "no epoll; forget clears it", "row \"forget\"" },
    { "a_closed_socket*", { "events_told is" },
      "the kernel was not told: it drops an fd only when its last dup is "
      "closed, and then nobody can take it out; DEL while it is open",
      "row \"forget\"" },
    { "closing_what*", { "epoll_ctl_calls is" },
      "every close costs a DEL: if nothing is armed, the kernel knows nothing "
      "of that fd", "row \"forget\"" },
    { "a_regular*", { "not permitted" },
      "EPERM is raised: epoll does not take regular files, because they are "
      "never not ready; wake the waiter", "row \"arm\"" },
    { "a_regular*", { "yours      nothing more" },
      "nobody looks at what epoll_ctl returns: EPERM is a regular file, wake "
      "the waiter; the rest are errors", "row \"arm\"" },
    { "what_epoll_refuses*", { "B waits for it", "yours      nothing more" },
      "`armed` says so though epoll_ctl refused: set it when that has "
      "succeeded", "row \"arm\"" },
    { "what_epoll_refuses*", { "yours        0 s  A ready" },
      "an error of epoll_ctl has no words, or is taken for EPERM: only EPERM "
      "wakes, any other is error_set_errno(error, errno, ...), and its code "
      "is returned", "row \"on error\"" },
    { "what_epoll_refuses*", { "yours        0 s  A: " },
      "the words are other than those of the contract: \"wait for fd %d\", "
      "and the errno of epoll_ctl", "row \"on error\"" },
    { "what_epoll_refuses*", { "yours      nothing more" },
      "an error of epoll_ctl is not raised, and A waits for ever: "
      "error_set_errno, and return its code", "row \"arm\"" },
    { "more_that_are*", { "index 128" },
      "epoll_wait may write more events than the array holds: ask for "
      "POLLER_ROOM at most, the rest comes next time", "row \"wait\"" },
    { "more_that_are*", { "memory" },
      "epoll_wait may write more events than the array holds: ask for "
      "POLLER_ROOM at most, the rest comes next time", "row \"wait\"" },
    { "the_epoll_is*", { "F_GETFD" },
      "the epoll lives on in a program that is executed: EPOLL_CLOEXEC",
      "row \"open\"" },
    { "without_descriptors*", { "yours" },
      "open does not look at what epoll_create1 returns: -1 is an error, and "
      "open returns errno", "row \"open\"" },
};

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        /* The heart of the exercise comes first. */
        ENTRY(a_word_wakes_who_waits_for_it),
        ENTRY(it_waits_as_long_as_it_is_told),
        ENTRY(a_signal_is_no_event),
        ENTRY(a_word_left_in_the_socket_is_told_again),
        ENTRY(who_waits_to_write_beside_a_reader_is_woken),
        ENTRY(who_waits_again_and_again_has_told_the_kernel_once),
        ENTRY(a_word_that_nobody_waits_for_is_told_once),
        ENTRY(a_hang_up_that_nobody_waits_for_is_told_once),
        ENTRY(what_nobody_wants_any_more_is_told_once),
        ENTRY(a_writer_beside_a_reader_has_told_the_kernel_once),
        ENTRY(a_number_used_again_is_another_socket),
        ENTRY(a_closed_socket_that_lives_on_says_nothing),
        ENTRY(closing_what_nobody_waited_for_costs_nothing),
        ENTRY(a_regular_file_is_never_not_ready),
        ENTRY(what_epoll_refuses_is_raised_and_not_armed),
        ENTRY(more_that_are_ready_than_one_wait_holds_are_told_next_time),
        ENTRY(the_epoll_is_closed_in_a_program_that_is_executed),
        ENTRY(without_descriptors_opening_it_fails),
        ENTRY(a_session_runs_on_it_as_on_the_others),
        ENTRY(threads_tell_it_when_they_are_done),
    };

    return lesson_main(argc, argv, &(struct lesson){
        "16_pollers", tests, COUNT(tests), causes, COUNT(causes) });
}
