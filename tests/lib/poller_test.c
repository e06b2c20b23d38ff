/* poller_test.c - readiness, the same by select, poll and epoll. Run once
 * for each, by $LAB_POLLER. */
#include "actors.h"

#include "faults.h"
#include "loop/net.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static bool poller_is(const struct lab *lab, const char *name)
{
    return strcmp(lab->loop.poller.type->name, name) == 0;
}

/* A task that waits for an fd and says so. */
struct waiter {
    struct coro coro;
    const char *name;
    int fd;
    short events;
    struct wait_fd wait_fd;
};

ASYNC(waiter)
{
    BEGIN;
    AWAIT(wait_fd, .fd = self->fd, .events = self->events);
    say("%s ready", self->name);
    END;
}

struct watcher {
    struct task task;
    struct waiter waiter;
};

static void watch(struct lab *lab, struct watcher *watcher, const char *name,
                  int fd, short events)
{
    START(lab, waiter, watcher, .name = name, .fd = fd, .events = events);
}

static int outcome(struct lab *lab, struct watcher *watcher)
{
    run_dry(lab);
    return future_outcome(&watcher->task.future);
}

static void write_byte(int fd)
{
    CHECK_INT(1, write(fd, "x", 1));
}

static void close_pair(int fds[static 2])
{
    close(fds[0]);
    close(fds[1]);
}

/* --- Readiness ----------------------------------------------------------- */

TEST(a_socket_with_bytes_is_readable)
{
    struct watcher a;
    struct lab lab;
    int fds[2];

    socket_pair(fds);
    lab_open(&lab);
    watch(&lab, &a, "A", fds[0], POLLIN);
    settle(&lab);
    CHECK_LOG("");
    write_byte(fds[1]);
    CHECK_CODE(0, outcome(&lab, &a));
    CHECK_LOG("0 A ready\n");
    lab_close(&lab);
    close_pair(fds);
}

TEST(a_socket_with_room_is_writable_and_a_full_one_is_not)
{
    static char block[4096];
    struct watcher a;
    struct lab lab;
    int fds[2];

    socket_pair(fds);
    lab_open(&lab);
    watch(&lab, &a, "A", fds[0], POLLOUT);
    CHECK_CODE(0, outcome(&lab, &a));
    while (write(fds[0], block, sizeof block) > 0)
        continue;
    watch(&lab, &a, "B", fds[0], POLLOUT);
    settle(&lab);
    CHECK_LOG("0 A ready\n");
    while (read(fds[1], block, sizeof block) > 0)
        continue;
    CHECK_CODE(0, outcome(&lab, &a));
    CHECK_LOG("0 B ready\n");
    lab_close(&lab);
    close_pair(fds);
}

TEST(the_end_of_a_stream_is_readiness)
{
    struct watcher a, b;
    struct lab lab;
    int fds[2];

    socket_pair(fds);
    lab_open(&lab);
    watch(&lab, &a, "half", fds[0], POLLIN);
    settle(&lab);
    shutdown(fds[1], SHUT_WR);
    CHECK_CODE(0, outcome(&lab, &a));
    watch(&lab, &b, "gone", fds[0], POLLIN);
    close(fds[1]);
    CHECK_CODE(0, outcome(&lab, &b));
    CHECK_LOG("0 half ready\n0 gone ready\n");
    lab_close(&lab);
    close(fds[0]);
}

/* poll says POLLHUP and no POLLIN here: who looks at POLLIN only misses
 * the end of a pipe. */
TEST(a_hang_up_without_input_wakes_the_reader)
{
    struct watcher a;
    struct lab lab;
    int fds[2];

    CHECK_INT(0, pipe(fds));
    lab_open(&lab);
    watch(&lab, &a, "A", fds[0], POLLIN);
    settle(&lab);
    close(fds[1]);
    CHECK_CODE(0, outcome(&lab, &a));
    CHECK_LOG("0 A ready\n");
    lab_close(&lab);
    close(fds[0]);
}

TEST(a_pipe_without_a_reader_wakes_the_writer)
{
    static char block[4096];
    struct watcher a;
    struct lab lab;
    int fds[2];

    CHECK_INT(0, pipe(fds));
    CHECK_INT(0, fcntl(fds[1], F_SETFL, O_NONBLOCK));
    while (write(fds[1], block, sizeof block) > 0)
        continue;
    lab_open(&lab);
    watch(&lab, &a, "A", fds[1], POLLOUT);
    settle(&lab);
    CHECK_LOG("");
    close(fds[0]);
    CHECK_CODE(0, outcome(&lab, &a));
    lab_close(&lab);
    close(fds[1]);
}

TEST(a_regular_file_is_always_ready)
{
    struct watcher in, out;
    FILE *file = tmpfile();
    struct lab lab;

    CHECK(file != NULL);
    lab_open(&lab);
    watch(&lab, &in, "in", fileno(file), POLLIN);
    watch(&lab, &out, "out", fileno(file), POLLOUT);
    CHECK_CODE(0, outcome(&lab, &in));
    CHECK_CODE(0, outcome(&lab, &out));
    CHECK_LOG("0 in ready\n0 out ready\n");
    lab_close(&lab);
    fclose(file);
}

/* --- Several watches ----------------------------------------------------- */

TEST(two_watches_on_one_fd_both_wake_oldest_first)
{
    struct watcher a, b;
    struct lab lab;
    int fds[2];

    socket_pair(fds);
    lab_open(&lab);
    watch(&lab, &a, "A", fds[0], POLLIN);
    watch(&lab, &b, "B", fds[0], POLLIN);
    settle(&lab);
    write_byte(fds[1]);
    CHECK_CODE(0, outcome(&lab, &a));
    CHECK_CODE(0, outcome(&lab, &b));
    CHECK_LOG("0 A ready\n0 B ready\n");
    lab_close(&lab);
    close_pair(fds);
}

TEST(a_reader_is_still_watched_after_the_writer_was_woken)
{
    struct watcher in, out;
    struct lab lab;
    int fds[2];

    socket_pair(fds);
    lab_open(&lab);
    watch(&lab, &in, "in", fds[0], POLLIN);
    watch(&lab, &out, "out", fds[0], POLLOUT);
    loop_turn(&lab.loop, false);
    settle(&lab);
    loop_turn(&lab.loop, false);
    settle(&lab);
    CHECK_LOG("0 out ready\n");
    write_byte(fds[1]);
    CHECK_CODE(0, outcome(&lab, &in));
    CHECK_CODE(0, outcome(&lab, &out));
    lab_close(&lab);
    close_pair(fds);
}

/* The reader is cancelled, the writer on the same fd is not. */
TEST(cancelling_one_watch_leaves_the_other_on_the_same_fd)
{
    struct watcher a, b;
    struct lab lab;
    int fds[2];

    socket_pair(fds);
    lab_open(&lab);
    watch(&lab, &a, "A", fds[0], POLLIN);
    watch(&lab, &b, "B", fds[0], POLLIN);
    settle(&lab);
    CHECK_INT(2, lab.loop.poller.count);
    task_cancel(&a.task);
    settle(&lab);
    CHECK_INT(1, lab.loop.poller.count);
    CHECK(poller_watches(&lab.loop.poller, fds[0]));
    write_byte(fds[1]);
    CHECK_CODE(0, outcome(&lab, &b));
    CHECK_CODE(E_CANCELLED, outcome(&lab, &a));
    CHECK(!poller_watches(&lab.loop.poller, fds[0]));
    CHECK_LOG("0 B ready\n");
    lab_close(&lab);
    close_pair(fds);
}

TEST(cancelled_in_the_turn_in_which_its_fd_is_ready_it_ends_cancelled)
{
    struct watcher a;
    struct lab lab;
    int fds[2];

    socket_pair(fds);
    lab_open(&lab);
    watch(&lab, &a, "A", fds[0], POLLIN);
    settle(&lab);
    write_byte(fds[1]);
    task_cancel(&a.task);
    CHECK_CODE(E_CANCELLED, outcome(&lab, &a));
    CHECK_LOG("");
    lab_close(&lab);
    close_pair(fds);
}

enum { PAIRS = 500 };

TEST(five_hundred_sockets_at_once)
{
    static struct watcher watchers[PAIRS];
    static int fds[PAIRS][2];
    struct rlimit limit;
    struct lab lab;

    CHECK_INT(0, getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = limit.rlim_max < 2048 ? limit.rlim_max : 2048;
    CHECK_INT(0, setrlimit(RLIMIT_NOFILE, &limit));
    lab_open(&lab);
    for (int i = 0; i < PAIRS; i++) {
        socket_pair(fds[i]);
        if (poller_is(&lab, "select") && fds[i][1] >= FD_SETSIZE)
            SKIP("too many fds are open already");
        watch(&lab, &watchers[i], "-", fds[i][0], POLLIN);
    }
    settle(&lab);
    for (int i = PAIRS - 1; i >= 0; i--)
        write_byte(fds[i][1]);
    for (int i = 0; i < PAIRS; i++) {
        CHECK_CODE(0, outcome(&lab, &watchers[i]));
        close_pair(fds[i]);
    }
    lab_close(&lab);
}

/* poll() refuses more entries than RLIMIT_NOFILE; two watches an fd get
 * there with half as many fds. It must not spin on the error. */
TEST(more_watches_than_fds_are_allowed_still_work)
{
    static struct watcher watchers[2 * 40];
    struct rlimit limit;
    int fds[2], more[40];
    struct lab lab;

    CHECK_INT(0, getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = 64;
    CHECK_INT(0, setrlimit(RLIMIT_NOFILE, &limit));
    socket_pair(fds);
    lab_open(&lab);
    for (int i = 0; i < 40; i++) {
        more[i] = dup(fds[0]);
        CHECK(more[i] >= 0);
        watch(&lab, &watchers[2 * i], "-", more[i], POLLIN);
        watch(&lab, &watchers[2 * i + 1], "-", more[i], POLLIN);
    }
    settle(&lab);
    write_byte(fds[1]);
    for (int i = 0; i < 80; i++)
        CHECK_CODE(0, outcome(&lab, &watchers[i]));
    for (int i = 0; i < 40; i++)
        close(more[i]);
    lab_close(&lab);
    close_pair(fds);
}

/* --- fds that are not what they seem ------------------------------------- */

TEST(waiting_for_a_closed_fd_raises_ebadf_with_its_number)
{
    char text[64];
    struct watcher a, b;
    struct lab lab;
    int fds[2], other[2];

    socket_pair(fds);
    socket_pair(other);
    lab_open(&lab);
    close(fds[0]); /* now, or the poller's own fd would get the number */
    watch(&lab, &a, "A", fds[0], POLLIN);
    watch(&lab, &b, "B", other[0], POLLIN);
    settle(&lab);
    loop_turn(&lab.loop, false);
    settle(&lab);
    CHECK_CODE(EBADF, future_outcome(&a.task.future));
    snprintf(text, sizeof text, "wait for fd %d: Bad file descriptor",
             fds[0]);
    CHECK_STR(text, a.task.error.text);
    /* And only that one: the other goes on waiting. */
    CHECK(!future_done(&b.task.future));
    write_byte(other[1]);
    CHECK_CODE(0, outcome(&lab, &b));
    lab_close(&lab);
    close(fds[1]);
    close_pair(other);
}

/* By close(), not net_close, which would have refused. epoll forgets such an
 * fd without a word. */
TEST(an_fd_closed_behind_the_loop_s_back_raises_ebadf)
{
    const char *poller = getenv("LAB_POLLER");
    struct watcher a, b;
    struct lab lab;
    int fds[2], other[2];

    if (poller != NULL && strcmp(poller, "epoll") == 0)
        return;
    socket_pair(fds);
    socket_pair(other);
    lab_open(&lab);
    watch(&lab, &a, "A", fds[0], POLLIN);
    watch(&lab, &b, "B", other[0], POLLIN);
    loop_turn(&lab.loop, false);
    close(fds[0]);
    for (int i = 0; i < 4; i++)
        loop_turn(&lab.loop, false);
    CHECK_CODE(EBADF, future_outcome(&a.task.future));
    CHECK(!future_done(&b.task.future));
    write_byte(other[1]);
    CHECK_CODE(0, outcome(&lab, &b));
    lab_close(&lab);
    close(fds[1]);
    close_pair(other);
}

TEST(waiting_for_fd_minus_one_raises_ebadf)
{
    struct watcher a;
    struct lab lab;

    lab_open(&lab);
    watch(&lab, &a, "A", -1, POLLIN);
    CHECK_CODE(EBADF, outcome(&lab, &a));
    CHECK_STR("wait for fd -1: Bad file descriptor", a.task.error.text);
    lab_close(&lab);
}

TEST(an_fd_beyond_FD_SETSIZE_is_refused_by_select_alone)
{
    struct watcher a;
    struct rlimit limit;
    struct lab lab;
    char text[64];
    int fds[2], high;

    CHECK_INT(0, getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = limit.rlim_max < 2048 ? limit.rlim_max : 2048;
    CHECK_INT(0, setrlimit(RLIMIT_NOFILE, &limit));
    socket_pair(fds);
    high = fcntl(fds[0], F_DUPFD, 1500);
    if (high < 0)
        SKIP("no fd 1500 here");
    lab_open(&lab);
    watch(&lab, &a, "A", high, POLLIN);
    write_byte(fds[1]);
    snprintf(text, sizeof text, "fd %d is beyond FD_SETSIZE %d (select "
             "poller)", high, FD_SETSIZE);
    if (poller_is(&lab, "select")) {
        CHECK_CODE(EINVAL, outcome(&lab, &a));
        CHECK_STR(text, a.task.error.text);
    } else {
        CHECK_CODE(0, outcome(&lab, &a));
    }
    CHECK_INT(0, lab.loop.poller.count);
    lab_close(&lab);
    close(high);
    close_pair(fds);
}

/* The old socket was watched, cancelled and closed; the new one gets its
 * number. What epoll remembers of the old one must not matter. */
TEST(a_number_used_again_after_close_is_a_new_fd)
{
    struct watcher a, b;
    struct lab lab;
    int old[2], new[2], keep;

    socket_pair(old);
    keep = dup(old[0]); /* the old description lives on */
    lab_open(&lab);
    watch(&lab, &a, "old", old[0], POLLIN);
    settle(&lab);
    task_cancel(&a.task);
    settle(&lab);
    CHECK_CODE(E_CANCELLED, future_outcome(&a.task.future));
    close(old[0]);
    socket_pair(new);
    if (new[0] != old[0])
        CHECK_INT(old[0], dup2(new[0], old[0]));
    watch(&lab, &b, "new", old[0], POLLIN);
    settle(&lab);
    loop_turn(&lab.loop, false);
    CHECK_LOG("");
    write_byte(new[1]);
    CHECK_CODE(0, outcome(&lab, &b));
    CHECK_LOG("0 new ready\n");
    lab_close(&lab);
    if (new[0] != old[0])
        close(old[0]);
    close(keep);
    close(old[1]);
    close_pair(new);
}

static int forgotten = -1;

static void note_forgotten(struct poller *poller, int fd)
{
    CHECK(!poller_watches(poller, fd));
    forgotten = fd;
}

/* What it keeps of an fd stays when the table grows. */
TEST(a_type_of_one_s_own_is_told_of_a_close)
{
    struct poller_type own = poller_poll;
    struct watcher a, b;
    struct lab lab;
    int fds[2], high, number;

    own.forget = note_forgotten;
    socket_pair(fds);
    number = fds[0];
    high = fcntl(fds[1], F_DUPFD, 5 * POLLER_ROOM);
    if (high < 0)
        SKIP("no fd %d here", 5 * POLLER_ROOM);
    lab_open_with(&lab, (struct loop_options){ .virtual_time = true,
        .poller_type = &own, .poller = "its name does not matter" });
    watch(&lab, &a, "A", number, POLLIN);
    settle(&lab);
    net_close(&lab.loop, &high); /* too high to be in the table: not told */
    CHECK_INT(-1, forgotten);
    lab.loop.poller.on_fd[number].armed = POLLIN;
    high = fcntl(fds[1], F_DUPFD, 5 * POLLER_ROOM);
    watch(&lab, &b, "B", high, POLLOUT);
    CHECK_CODE(0, outcome(&lab, &b));
    CHECK_INT(POLLIN, lab.loop.poller.on_fd[number].armed);
    write_byte(fds[1]);
    CHECK_CODE(0, outcome(&lab, &a));
    net_close(&lab.loop, &fds[0]);
    CHECK_INT(number, forgotten);
    lab_close(&lab);
    close(high);
    close(fds[1]);
}

/* --- Time, signals and fairness ------------------------------------------ */

static void say_timer(struct callback *callback)
{
    (void)callback;
    say("timer");
}

/* Callbacks, not tasks: a sleeper would come a turn after its timer. */
TEST(old_work_then_sockets_then_timers__L03)
{
    struct note old, ready;
    struct timer timer;
    struct error error;
    struct watch watch;
    struct lab lab;
    int fds[2];

    socket_pair(fds);
    lab_open(&lab);
    note_init(&old, &lab, "old work");
    note_init(&ready, &lab, "socket");
    CHECK_INT(0, timer_start(&lab.loop, &timer, 0, say_timer));
    CHECK_INT(0, watch_start(&lab.loop, &watch, fds[0], POLLIN, &error));
    future_add_callback(&watch.ready, &ready.callback);
    write_byte(fds[1]);
    loop_call_soon(&lab.loop, &old.callback);
    loop_turn(&lab.loop, true);
    CHECK_LOG("0 old work\n0 socket\n0 timer\n");
    lab_close(&lab);
    close_pair(fds);
}

static void again(struct note *note)
{
    loop_call_soon(note->loop, &note->callback);
}

TEST(sockets_are_served_though_work_is_always_ready__L02)
{
    struct watcher a;
    struct note busy;
    struct lab lab;
    int fds[2];

    socket_pair(fds);
    lab_open(&lab);
    note_init(&busy, &lab, "busy");
    busy.then = again;
    loop_call_soon(&lab.loop, &busy.callback);
    watch(&lab, &a, "A", fds[0], POLLIN);
    loop_turn(&lab.loop, true);
    write_byte(fds[1]);
    loop_turn(&lab.loop, true);
    loop_turn(&lab.loop, true);
    CHECK_LOG("0 busy\n0 busy\n0 A ready\n0 busy\n");
    CHECK(future_done(&a.task.future));
    loop_call_cancel(&lab.loop, &busy.callback);
    lab_close(&lab);
    close_pair(fds);
}

TEST(with_virtual_time_bytes_under_way_come_before_the_next_timer)
{
    struct watcher a;
    struct actor b;
    struct lab lab;
    int fds[2];

    socket_pair(fds);
    lab_open(&lab);
    watch(&lab, &a, "A", fds[0], POLLIN);
    START(&lab, nap, &b, .name = "B", .delay_ns = SECONDS(1));
    settle(&lab);
    write_byte(fds[1]);
    run_dry(&lab);
    CHECK_LOG("0 B starts\n0 A ready\n1 B ends\n");
    lab_close(&lab);
    close_pair(fds);
}

/* A child that does something to our sockets after a while of real time. */
static pid_t after_ms(int ms, int fd, int signal_number, int times)
{
    struct timespec pause = { 0, ms * 1000000L };
    pid_t parent = getpid(), pid = fork();

    if (pid != 0)
        return pid;
    for (int i = 0; i < times; i++) {
        nanosleep(&pause, NULL);
        if (signal_number != 0)
            kill(parent, signal_number);
    }
    if (fd >= 0 && write(fd, "x", 1) != 1)
        _exit(1);
    _exit(0);
}

static void reap(pid_t pid)
{
    int status = -1;

    while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
        continue; /* its last signal */
    CHECK_INT(0, status);
}

static void ignore(int number)
{
    (void)number;
}

/* A handler without SA_RESTART: poll returns EINTR. */
static void catch_usr1(void)
{
    struct sigaction action = { .sa_handler = ignore };

    sigemptyset(&action.sa_mask);
    CHECK_INT(0, sigaction(SIGUSR1, &action, NULL));
}

TEST(a_poll_broken_off_by_signals_goes_on_with_the_time_left)
{
    struct faults faults;
    struct actor a;
    struct watcher b;
    struct lab lab;
    int64_t due;
    int fds[2];
    pid_t pid;

    socket_pair(fds);
    catch_usr1();
    faults_open(&faults); /* surely; and for epoll, most likely, by a child */
    faults_fail(&faults, CALL_POLL, EINTR, 3);
    faults_fail(&faults, CALL_SELECT, EINTR, 3);
    lab_open_with(&lab, (struct loop_options){ .sys = faults.sys });
    START(&lab, nap, &a, .name = "A", .delay_ns = MILLISECONDS(40));
    watch(&lab, &b, "B", fds[0], POLLIN);
    settle(&lab);
    due = a.nap.sleep.timer.when;
    pid = after_ms(3, -1, SIGUSR1, 5);
    CHECK_CODE(0, loop_run_until(&lab.loop, &a.task.future));
    CHECK(loop_now(&lab.loop) >= due);
    CHECK(!future_done(&b.task.future)); /* no signal made it ready */
    task_cancel(&b.task);
    settle(&lab);
    reap(pid);
    lab_close(&lab);
    close_pair(fds);
}

TEST(a_signal_is_not_a_deadlock_in_virtual_time)
{
    struct watcher a;
    struct lab lab;
    int fds[2];
    pid_t pid;

    socket_pair(fds);
    catch_usr1();
    lab_open(&lab);
    watch(&lab, &a, "A", fds[0], POLLIN);
    settle(&lab);
    pid = after_ms(5, fds[1], SIGUSR1, 4);
    CHECK_CODE(0, loop_run_until(&lab.loop, &a.task.future));
    reap(pid);
    lab_close(&lab);
    close_pair(fds);
}

/* epoll leaves a cancelled watch armed; its event wakes nobody, once: told
 * again and again, the loop would not sleep until the other one comes. */
TEST(an_event_nobody_waits_for_is_not_a_deadlock_in_virtual_time)
{
    struct watcher a, b;
    struct lab lab;
    int one[2], two[2], polls;
    pid_t pid;

    socket_pair(one);
    socket_pair(two);
    lab_open(&lab);
    watch(&lab, &a, "A", one[0], POLLIN);
    watch(&lab, &b, "B", two[0], POLLIN);
    settle(&lab);
    task_cancel(&a.task);
    settle(&lab);
    write_byte(one[1]);
    polls = lab.polls;
    pid = after_ms(20, two[1], 0, 1);
    CHECK_CODE(0, loop_run_until(&lab.loop, &b.task.future));
    CHECK(lab.polls - polls <= 10);
    reap(pid);
    lab_close(&lab);
    close_pair(one);
    close_pair(two);
}

/* Reads one byte a call from a socket that always has more. */
struct greedy {
    struct coro coro;
    const char *name;
    int fd;
    int reads;
    char byte;
    struct sock_recv sock_recv;
};

ASYNC(greedy)
{
    BEGIN;
    for (;;) {
        AWAIT(sock_recv, .fd = self->fd, .buffer = &self->byte, .size = 1);
        if (self->sock_recv.received == 0)
            RETURN();
        self->reads++;
    }
    END;
}

TEST(a_busy_socket_starves_neither_timers_nor_tasks)
{
    static char block[1000];
    struct { struct task task; struct greedy greedy; } a;
    struct actor b;
    struct lab lab;
    int fds[2];

    socket_pair(fds);
    CHECK_INT(sizeof block, write(fds[1], block, sizeof block));
    shutdown(fds[1], SHUT_WR);
    lab_open(&lab);
    START(&lab, greedy, &a, .name = "greedy", .fd = fds[0]);
    START(&lab, spin, &b, .name = "B", .turns = 2);
    loop_turn(&lab.loop, true);
    CHECK(a.greedy.reads > 0 && a.greedy.reads <= LOOP_BUDGET);
    CHECK_LOG("0 B 1\n");
    loop_turn(&lab.loop, true); /* the read it yielded before, and 64 */
    CHECK(a.greedy.reads <= 2 * LOOP_BUDGET + 1);
    CHECK_LOG("0 B 2\n");
    run_dry(&lab);
    CHECK_INT(sizeof block, a.greedy.reads);
    lab_close(&lab);
    close_pair(fds);
}

static void starve(bool virtual_time)
{
    static char block[1000];
    struct { struct task task; struct greedy greedy; } a;
    struct actor b;
    struct lab lab;
    int fds[2];

    socket_pair(fds);
    CHECK_INT(sizeof block, write(fds[1], block, sizeof block));
    lab_open_with(&lab, (struct loop_options){ .virtual_time
                                                   = virtual_time });
    START(&lab, nap, &b, .name = "B", .delay_ns = 1);
    START(&lab, greedy, &a, .name = "greedy", .fd = fds[0]);
    loop_turn(&lab.loop, true);
    lab.loop.now_ns = 1;
    for (int i = 0; i < 4; i++)
        loop_turn(&lab.loop, true);
    CHECK(future_done(&b.task.future));
    CHECK(a.greedy.reads < (int)sizeof block);
    CHECK(!future_done(&a.task.future));
    shutdown(fds[1], SHUT_WR);
    run_dry(&lab);
    lab_close(&lab);
    close_pair(fds);
}

TEST(a_busy_socket_does_not_delay_a_timer)
{
    starve(true);
    starve(false);
}

TEST(without_memory_waiting_for_an_fd_is_an_error)
{
    struct faults faults;
    struct watcher a;
    struct lab lab;
    int fds[2];

    socket_pair(fds);
    faults_open(&faults);
    lab_open_with(&lab, (struct loop_options){ .virtual_time = true,
                                               .sys = faults.sys });
    faults_fail(&faults, CALL_RESIZE, ENOMEM, 1);
    watch(&lab, &a, "a", fds[0], POLLOUT);
    CHECK_CODE(ENOMEM, outcome(&lab, &a));
    watch(&lab, &a, "a", fds[0], POLLOUT);
    CHECK_CODE(0, outcome(&lab, &a));
    CHECK_LOG("0 a ready\n");
    lab_close(&lab);
    close_pair(fds);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(a_socket_with_bytes_is_readable),
        ENTRY(a_socket_with_room_is_writable_and_a_full_one_is_not),
        ENTRY(the_end_of_a_stream_is_readiness),
        ENTRY(a_hang_up_without_input_wakes_the_reader),
        ENTRY(a_pipe_without_a_reader_wakes_the_writer),
        ENTRY(a_regular_file_is_always_ready),
        ENTRY(two_watches_on_one_fd_both_wake_oldest_first),
        ENTRY(a_reader_is_still_watched_after_the_writer_was_woken),
        ENTRY(cancelling_one_watch_leaves_the_other_on_the_same_fd),
        ENTRY(cancelled_in_the_turn_in_which_its_fd_is_ready_it_ends_cancelled),
        ENTRY(five_hundred_sockets_at_once),
        ENTRY(more_watches_than_fds_are_allowed_still_work),
        ENTRY(waiting_for_a_closed_fd_raises_ebadf_with_its_number),
        ENTRY(an_fd_closed_behind_the_loop_s_back_raises_ebadf),
        ENTRY(waiting_for_fd_minus_one_raises_ebadf),
        ENTRY(an_fd_beyond_FD_SETSIZE_is_refused_by_select_alone),
        ENTRY(a_number_used_again_after_close_is_a_new_fd),
        ENTRY(a_type_of_one_s_own_is_told_of_a_close),
        ENTRY(old_work_then_sockets_then_timers__L03),
        ENTRY(sockets_are_served_though_work_is_always_ready__L02),
        ENTRY(with_virtual_time_bytes_under_way_come_before_the_next_timer),
        ENTRY(a_poll_broken_off_by_signals_goes_on_with_the_time_left),
        ENTRY(a_signal_is_not_a_deadlock_in_virtual_time),
        ENTRY(an_event_nobody_waits_for_is_not_a_deadlock_in_virtual_time),
        ENTRY(a_busy_socket_starves_neither_timers_nor_tasks),
        ENTRY(a_busy_socket_does_not_delay_a_timer),
        ENTRY(without_memory_waiting_for_an_fd_is_an_error),
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
