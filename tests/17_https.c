/* 17_https.c - promises of lesson 17: a child is two fds, whatever it does
 * it is reaped, and nobody waits for it; over one that speaks TLS a session
 * works as over any socket, and believes nothing that was not proved.
 *
 * The children are support/child_program.c. They live in real time: a loop
 * with virtual time waits for them as long as no timer runs, and where one
 * does the clock stands still unless the test moves it.
 */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* wait4 */
#endif
#include "17_https/child.h"
#include "17_https/https.h"
#include "17_https/tls_words.h"

#include "10_timeout/client_timeout.h"
#include "assassin.h"
#include "check.h"
#include "stage/origin.h"
#include "sys.h"
#include "verdict.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Real time for a child to do what it does, before the verdict is that it
 * never will: an eighth of it if all that are left sleep. */
#define PATIENCE SECONDS(4)

static const char *const child_program = CHILD_PROGRAM;
static struct lab lab;
static struct sys sys;

static int64_t clock_ns, clock_step;

static int64_t stands_still(void)
{
    clock_ns += clock_step;
    return clock_ns;
}

/* Linux: what a child has done so far, in page faults and ticks; or a number
 * that it never was before, for one that is not asleep or dead. */
static unsigned long deeds(int pid)
{
    static unsigned long busy;
    unsigned long faults = 0, user = 0, system = 0;
    char path[64], line[512] = "", state = 'R';
    FILE *stat;

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    stat = fopen(path, "r");
    if (stat != NULL && fgets(line, sizeof line, stat) != NULL)
        (void)sscanf(strrchr(line, ')') + 1, " %c %*d %*d %*d %*d %*d %*u "
                     "%lu %*u %*u %*u %lu %lu", &state, &faults, &user,
                     &system);
    if (stat != NULL)
        fclose(stat);
    return strchr("SZ", state) != NULL ? faults + user + system : --busy;
}

/* All children sleep, and have slept since it was asked before. Where nobody
 * can tell, they do not. */
static bool all_sleep(void)
{
    static unsigned long before;
    FILE *children = fopen("/proc/thread-self/children", "r");
    unsigned long now = 1, last = before;
    int pid;

    if (children == NULL)
        return false;
    while (fscanf(children, "%d", &pid) == 1)
        now = now * 31 + deeds(pid);
    fclose(children);
    before = now;
    return now == last;
}

static int64_t clock_of_patience(void)
{
    return patient_now(all_sleep());
}

/* Signals that come while somebody waits for a child that has not ended. */
static int signals;

/* The libc's, but for those: no test could be as quick as the kernel. */
pid_t waitpid(pid_t pid, int *status, int options)
{
    if (signals > 0 && !(options & WNOHANG)) {
        signals--;
        errno = EINTR;
        return -1;
    }
    return wait4(pid, status, options, NULL);
}

static void open_world(bool virtual_time)
{
    signals = 0;
    sys = sys_real;
    clock_ns = clock_step = 0;
    sys.now = virtual_time ? clock_of_patience : stands_still;
    lab_open_with(&lab, (struct loop_options){ .sys = &sys,
        .virtual_time = virtual_time, .patience_ns = PATIENCE / PATIENT });
}

/* No child is left, dead or alive. */
static void check_no_child(void)
{
    promise("no child is left, neither running nor as a zombie");
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
    promise("%s", "");
}

static void run_world(int code, struct coro *main)
{
    CHECK_CODE(code, lab_run(&lab, main));
    check_no_child();
    lab_close(&lab);
}

/* ---- Children. ---- */

static struct kept {
    struct child child;
    struct child_wait child_wait;
    struct task task;
    char said[64]; /* the last of it */
    size_t length; /* of all of it   */
    struct future spoke;
} kept[3];

static void heard(struct child *child, const char *piece, size_t size)
{
    struct kept *self = CONTAINER(child, struct kept, child);
    size_t room = sizeof self->said - 1, used = strlen(self->said);

    promise("heard is told what has come, and no more");
    CHECK(size > 0 && memchr(piece, '\0', size) == NULL);
    promise("%s", "");
    self->length += size;
    (void)future_set_result(&self->spoke); /* or it is done already */
    if (size > room - used) {
        used = 0;
        piece += size > room ? size - room : 0;
        size = size > room ? room : size;
    }
    memcpy(self->said + used, piece, size);
    self->said[used + size] = '\0';
}

static int try_start(int i, const char *program, const char *what,
                     const char *much, struct error *error)
{
    const char *argv[] = { program, "child", what, much, NULL };

    memset(&kept[i], 0, sizeof kept[i]);
    return child_start(&kept[i].child, &lab.loop, argv, error);
}

static struct child *start(int i, const char *what, const char *much)
{
    static const char *const names[] = { "child A", "child B", "child C" };
    struct error error;

    CHECK_CODE(0, try_start(i, child_program, what, much, &error));
    kept[i].child_wait = (struct child_wait){ CORO(child_wait),
        .child = &kept[i].child, .heard = heard };
    future_init(&kept[i].spoke, &lab.loop, FUTURE_PLAIN);
    task_create(&lab.loop, &kept[i].task, names[i],
                &kept[i].child_wait.coro);
    return &kept[i].child;
}

/* How a child ended, and what it said. */
static void say_end(int i)
{
    const struct child *child = &kept[i].child;

    if (child->pid != 0)
        say("%c is still running", 'A' + i);
    else if (WIFSIGNALED(child->status))
        say("%c \"%s\", killed by signal %d", 'A' + i, kept[i].said,
            WTERMSIG(child->status));
    else
        say("%c \"%s\", exit status %d", 'A' + i, kept[i].said,
            WEXITSTATUS(child->status));
}

#define SCRIPT(name) struct name { struct coro coro; int i;               \
    struct sock_recv sock_recv; struct sock_sendall sock_sendall;         \
    struct sleep sleep; char bytes[256]; };                               \
    ASYNC_DECLARE(name); ASYNC(name)

#define RUN_CODE(code, name) do { static struct name name;                \
    memset(&name, 0, sizeof name); name.coro.type = &name##_type;         \
    run_world(code, &name.coro); } while (0)
#define RUN(name) RUN_CODE(0, name)

#define RECV() AWAIT(sock_recv, .fd = kept[0].child.fd,                   \
    .buffer = self->bytes, .size = sizeof self->bytes - 1);               \
    self->bytes[self->sock_recv.received] = '\0'
#define SEND(text) AWAIT(sock_sendall, .fd = kept[0].child.fd,            \
    .data = (text), .size = strlen(text))
#define END_OF(n) CATCH_AWAIT_FUTURE(&kept[n].task.future); say_end(n)

/* Before a child says bye, in ms: who kills it is not to come too late. */
#define A_WHILE "50"

SCRIPT(one_that_ends)
{
    BEGIN;
    start(0, "says", "3");
    CATCH_AWAIT_FUTURE(&kept[0].task.future);
    CHECK_CODE(0, task->outcome);
    promise("nobody wakes up to ask whether it has ended");
    CHECK_INT(0, lab.timers);
    promise("%s", "");
    say_end(0);
    child_close(&kept[0].child);
    END;
}

TEST(a_child_that_ends_is_reaped_and_its_words_and_status_are_told)
{
    open_world(true);
    scene("a child says \"sorry\" and exits with 3");
    RUN(one_that_ends);
    CHECK_LOG("0 A \"sorry\", exit status 3\n");
}

SCRIPT(conversation)
{
    BEGIN;
    start(0, "echoes", A_WHILE);
    SEND("hello");
    RECV();
    say("it says %s", self->bytes);
    child_close(&kept[0].child);
    END_OF(0);
    END;
}

TEST(it_reads_what_is_sent_and_the_end_of_fd_is_the_end_of_its_input)
{
    open_world(false);
    scene("a child echoes; at the end of its input it says bye, exits 7");
    RUN(conversation);
    CHECK_LOG("it says hello\n" "A \"bye\", exit status 7\n");
}

SCRIPT(ticks)
{
    BEGIN;
    start(0, "echoes", "");
    for (self->i = 0; self->i < 3; self->i++) {
        AWAIT(sleep, .delay_ns = SECONDS(1));
        say("tick");
    }
    promise("the child is alive, and waits for its input");
    CHECK(kept[0].child.pid != 0);
    promise("%s", "");
    child_kill(&kept[0].child);
    END_OF(0);
    child_close(&kept[0].child);
    END;
}

TEST(a_child_that_says_nothing_holds_nobody_up)
{
    open_world(true);
    scene("a child waits for input; a tick each second; it is killed at 3 s");
    RUN(ticks);
    CHECK_LOG("1 tick\n" "2 tick\n" "3 tick\n"
              "3 A \"\", killed by signal 9\n");
    promise("nobody wakes up to ask whether it has ended");
    CHECK_INT(3, lab.timers);
    promise("%s", "");
}

SCRIPT(talkative)
{
    BEGIN;
    start(0, "floods", "20000");
    RECV();
    say("it says %s", self->bytes);
    child_close(&kept[0].child);
    END_OF(0);
    CHECK_INT(640000 + 3, kept[0].length);
    END;
}

TEST(what_it_says_is_read_all_the_time_or_it_would_block)
{
    open_world(false);
    scene("a child says 640,000 bytes, then \"done\" on its output");
    RUN(talkative);
    CHECK(kept[0].child.pid == 0 && WEXITSTATUS(kept[0].child.status) == 7);
}

SCRIPT(cancelled)
{
    BEGIN;
    start(0, "deaf", "");
    AWAIT_FUTURE(&kept[0].spoke);
    task_cancel(&kept[0].task);
    END_OF(0);
    CHECK_CODE(E_CANCELLED, task->outcome);
    child_close(&kept[0].child);
    END;
}

TEST(a_cancellation_kills_the_child_and_is_raised_when_it_is_reaped)
{
    open_world(true);
    scene("a child that hears no SIGTERM; who tends it is cancelled");
    RUN(cancelled);
    CHECK(kept[0].child.pid == 0 && WIFSIGNALED(kept[0].child.status));
    CHECK_INT(SIGKILL, WTERMSIG(kept[0].child.status));
}

SCRIPT(cancelled_twice)
{
    BEGIN;
    start(0, "deaf", "");
    AWAIT_FUTURE(&kept[0].spoke);
    child_close(&kept[0].child);
    for (self->i = 0; self->i < 2; self->i++) {
        task_cancel(&kept[0].task);
        YIELD();
        YIELD();
    }
    END_OF(0);
    CHECK_CODE(E_CANCELLED, task->outcome);
    END;
}

TEST(a_second_cancellation_does_not_end_it_either)
{
    open_world(true);
    scene("a child that will not leave; who tends it is cancelled twice");
    RUN(cancelled_twice);
    CHECK_LOG("1 A \"ready\", killed by signal 9\n");
}

SCRIPT(leaving)
{
    BEGIN;
    start(0, "echoes", A_WHILE);
    SEND("hello");
    RECV();
    YIELD(); /* its task has begun */
    YIELD();
    child_close(&kept[0].child);
    task_cancel(&kept[0].task);
    END_OF(0);
    CHECK_CODE(E_CANCELLED, task->outcome);
    END;
}

TEST(who_is_leaving_may_finish_though_its_task_is_cancelled)
{
    open_world(false);
    scene("its input ends and its task is cancelled, in this order");
    RUN(leaving);
    CHECK_LOG("A \"bye\", exit status 7\n");
}

SCRIPT(will_not_leave)
{
    BEGIN;
    start(0, "deaf", "");
    AWAIT_FUTURE(&kept[0].spoke);
    say("closed");
    child_close(&kept[0].child);
    child_close(&kept[0].child);
    END_OF(0);
    END;
}

TEST(who_does_not_leave_within_a_second_is_killed)
{
    open_world(true);
    scene("the end of its input means nothing to this child");
    RUN(will_not_leave);
    CHECK_LOG("0 closed\n" "1 A \"ready\", killed by signal 9\n");
}

SCRIPT(without_words)
{
    BEGIN;
    start(0, "closes_words", "");
    END_OF(0);
    child_close(&kept[0].child);
    END;
}

TEST(who_closes_its_standard_error_before_it_ends_keeps_its_status)
{
    open_world(true);
    scene("a child closes its standard error, and exits with 6 soon after");
    RUN(without_words);
    CHECK_LOG("0 A \"\", exit status 6\n");
}

SCRIPT(without_fds)
{
    BEGIN;
    start(0, "closes_all", "");
    END_OF(0);
    child_close(&kept[0].child);
    END;
}

TEST(who_closes_all_that_it_has_and_lives_on_blocks_nobody)
{
    open_world(true);
    scene("a child closes all of its fds, and sleeps");
    RUN(without_fds);
    CHECK_LOG("0 A \"\", killed by signal 9\n");
}

/* Its words cannot be read. */
static ssize_t recv_fails(int fd, void *buffer, size_t size, int flags)
{
    if (fd != kept[0].child.words)
        return sys_real.recv(fd, buffer, size, flags);
    errno = ENOBUFS;
    return -1;
}

SCRIPT(unreadable)
{
    BEGIN;
    start(0, "echoes", "");
    END_OF(0);
    CHECK_CODE(0, task->outcome);
    child_close(&kept[0].child);
    END;
}

TEST(when_its_words_cannot_be_read_it_is_killed_and_nothing_raised)
{
    open_world(true);
    sys.recv = recv_fails;
    scene("a child echoes; to read its words fails: ENOBUFS");
    RUN(unreadable);
    CHECK_LOG("0 A \"\", killed by signal 9\n");
}

SCRIPT(without_output)
{
    BEGIN;
    start(0, "closes_output", "");
    RECV();
    CHECK_INT(0, self->sock_recv.received);
    say_end(0);
    child_close(&kept[0].child);
    END;
}

TEST(fd_ends_when_the_child_is_reaped_and_not_before)
{
    open_world(true);
    scene("a child closes its output, and exits with 5 a little later");
    RUN(without_output);
    CHECK_LOG("0 A \"closed\", exit status 5\n");
}

SCRIPT(two)
{
    BEGIN;
    start(0, "echoes", "");
    start(1, "echoes", "");
    child_close(&kept[0].child);
    END_OF(0);
    child_close(&kept[1].child);
    END_OF(1);
    END;
}

TEST(one_child_has_no_fd_of_another)
{
    open_world(false);
    scene("A and B echo; the input of A ends, then that of B");
    RUN(two);
    CHECK_LOG("A \"bye\", exit status 7\n" "B \"bye\", exit status 7\n");
}

/* Those that this program has not marked close-on-exec: the harness's. */
static void list_inherited(char *line, size_t size)
{
    strcpy(line, "0 1 2 3 ");
    for (int fd = 4; fd < 256; fd++) {
        int flags = fcntl(fd, F_GETFD);
        size_t used = strlen(line);

        if (flags != -1 && !(flags & FD_CLOEXEC))
            snprintf(line + used, size - used, "%d ", fd);
    }
}

SCRIPT(asks)
{
    BEGIN;
    RECV();
    say("%s", self->bytes);
    child_close(&kept[0].child);
    CATCH_AWAIT_FUTURE(&kept[0].task.future);
    END;
}

TEST(it_has_four_fds_and_none_of_ours)
{
    char line[512] = "", expected[640];

    open_world(false);
    scene("a child says which fds it has");
    list_inherited(line, sizeof line);
    snprintf(expected, sizeof expected, "%s\n", line);
    start(0, "fds", "");
    RUN(asks);
    CHECK_LOG(expected);
}

TEST(its_input_blocks_its_signals_are_fresh_and_ctrl_c_is_not_for_it)
{
    sigset_t usr1;

    open_world(false);
    scene("we ignore SIGPIPE and block SIGUSR1; a child says what it finds");
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    start(0, "state", "");
    RUN(asks);
    CHECK_LOG("blocking input, its own group, SIGPIPE default, "
              "SIGUSR1 open\n");
}

TEST(a_program_that_is_not_there_is_one_clear_line_and_leaves_nothing)
{
    int before;
    struct error error;

    open_world(true);
    scene("child_start of /nowhere/openssl");
    before = count_fds();
    CHECK_CODE(ENOENT, try_start(0, "/nowhere/openssl", "", "", &error));
    CHECK_STR("spawn /nowhere/openssl: No such file or directory",
              error.text);
    promise("what was opened for it is closed");
    CHECK_INT(before, count_fds());
    promise("%s", "");
    check_no_child();
    lab_close(&lab);
}

/* As many fds as there are now, and `more`. */
static int start_with(int more, struct error *error)
{
    struct rlimit limit, before;
    int fds[16], n = 0, code;

    CHECK_INT(0, getrlimit(RLIMIT_NOFILE, &before));
    /* Holes below the highest would count, too: fill them. */
    for (n = 0; n < 16; n++)
        fds[n] = fcntl(0, F_DUPFD_CLOEXEC, 3);
    limit = before;
    limit.rlim_cur = (rlim_t)fds[15] + 1;
    CHECK_INT(0, setrlimit(RLIMIT_NOFILE, &limit));
    for (n = 16 - more; n < 16; n++)
        close(fds[n]);
    code = try_start(0, child_program, "says", "0", error);
    CHECK_INT(0, setrlimit(RLIMIT_NOFILE, &before));
    for (n = 0; n < 16 - more; n++)
        close(fds[n]);
    return code;
}

TEST(without_fds_nothing_is_started_and_nothing_left_open)
{
    struct error error;
    int before;

    open_world(true);
    before = count_fds();
    for (int more = 0; more < 5; more++) {
        scene("child_start, with %d fds left", more);
        CHECK_CODE(EMFILE, start_with(more, &error));
        CHECK_INT(before, count_fds());
        check_no_child();
    }
    lab_close(&lab);
}

SCRIPT(three)
{
    BEGIN;
    start(0, "says", "1");
    start(1, "says", "2");
    start(2, "says", "3");
    for (self->i = 2; self->i >= 0; self->i--) {
        CATCH_AWAIT_FUTURE(&kept[self->i].task.future);
        say_end(self->i);
        child_close(&kept[self->i].child);
    }
    END;
}

TEST(each_child_has_its_own_status_and_a_strangers_is_not_taken)
{
    static struct three main;
    pid_t stranger = fork();
    int status = 0;

    if (stranger == 0)
        _Exit(4);
    main = (struct three){ CORO(three) };
    open_world(true);
    scene("three children, and a fourth that is not child_start's");
    CHECK_CODE(0, lab_run(&lab, &main.coro));
    CHECK_LOG("0 C \"sorry\", exit status 3\n"
              "0 B \"sorry\", exit status 2\n"
              "0 A \"sorry\", exit status 1\n");
    promise("a child that others have started is theirs to reap");
    CHECK_INT(stranger, waitpid(stranger, &status, 0));
    CHECK_INT(4, WEXITSTATUS(status));
    check_no_child();
    lab_close(&lab);
}

TEST(a_signal_that_interrupts_waitpid_changes_nothing)
{
    open_world(true);
    scene("a child says \"sorry\" and exits with 3; two signals come while "
          "it is waited for");
    signals = 2;
    RUN(one_that_ends);
    CHECK_LOG("0 A \"sorry\", exit status 3\n");
}

SCRIPT(grown_old)
{
    BEGIN;
    start(0, "forks", "");
    while (kept[0].length < 8) {
        AWAIT_FUTURE(&kept[0].spoke);
        future_init(&kept[0].spoke, task_loop(task), FUTURE_PLAIN);
    }
    task_cancel(&kept[0].task);
    CATCH_AWAIT_FUTURE(&kept[0].task.future);
    RECV();
    promise("what the child has started is gone as well, and has closed fd");
    CHECK_INT(0, self->sock_recv.received);
    promise("%s", "");
    child_close(&kept[0].child);
    END;
}

TEST(what_it_has_started_is_killed_with_it)
{
    open_world(true);
    scene("a child has a child; who tends the first is cancelled");
    RUN(grown_old);
}

SCRIPT(never_tended)
{
    BEGIN;
    start(0, "deaf", "");
    task_cancel(&kept[0].task);
    CATCH_AWAIT_FUTURE(&kept[0].task.future);
    child_reap(&kept[0].child);
    say_end(0);
    child_close(&kept[0].child);
    END;
}

TEST(whose_task_never_began_is_reaped_by_hand__T04)
{
    open_world(true);
    scene("who tends a child is cancelled before its first step");
    RUN(never_tended);
    CHECK_LOG("0 A \"\", killed by signal 9\n");
}

SCRIPT(reaped)
{
    BEGIN;
    start(0, "says", "0");
    END_OF(0);
    CHECK_INT(0, kept[0].child.pid);
    child_kill(&kept[0].child);
    child_close(&kept[0].child);
    child_close(&kept[0].child);
    END;
}

TEST(who_has_been_reaped_cannot_be_killed_nor_anybody_in_its_place)
{
    open_world(true);
    scene("child_kill and child_close, after the end");
    setpgid(0, 0); /* if it kills us after all, then nobody else */
    RUN(reaped);
    CHECK_INT(0, lab.timers);
}

/* It does not end before it is waited for. */
SCRIPT(tends)
{
    BEGIN;
    start(0, "echoes", "");
    YIELD();
    YIELD();
    child_close(&kept[0].child);
    AWAIT_FUTURE(&kept[0].task.future);
    END;
}

static bool cancel_at(int k)
{
    static struct tends main;
    struct assassin assassin;
    int code;

    main = (struct tends){ CORO(tends) };
    open_world(false);
    scene("a child that ends; its tending is cancelled at suspension %d", k);
    assassin_hire(&assassin, &lab.loop, &kept[0].task, k);
    code = lab_run(&lab, &main.coro);
    CHECK_CODE(assassin.struck ? E_CANCELLED : 0, code);
    child_close(&kept[0].child);
    check_no_child();
    lab_close(&lab);
    return assassin.struck;
}

TEST(cancel_at_every_suspension_leaves_no_child)
{
    int k = 1;

    while (cancel_at(k))
        k++;
    promise("it waits, for words or for their end");
    CHECK(k > 1);
    promise("%s", "");
}

SCRIPT(goes_away)
{
    BEGIN;
    start(0, "deaf", "");
    AWAIT_FUTURE(&kept[0].spoke);
    END;
}

TEST(when_main_ends_its_children_end_with_it__L11)
{
    static struct goes_away main;

    main = (struct goes_away){ CORO(goes_away) };
    open_world(true);
    scene("main ends, and a child would not");
    CHECK_CODE(0, lab_run(&lab, &main.coro));
    check_no_child();
    child_close(&kept[0].child);
    lab_close(&lab);
}

/* ---- What openssl says. ---- */

static const struct line {
    const char *text, *cause;
    int number;
    bool connected;
} lines[] = {
    { "CONNECTION ESTABLISHED\nProtocol version: TLSv1.3\n",
      "", 0, true },
    { "CONNECTION ESTABLISHED\nVerification: OK\n1:error:2:SSL routines:f:"
      "unexpected eof while reading:x.c:1:\nwrite:errno=32\n",
      "unexpected eof while reading", 32, true },
    { "depth=0 CN = a\nverify error:num=62:hostname mismatch\n4:error:0A"
      "000086:SSL routines:f:certificate verify failed:x.c:1:\n",
      "hostname mismatch", 0, false },
    { "40:error:0A00010B:SSL routines:ssl3_get_record:wrong version "
      "number:x.c:1:\n", "wrong version number", 0, false },
    { "40:error:8000006F:system library:BIO_connect:Connection refused:x.c:"
      "1:calling connect()\n40:error:10000067:BIO routines:BIO_connect:"
      "connect error:x.c:1:\nconnect:errno=111\n",
      "Connection refused", 111, false },
    { "s_client: Unknown option: -brief\ns_client: Use -help\n",
      "s_client: Unknown option: -brief", 0, false },
    { "verify error:num=\nCONNECTION ESTABLISHED and more\n",
      "verify error:num=", 0, false },
    { "a:error:b:c\n", "a:error:b:c", 0, false },
    { "Can't use SSL_get_servername\ndepth=2 C = X\n\nDONE\n", "", 0,
      false },
    { "no end of the line", "", 0, false },
    { "CONNECTION ESTABLISHED", "", 0, false },
};

TEST(openssls_words_tell_when_it_is_connected_and_why_it_is_not)
{
    for (size_t i = 0; i < COUNT(lines); i++) {
        for (size_t step = 1; step <= strlen(lines[i].text); step++) {
            struct tls_words words = { .number = 0 };

            scene("%s, in pieces of %zu", lines[i].text, step);
            for (size_t at = 0; at < strlen(lines[i].text); at += step) {
                size_t left = strlen(lines[i].text + at);

                tls_words_add(&words, lines[i].text + at,
                              left < step ? left : step);
            }
            CHECK_STR(lines[i].cause, words.cause);
            CHECK_INT(lines[i].number, words.number);
            CHECK_INT(lines[i].connected, words.connected);
        }
    }
}

TEST(a_line_of_any_length_is_cut_and_harms_nobody)
{
    struct tls_words words = { .number = 0 };

    for (int i = 0; i < 10000; i++)
        tls_words_add(&words, "x", 1);
    tls_words_add(&words, "\nCONNECTION ESTABLISHED\n", 24);
    CHECK(words.connected);
}

/* ---- A session over TLS. ---- */

static struct web {
    struct origin origin;
    struct https https;
    struct session session;
    char url[64], secure[64];
} web;

static void open_web(bool virtual_time, const char *speaker)
{
    struct session_options options = SESSION_DEFAULTS;
    struct error error;

    open_world(virtual_time);
    setenv("SPEAKER", speaker, 1);
    memset(&web, 0, sizeof web);
    CHECK_CODE(0, origin_start(&web.origin, &lab.loop, "127.0.0.1", 0,
                               &error));
    https_open(&web.https, &lab.loop);
    web.https.program = child_program;
    options.tls = &web.https.tls;
    session_open(&web.session, &lab.loop, options);
    snprintf(web.url, sizeof web.url, "http://127.0.0.1:%u",
             web.origin.port);
    snprintf(web.secure, sizeof web.secure, "https://127.0.0.1:%u",
             web.origin.port);
}

struct fetch {
    struct coro coro;
    const char *name, *url;
    const struct request_field *fields;
    struct client_timeout limits;
    struct response *response;
    size_t size;
    bool reading;
    char body[2048];
    struct cleanup closing;
    struct timed_request timed_request;
    struct response_read response_read;
    struct task task;
};
ASYNC_DECLARE(fetch);

/* The port, the kernel's choice, reads PORT. */
static void say_error(const char *name, const struct error *error)
{
    char text[sizeof error->text + 8], port[8], *at;

    snprintf(text, sizeof text, "%s", error->text);
    snprintf(port, sizeof port, "%u", web.origin.port);
    at = strstr(text, port);
    if (at != NULL) {
        memmove(at + 4, at + strlen(port), strlen(at + strlen(port)) + 1);
        memcpy(at, "PORT", 4);
    }
    say("%s %s, %s", name, error_name(error->code), text);
}

ASYNC(fetch)
{
    BEGIN;
    CATCH_AWAIT(timed_request, .limits = self->limits,
                .request = { .session = &web.session, .url = self->url,
                             .fields = self->fields });
    if (self->timed_request.coro.error != 0) {
        say_error(self->name, &task->error);
        RERAISE(self->timed_request.coro.error);
    }
    self->response = &self->timed_request.request.response;
    DEFER(&self->closing, response_close, self->response);
    do {
        CATCH_AWAIT(response_read, .response = self->response);
        if (self->response_read.coro.error != 0) {
            say_error(self->name, &task->error);
            RERAISE(self->response_read.coro.error);
        }
        CHECK(self->size + self->response_read.piece.len
              < sizeof self->body);
        if (self->response_read.piece.len > 0)
            memcpy(self->body + self->size, self->response_read.piece.at,
                   self->response_read.piece.len);
        self->size += self->response_read.piece.len;
    } while (self->response_read.piece.len > 0);
    say("%s %d \"%s\"", self->name, self->response->status,
        self->size < 60 ? self->body : "...");
    END;
}

static struct fetch fetches[10];

static void get(int i, const char *name, const char *url)
{
    const struct client_timeout limits = fetches[i].limits;
    const struct request_field *fields = fetches[i].fields;

    memset(&fetches[i], 0, sizeof fetches[i]);
    fetches[i].limits = limits;
    fetches[i].fields = fields;
    fetches[i].coro = (struct coro){ .type = &fetch_type };
    fetches[i].name = name;
    fetches[i].url = url;
    task_create(&lab.loop, &fetches[i].task, name, &fetches[i].coro);
}

/* What the frame of a request that has ended is filled with: whoever writes
 * there writes to somebody else. */
enum { GONE = 0xA5 };

struct visit {
    struct coro coro;
    int times, i;
    const char *url;
    struct async_cleanup closing;
    struct session_close session_close;
};
ASYNC_DECLARE(visit);

/* Gets a URL so many times, one after another. */
ASYNC(visit)
{
    BEGIN;
    DEFER_AWAIT(&self->closing,
                CALL(session_close, .session = &web.session));
    for (self->i = 0; self->i < self->times; self->i++) {
        get(0, "A", self->url);
        CATCH_AWAIT_FUTURE(&fetches[0].task.future);
        if (task->outcome != 0)
            memset(&fetches[0].timed_request, GONE,
                   sizeof fetches[0].timed_request);
    }
    END;
}

static void check_gone(void)
{
    const unsigned char *at = (const void *)&fetches[0].timed_request;

    promise("nobody writes to the frame of a request that has ended");
    for (size_t i = 0; i < sizeof fetches[0].timed_request; i++)
        CHECK(at[i] == GONE);
    promise("%s", "");
}

static void close_web(void)
{
    CHECK_INT(0, web.session.in_use);
    session_shut(&web.session);
    promise("no connection is kept that nobody reads from");
    CHECK(list_empty(&web.https.connections));
    promise("%s", "");
    check_no_child();
    lab_close(&lab);
}

static void run_visit(int times, const char *url)
{
    static struct visit visit;

    visit = (struct visit){ CORO(visit), .times = times, .url = url };
    CHECK_CODE(0, lab_run(&lab, &visit.coro));
    close_web();
}

TEST(an_https_url_is_fetched_and_its_connection_kept)
{
    open_web(false, "proxy");
    scene("two GETs, one after another, over a child that speaks TLS");
    run_visit(2, web.secure);
    CHECK_LOG("A 200 \"hello\n\"\n" "A 200 \"hello\n\"\n");
    CHECK_INT(1, web.https.started);
    CHECK_INT(1, web.session.reused);
    CHECK_INT(1, web.origin.connections);
}

TEST(when_the_session_closes_its_child_may_say_goodbye)
{
    char mark[] = "/tmp/17_https.XXXXXX";
    int fd = mkstemp(mark);

    CHECK(fd >= 0);
    close(fd);
    open_web(false, "proxy");
    scene("a GET; the child takes a file away before it ends");
    setenv("SPEAKER_MARK", mark, 1);
    run_visit(1, web.secure);
    promise("the file is gone: the child was not killed before that");
    CHECK(unlink(mark) == -1 && errno == ENOENT);
    promise("%s", "");
}

TEST(the_certificate_is_to_prove_the_name_that_was_asked_for)
{
    char url[64];

    open_web(false, "arguments");
    snprintf(url, sizeof url, "https://LOCALHOST:%u/", web.origin.port);
    scene("GET https://LOCALHOST: the child's arguments");
    web.https.ca_file = "/dev/null";
    run_visit(1, url);
    CHECK(strstr(fetches[0].body, "s_client -brief -nocommands "
                 "-verify_return_error -connect 127.0.0.1:") != NULL);
    CHECK(strstr(fetches[0].body, " -servername localhost "
                 "-verify_hostname localhost -no-CApath -no-CAstore "
                 "-CAfile /dev/null") != NULL);
}

TEST(a_number_is_proved_as_a_number_and_has_no_place_in_sni)
{
    open_web(false, "arguments");
    scene("GET https://127.0.0.1: the child's arguments");
    run_visit(1, web.secure);
    CHECK(strstr(fetches[0].body,
                 " -noservername -verify_ip 127.0.0.1") != NULL);
    CHECK(strstr(fetches[0].body, "-CAfile") == NULL);
}

TEST(what_is_not_proved_is_the_dials_error_and_nothing_is_sent)
{
    open_web(false, "expired");
    scene("GET: the certificate has expired");
    run_visit(1, web.secure);
    CHECK_LOG("A E_PROTOCOL, tls 127.0.0.1:PORT: certificate has "
              "expired\n");
    CHECK_INT(0, web.origin.requests);
}

TEST(where_nobody_listens_the_error_is_the_same_as_without_tls)
{
    struct address address;
    char url[64];
    int fd;

    open_web(false, "proxy");
    fd = deaf_socket(&address);
    scene("GET, and nobody listens there");
    snprintf(url, sizeof url, "https://%s/",
             address_text(&address, (char[ADDRESS_TEXT]){ 0 }));
    run_visit(1, url);
    CHECK_CODE(ECONNREFUSED, future_outcome(&fetches[0].task.future));
    CHECK(strstr(fetches[0].task.error.text, ": Connection refused")
          != NULL);
    close(fd);
}

TEST(a_child_that_dies_without_a_word_is_an_error_as_well)
{
    open_web(false, "silent");
    run_visit(1, web.secure);
    CHECK_LOG("A E_PROTOCOL, tls 127.0.0.1:PORT: ended without a "
              "word\n");
}

TEST(without_openssl_https_is_a_scheme_that_we_do_not_speak)
{
    open_web(false, "proxy");
    scene("GET, and there is no openssl on PATH");
    web.https.program = NULL;
    setenv("PATH", "/nowhere", 1);
    run_visit(1, web.secure);
    CHECK_LOG("A E_SCHEME, https: no openssl on PATH\n");
    CHECK_INT(0, web.https.started);
}

TEST(a_file_of_certificates_that_is_not_there_is_named)
{
    open_web(true, "proxy");
    scene("GET, trusting /nowhere/ca.pem");
    web.https.ca_file = "/nowhere/ca.pem";
    run_visit(1, web.secure);
    CHECK_STR("https: /nowhere/ca.pem: No such file or directory",
              fetches[0].task.error.text);
    CHECK_INT(0, web.https.started);
}

TEST(without_the_hook_https_is_refused_before_anybody_is_asked)
{
    open_web(false, "proxy");
    web.session.options.tls = NULL;
    run_visit(1, web.secure);
    CHECK_CODE(E_SCHEME, future_outcome(&fetches[0].task.future));
    CHECK_INT(0, web.https.started);
}

TEST(a_handshake_that_hangs_is_given_up_in_time_and_its_child_killed)
{
    open_web(true, "hangs");
    scene("a handshake that never ends; sock_connect 2 s");
    fetches[0].limits = (struct client_timeout){ .sock_connect =
                                                     SECONDS(2) };
    run_visit(1, web.secure);
    CHECK_CODE(E_SERVER_TIMEOUT, future_outcome(&fetches[0].task.future));
    CHECK(strncmp(fetches[0].task.error.text, "Connection timeout", 18)
          == 0);
}

TEST(chatter_after_the_handshake_blocks_nobody)
{
    open_web(false, "floods");
    scene("the child says 500,000 bytes after the handshake");
    run_visit(1, web.secure);
    CHECK_LOG("A 200 \"hello\n\"\n");
}

TEST(a_body_that_is_cut_off_is_no_whole_body)
{
    open_web(false, "cut");
    scene("half a body of unknown size, then an end without close_notify");
    run_visit(1, web.secure);
    CHECK_LOG("A E_EOF, tls 127.0.0.1:PORT: unexpected eof while "
              "reading\n");
}

TEST(a_body_may_end_with_the_connection_if_that_ends_well)
{
    open_web(false, "whole");
    scene("a body of unknown size, then close_notify");
    run_visit(1, web.secure);
    CHECK_LOG("A 200 \"half\"\n");
}

/* What others do to it: a hook that hears of each step of its child's task,
 * and cancels the fetch after the n-th. */
struct envious {
    struct loop_hook hook, *before;
    int countdown;
};

static void strike(struct loop_hook *hook, struct loop *loop,
                   const struct loop_event *event)
{
    struct envious *self = CONTAINER(hook, struct envious, hook);

    self->before->tell(self->before, loop, event);
    if (event->kind != EVENT_PARKED
        || strcmp(event->task->name, "tls") != 0)
        return;
    self->countdown--;
    if (self->countdown == 0)
        task_cancel(&fetches[0].task);
}

TEST(cancelled_in_the_turn_of_its_answer_it_closes_what_it_was_given)
{
    static struct visit visit;
    int k = 1;

    do {
        struct envious envious = { .hook.tell = strike, .countdown = k };

        open_web(false, "proxy");
        scene("a GET, cancelled after step %d of its child's task", k);
        envious.before = lab.loop.hook;
        lab.loop.hook = &envious.hook;
        visit = (struct visit){ CORO(visit), .times = 1,
                                .url = web.secure };
        CHECK_CODE(0, lab_run(&lab, &visit.coro));
        close_web();
        k = envious.countdown > 0 ? 0 : k + 1;
    } while (k > 0);
}

struct leaver {
    struct coro coro;
    struct async_cleanup closing;
    struct session_close session_close;
};
ASYNC_DECLARE(leaver);

ASYNC(leaver)
{
    BEGIN;
    DEFER_AWAIT(&self->closing,
                CALL(session_close, .session = &web.session));
    get(0, "A", web.secure);
    AWAIT_FUTURE(&fetches[0].task.future);
    clock_step = SECONDS(1);
    END;
}

TEST(who_does_not_hear_the_end_is_killed_after_the_grace)
{
    static struct leaver main;

    main = (struct leaver){ CORO(leaver) };
    open_web(false, "deaf");
    scene("a GET; then the session closes, and the child does not end");
    CHECK_CODE(0, lab_run(&lab, &main.coro));
    close_web();
    CHECK_LOG("A 200 \"hello\n\"\n");
}

struct dead_idle {
    struct coro coro;
    struct async_cleanup closing;
    struct session_close session_close;
    struct wait_fd wait_fd;
};
ASYNC_DECLARE(dead_idle);

ASYNC(dead_idle)
{
    BEGIN;
    DEFER_AWAIT(&self->closing,
                CALL(session_close, .session = &web.session));
    get(0, "A", web.secure);
    AWAIT_FUTURE(&fetches[0].task.future);
    CHECK(!list_empty(&web.session.idle));
    AWAIT(wait_fd, .events = POLLIN, .fd = CONTAINER(web.session.idle.next,
              struct pooled, link)->socket.fd);
    get(1, "B", web.secure);
    AWAIT_FUTURE(&fetches[1].task.future);
    END;
}

TEST(a_kept_connection_whose_child_has_ended_is_replaced)
{
    static struct dead_idle main;

    main = (struct dead_idle){ CORO(dead_idle) };
    open_web(false, "once");
    scene("the child ends after its first answer; then a second GET");
    CHECK_CODE(0, lab_run(&lab, &main.coro));
    close_web();
    CHECK_LOG("A 200 \"once\"\n" "B 200 \"once\"\n");
    CHECK_INT(2, web.https.started);
    CHECK_INT(0, web.session.reused);
}

struct many {
    struct coro coro;
    int i;
    struct async_cleanup closing;
    struct session_close session_close;
};
ASYNC_DECLARE(many);

ASYNC(many)
{
    BEGIN;
    DEFER_AWAIT(&self->closing,
                CALL(session_close, .session = &web.session));
    for (self->i = 0; self->i < 10; self->i++)
        get(self->i, "-", web.secure);
    for (self->i = 0; self->i < 10; self->i++)
        AWAIT_FUTURE(&fetches[self->i].task.future);
    END;
}

TEST(ten_at_once_are_ten_children_and_none_is_left)
{
    static struct many main;

    main = (struct many){ CORO(many) };
    open_web(false, "proxy");
    scene("ten GETs at once");
    CHECK_CODE(0, lab_run(&lab, &main.coro));
    close_web();
    for (int i = 0; i < 10; i++)
        CHECK_STR("hello\n", fetches[i].body);
    CHECK_INT(10, web.https.started);
    CHECK_INT(10, web.origin.connections);
}

struct mixed {
    struct coro coro;
    struct async_cleanup closing;
    struct session_close session_close;
};
ASYNC_DECLARE(mixed);

ASYNC(mixed)
{
    BEGIN;
    DEFER_AWAIT(&self->closing,
                CALL(session_close, .session = &web.session));
    get(0, "A", web.url);
    AWAIT_FUTURE(&fetches[0].task.future);
    get(1, "B", web.secure);
    AWAIT_FUTURE(&fetches[1].task.future);
    get(2, "C", web.url);
    AWAIT_FUTURE(&fetches[2].task.future);
    END;
}

TEST(a_connection_in_the_clear_is_never_taken_for_https)
{
    static struct mixed main;

    main = (struct mixed){ CORO(mixed) };
    open_web(false, "proxy");
    scene("http, https, http: the same host, the same port");
    CHECK_CODE(0, lab_run(&lab, &main.coro));
    close_web();
    CHECK_INT(1, web.https.started);
    CHECK_INT(2, web.session.opened);
    CHECK_INT(1, web.session.reused);
}

TEST(a_redirect_from_http_to_https_is_followed_without_the_secrets)
{
    static const struct request_field fields[] = {
        { "Authorization", "secret" }, { "Accept", "all" }, { NULL, NULL } };
    char url[160];

    open_web(false, "head");
    scene("http answers 302 to https: the same host, the same port");
    snprintf(url, sizeof url, "%s/redirect-to/%s/", web.url, web.secure);
    fetches[0].fields = fields;
    run_visit(1, url);
    CHECK_INT(200, fetches[0].response->status);
    CHECK(strstr(fetches[0].body, "Accept: all") != NULL);
    CHECK(strstr(fetches[0].body, "secret") == NULL);
}

static bool cancel_fetch_at(int k, const char *speaker)
{
    struct assassin assassin;
    static struct visit visit;

    open_web(false, speaker);
    scene("a GET over TLS (%s), cancelled at suspension %d", speaker, k);
    assassin_hire(&assassin, &lab.loop, &fetches[0].task, k);
    visit = (struct visit){ CORO(visit), .times = 1, .url = web.secure };
    CHECK_CODE(0, lab_run(&lab, &visit.coro));
    close_web();
    CHECK_CODE(assassin.struck ? E_CANCELLED : 0,
               future_outcome(&fetches[0].task.future));
    if (assassin.struck)
        check_gone();
    return assassin.struck;
}

TEST(a_request_cancelled_at_every_suspension_leaves_no_child)
{
    int k = 1;

    while (cancel_fetch_at(k, "proxy"))
        k++;
    promise("it waits for the handshake, and for the answer");
    CHECK(k > 2);
    promise("%s", "");
    CHECK(cancel_fetch_at(1, "hangs"));
}

struct leaves {
    struct coro coro;
    int turns;
};
ASYNC_DECLARE(leaves);

ASYNC(leaves)
{
    BEGIN;
    get(0, "A", web.secure);
    for (; self->turns > 0; self->turns--)
        YIELD();
    END;
}

TEST(main_may_end_in_any_turn_of_a_handshake__L11)
{
    static struct leaves main;

    for (int turns = 0; turns < 5; turns++) {
        main = (struct leaves){ CORO(leaves), .turns = turns };
        open_web(true, "hangs");
        scene("a handshake that hangs; main ends after %d turns", turns);
        CHECK_CODE(0, lab_run(&lab, &main.coro));
        CHECK_LOG("0 A E_CANCELLED, cancelled\n");
        close_web();
    }
}

static const struct cause causes[] = {
    { "a_signal*", { NULL },
      "waitpid says -1 and EINTR, as a signal came, and that is taken for "
      "the child's end: it has not been waited for, so ask again",
      "row \"result\"" },
    { "a_second*", { "yours        0 s  A \"ready\", killed" },
      "a cancellation kills a child that is saying goodbye: one that is "
      "leaving has its grace, and its timer, so read on to its end",
      "row \"on cancel\"" },
    { "a_second*", { NULL },
      "the first cancellation is remembered and the second one goes up: "
      "read on to the end whenever one comes", "row \"on cancel\"" },
    { "when_its_words*", { NULL },
      "an error of the read goes up, and the child is left behind: but for "
      "a cancellation, whatever ends the reading is the end",
      "row \"result\"" },
    { "a_cancellation*", { "no child is left" },
      "a cancellation goes up before the child has been reaped: catch it, "
      "kill the child, read on to the end (WNOHANG may be a moment too early)",
      "row \"on cancel\"" },
    { NULL, { "no child is left" },
      "the child is not reaped: only waitpid for its number, when it has "
      "ended, takes the zombie away (WNOHANG may be a moment too early)",
      "row \"result\"" },
    { "a_child_that_ends*", { "lab.timers is" },
      "it asks again and again whether the child has ended: the end of its "
      "words says so, and costs nothing until then", "row \"result\"" },
    { "a_child_that_ends*", { "E_DEADLOCK", "child A waits for fd" },
      "the words have no end: this process holds the child's end of them as "
      "well, until it closes it after start (or what is read is not "
      "child->words)", "row \"who frees\"" },
    { "a_child_that_ends*", { "\"\", exit status 3" },
      "what the child says on its standard error goes elsewhere: is 2 its "
      "end of the words?", "row \"input\"" },
    { "a_child_that_ends*", { "\"\", exit status 0" },
      "there is no child: child_start calls start when the pairs are there",
      "row \"result\"" },
    { "a_child_that_ends*", { "killed by signal 3" },
      "the status is taken apart: child->status is waitpid's own, and who "
      "wants to know uses WIFEXITED and WEXITSTATUS", "row \"result\"" },
    { "a_child_that_ends*", { "\"\", killed by signal 9" },
      "nothing comes from the child's standard error, and that is taken for "
      "its end: is 2 its end of the words, the second of child_pair's?",
      "row \"input\"" },
    { "a_child_that_ends*", { "\"sor\", killed by signal 9" },
      "the first piece of its words is taken for all: only 0 bytes are the "
      "end, and who has not ended is killed", "row \"result\"" },
    { "a_child_that_ends*", { "A \"ry" },
      "heard is told of the last piece only: each piece, as it comes",
      "row \"result\"" },
    { "a_child_that_ends*", { "\"sorry\", exit status 0" },
      "the status that waitpid gives is not kept in child->status",
      "row \"result\"" },
    { NULL, { "heard is told what has come" },
      "heard is called with other bytes than have come: the piece, and "
      "sock_recv.received of it", "row \"result\"" },
    { "a_child_that_ends*", { "the first is due" },
      "child->pid is not 0 when the child has been reaped: the number is "
      "soon another process's, and would be killed in its place",
      "row \"result\"" },
    { NULL, { "the first is due" },
      "the timer of the goodbye runs on when the child has been reaped",
      "row \"who frees\"" },
    { "a_child_that_ends*", { "is still open" },
      "child_reap leaves an fd open: words and twin are both ours to close, "
      "and who reads fd waits for twin", "row \"who frees\"" },
    { "it_reads*", { "ECONNRESET" },
      "the child does not read what it is sent: is its 0 the twin?",
      "row \"input\"" },
    { "it_reads*", { "time is up", "main waits for fd" },
      "what the child writes does not come: is its 1 the twin?",
      "row \"input\"" },
    { "it_reads*", { "time is up", "main waits for task child A" },
      "the child never reads the end of its input, because somebody else has "
      "that end, too: an fd without close-on-exec is the child's as well",
      "row \"input\"" },
    { "it_reads*", { "killed by signal 9" },
      "child_close kills at once: the child had something to say yet",
      "row \"who frees\"" },
    { NULL, { "child A sleeps in a system call", "sock_recv (" },
      "our end of the words blocks: ours is the first of child_pair's, and "
      "does not; the child's is the second, and does", "row \"input\"" },
    { "it_reads*", { "sleeps in a system call" },
      "waitpid waits for the child, and all others wait with it: read its "
      "words to their end first", "row \"result\"" },
    { "what_it_says*", { "killed by signal 9" },
      "child_close kills at once: the child had something to say yet",
      "row \"who frees\"" },
    { "what_it_says*", { "main sleeps in a system call" },
      "our end of the pair blocks: ours is the first of child_pair's, and "
      "does not; the child's is the second, and does", "row \"input\"" },
    { "a_cancellation*", { "task->outcome is OK" },
      "the cancellation is lost: raise it when the child has been reaped",
      "row \"on cancel\"" },
    { "a_cancellation*", { "E_DEADLOCK" },
      "a cancellation does not kill the child, which has no reason to end",
      "row \"on cancel\"" },
    { "who_is_leaving*", { "killed by signal 9" },
      "a cancellation kills a child that is saying goodbye: one that is "
      "leaving has its grace, and its timer, so read on to its end",
      "row \"on cancel\"" },
    { "who_does_not_leave*", { "E_DEADLOCK" },
      "nobody kills a child that does not leave: child_close starts a timer",
      "row \"who frees\"" },
    { "who_closes_its*", { "killed by signal 9" },
      "2 is closed, and that is taken for the end, which many programs "
      "do a moment before they end: the words are its 3 as well",
      "row \"input\"" },
    { "who_closes_all*", { "sleeps in a system call" },
      "waitpid waits for a child that lives on: kill it first, with the one "
      "signal that nobody can ignore", "row \"result\"" },
    { "fd_ends*", { "A is still running" },
      "fd has an end before the child has one: twin is ours to keep until it "
      "has been reaped", "row \"result\"" },
    { "fd_ends*", { "refuses" },
      "child_reap closes fd, and somebody is reading from it: fd is closed by "
      "child_close alone", "row \"who frees\"" },
    { "its_input*", { "non-blocking input" },
      "the child's end does not block, and programs do not expect EAGAIN on "
      "their standard input", "row \"input\"" },
    { "a_program*", { "is OK (0)" },
      "what start returns is not looked at", "row \"on error\"" },
    { "a_program*", { "try_start", "(-1)" },
      "-1 is returned, and the errno is what is asked for: error_set_errno "
      "returns it", "row \"on error\"" },
    { "a_program*", { "what was opened for it" },
      "what was opened for a child that did not start stays open",
      "row \"on error\"" },
    { "a_program*", { "yours      \"\"" },
      "the error has a number and no words: error_set_errno has both",
      "row \"on error\"" },
    { "without_fds*", { "start_with(more" },
      "the variable errno has been used since: child_pair and start return "
      "theirs", "row \"on error\"" },
    { "without_fds*", { "count_fds()" },
      "the first pair stays open when there are no fds for the second: on "
      "each way out all that was opened is closed", "row \"on error\"" },
    { "each_child*", { NULL },
      "waitpid(-1) takes whichever child has ended: each is waited for by "
      "its own number", "row \"result\"" },
    { "what_it_has_started*", { "E_DEADLOCK" },
      "only the child is killed, and what it has started holds its fds: the "
      "group's number is -pid", "row \"on cancel\"" },
};

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        /* The heart of the exercise comes first. */
        ENTRY(a_child_that_ends_is_reaped_and_its_words_and_status_are_told),
        ENTRY(it_reads_what_is_sent_and_the_end_of_fd_is_the_end_of_its_input),
        ENTRY(a_child_that_says_nothing_holds_nobody_up),
        ENTRY(what_it_says_is_read_all_the_time_or_it_would_block),
        ENTRY(a_cancellation_kills_the_child_and_is_raised_when_it_is_reaped),
        ENTRY(who_is_leaving_may_finish_though_its_task_is_cancelled),
        ENTRY(who_does_not_leave_within_a_second_is_killed),
        ENTRY(a_second_cancellation_does_not_end_it_either),
        ENTRY(
            who_closes_its_standard_error_before_it_ends_keeps_its_status
        ),
        ENTRY(who_closes_all_that_it_has_and_lives_on_blocks_nobody),
        ENTRY(when_its_words_cannot_be_read_it_is_killed_and_nothing_raised),
        ENTRY(fd_ends_when_the_child_is_reaped_and_not_before),
        ENTRY(one_child_has_no_fd_of_another),
        ENTRY(it_has_four_fds_and_none_of_ours),
        ENTRY(its_input_blocks_its_signals_are_fresh_and_ctrl_c_is_not_for_it),
        ENTRY(a_program_that_is_not_there_is_one_clear_line_and_leaves_nothing),
        ENTRY(without_fds_nothing_is_started_and_nothing_left_open),
        ENTRY(each_child_has_its_own_status_and_a_strangers_is_not_taken),
        ENTRY(a_signal_that_interrupts_waitpid_changes_nothing),
        ENTRY(what_it_has_started_is_killed_with_it),
        ENTRY(whose_task_never_began_is_reaped_by_hand__T04),
        ENTRY(who_has_been_reaped_cannot_be_killed_nor_anybody_in_its_place),
        ENTRY(cancel_at_every_suspension_leaves_no_child),
        ENTRY(when_main_ends_its_children_end_with_it__L11),
        ENTRY(openssls_words_tell_when_it_is_connected_and_why_it_is_not),
        ENTRY(a_line_of_any_length_is_cut_and_harms_nobody),
        ENTRY(an_https_url_is_fetched_and_its_connection_kept),
        ENTRY(when_the_session_closes_its_child_may_say_goodbye),
        ENTRY(the_certificate_is_to_prove_the_name_that_was_asked_for),
        ENTRY(a_number_is_proved_as_a_number_and_has_no_place_in_sni),
        ENTRY(what_is_not_proved_is_the_dials_error_and_nothing_is_sent),
        ENTRY(where_nobody_listens_the_error_is_the_same_as_without_tls),
        ENTRY(a_child_that_dies_without_a_word_is_an_error_as_well),
        ENTRY(without_openssl_https_is_a_scheme_that_we_do_not_speak),
        ENTRY(a_file_of_certificates_that_is_not_there_is_named),
        ENTRY(without_the_hook_https_is_refused_before_anybody_is_asked),
        ENTRY(a_handshake_that_hangs_is_given_up_in_time_and_its_child_killed),
        ENTRY(chatter_after_the_handshake_blocks_nobody),
        ENTRY(a_body_that_is_cut_off_is_no_whole_body),
        ENTRY(a_body_may_end_with_the_connection_if_that_ends_well),
        ENTRY(
            cancelled_in_the_turn_of_its_answer_it_closes_what_it_was_given
        ),
        ENTRY(who_does_not_hear_the_end_is_killed_after_the_grace),
        ENTRY(a_kept_connection_whose_child_has_ended_is_replaced),
        ENTRY(ten_at_once_are_ten_children_and_none_is_left),
        ENTRY(a_connection_in_the_clear_is_never_taken_for_https),
        ENTRY(a_redirect_from_http_to_https_is_followed_without_the_secrets),
        ENTRY(a_request_cancelled_at_every_suspension_leaves_no_child),
        ENTRY(main_may_end_in_any_turn_of_a_handshake__L11),
    };

    lesson_waits();
    return lesson_main(argc, argv, &(struct lesson){
        "17_https", tests, COUNT(tests), causes, COUNT(causes) });
}
