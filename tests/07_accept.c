/* 07_accept.c - connected_socket: rows C; signals: rows X; and the server.
 *
 *     visitor:  0.5 s connects, 1 s sends, then reads until the end
 *     body:     receives, says so, ends as the test wants
 *
 * Judges accept.c and exercise.c alike: only the header is used.
 */
#include "07_accept/accept.h"
#include "07_accept/server.h"
#include "14_task_group/task_group.h"
#include "check.h"
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* --- The other side ------------------------------------------------------ */

/* Connects, sends, and reads to the end. */
struct visitor {
    struct coro coro;
    const struct address *address;
    const char *words; /* NULL: none */
    int end; /* out: E_EOF, or the error that was in the way */
    int64_t ended_ns;
    int64_t after_ns;  /* how long it waits before it connects, and sends */
    struct open_socket socket;
    struct cleanup closing;
    char bytes[64];
    size_t received;
    union {
        struct sleep sleep;
        struct dial dial;
        struct sock_sendall sock_sendall;
        struct sock_recv sock_recv;
    };
};
ASYNC_DECLARE(visitor);

ASYNC(visitor)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = self->after_ns);
    TRY_AWAIT(dial, .address = self->address, .fd = &self->socket.fd);
    self->end = self->dial.coro.error;
    if (self->end != 0)
        RETURN();
    self->socket.loop = task_loop(task);
    DEFER(&self->closing, close_socket, &self->socket);
    AWAIT(sleep, .delay_ns = self->after_ns);
    if (self->words != NULL)
        TRY_AWAIT(sock_sendall, .fd = self->socket.fd, .data = self->words,
                  .size = strlen(self->words));
    do {
        TRY_AWAIT(sock_recv, .fd = self->socket.fd, .buffer = self->bytes,
                  .size = sizeof self->bytes);
        self->end = self->sock_recv.coro.error;
        self->received += self->sock_recv.received;
    } while (self->end == 0 && self->sock_recv.received > 0);
    if (self->end == 0)
        self->end = E_EOF;
    self->ended_ns = loop_now(task_loop(task));
    END;
}

/* --- The body and the goodbye -------------------------------------------- */

struct body {
    struct coro coro;
    const int *fd;
    int fails; /* the code to raise, or 0 */
    char bytes[16];
    struct sock_recv sock_recv;
};
ASYNC_DECLARE(body);

ASYNC(body)
{
    BEGIN;
    promise("the body finds the connection in *fd");
    CHECK(*self->fd >= 0);
    promise("");
    say("the body runs");
    AWAIT(sock_recv, .fd = *self->fd, .buffer = self->bytes,
          .size = sizeof self->bytes);
    say("the body received %.*s", (int)self->sock_recv.received, self->bytes);
    if (self->fails != 0)
        RAISE(self->fails, "boom");
    END;
}

/* What goes wrong in bye, and bye catches it. */
struct slip {
    struct coro coro;
};
ASYNC_DECLARE(slip);

ASYNC(slip)
{
    BEGIN;
    RAISE(E_USER, "slip");
    END;
}

/* What __aexit__ awaits. */
struct bye {
    struct coro coro;
    const int *fd; /* open all the time, or NULL */
    int fails;
    bool slips; /* and catches it */
    struct sleep sleep;
    struct slip slip;
};
ASYNC_DECLARE(bye);

ASYNC(bye)
{
    BEGIN;
    promise("in bye, the connection is still open");
    CHECK(self->fd == NULL || *self->fd >= 0);
    promise("");
    AWAIT(sleep, .delay_ns = SECONDS(1));
    CHECK(self->fd == NULL || *self->fd >= 0);
    say("bye");
    if (self->slips)
        TRY_AWAIT(slip);
    if (self->fails != 0)
        RAISE(self->fails, "bye failed");
    END;
}

/* --- A scene: a listener, a server's task, a visitor's ------------------- */

struct scene {
    struct lab lab;
    struct faults faults;
    struct sys sys; /* the faults', and no fd is closed twice */
    struct address address;
    int listener, fd, fds;
    int open_fd; /* *fd when "Exiting" was said      */
    bool said_early; /* "Closed", before it was so   */
    struct connected_socket manager;
    struct body body;
    struct bye bye;
    struct visitor visitor;
    struct task server, client;
};

static int (*faulty_close)(int fd);
static int last_closed;

/* The second close of a number may hit somebody else's socket. */
static int close_once(int fd)
{
    if (fcntl(fd, F_GETFD) == -1)
        check_fail(__FILE__, __LINE__, "fd %d is closed, and was closed "
                   "before", fd);
    last_closed = fd;
    return faulty_close(fd);
}

/* Is it so when it is said? scene_close tells: there are likelier mistakes
 * to be told first. (sys: without the scene's, nobody notes the closes.) */
static void say_line(void *arg, const char *line)
{
    struct scene *s = arg;

    say("%s", line);
    if (strcmp(line, "Exiting context manager") == 0)
        s->open_fd = s->fd;
    if (strcmp(line, "Closed connection") == 0
        && s->lab.loop.sys == &s->sys)
        s->said_early = s->said_early || last_closed != s->open_fd
            || s->fd != -1;
}

static void scene_open(struct scene *s, const char *words)
{
    struct error error;

    scene("%s", words);
    *s = (struct scene){ .fd = 12345, .fds = count_fds() };
    faults_open(&s->faults);
    s->sys = *s->faults.sys;
    faulty_close = s->sys.close;
    s->sys.close = close_once;
    lab_open_with(&s->lab, (struct loop_options){ .virtual_time = true,
                                                  .sys = &s->sys });
    CHECK_CODE(0, address_parse(&s->address, "127.0.0.1", 0, &error));
    CHECK_CODE(0, net_listen(&s->lab.loop, &s->address, 16, &s->listener,
                             &error));
    s->body = (struct body){ CORO(body), .fd = &s->fd };
    s->bye = (struct bye){ CORO(bye), .fd = &s->fd };
    s->manager = (struct connected_socket){ CORO(connected_socket),
        .listener = s->listener, .fd = &s->fd, .body = &s->body.coro,
        .say = say_line, .arg = s };
}

static void scene_serve(struct scene *s)
{
    task_create(&s->lab.loop, &s->server, "server", &s->manager.coro);
}

static void scene_visit(struct scene *s, const char *words)
{
    s->visitor = (struct visitor){ CORO(visitor), .address = &s->address,
        .words = words, .after_ns = MILLISECONDS(500) };
    task_create(&s->lab.loop, &s->client, "client", &s->visitor.coro);
}

/* Turns until virtual time has come that far. */
static void until(struct scene *s, double seconds)
{
    while (s->lab.loop.now_ns < SECONDS(seconds))
        loop_turn(&s->lab.loop, true);
}

enum { MANY_TURNS = 3000 }; /* more than the longest test takes */

static void never_ends(struct scene *s, const struct task *task)
{
    int outcome = E_DEADLOCK;

    promise("%s comes to an end", task->name);
    loop_dump(&s->lab.loop, s->lab.loop.log);
    check_code(__FILE__, __LINE__, "the outcome", 0, outcome);
}

/* lab_run would cancel what is left, and there is more to look at. */
static int settle(struct scene *s, struct task *task)
{
    for (int turns = 0; !future_done(&task->future); turns++) {
        if (!loop_turn(&s->lab.loop, true))
            never_ends(s, task);
        if (turns == MANY_TURNS)
            check_fail(__FILE__, __LINE__, "%s runs again and again: %d "
                       "accept, and no end", task->name,
                       s->faults.calls[CALL_ACCEPT]);
    }
    loop_turn(&s->lab.loop, false);
    return future_outcome(&task->future);
}

static void ends(struct scene *s, struct task *task, int code)
{
    int outcome = settle(s, task);

    promise(code == 0 ? "%s ends without an error" : code == E_CANCELLED
            ? "the cancellation goes up, out of %s"
            : "%s ends with its error", task->name);
    check_code(__FILE__, __LINE__, "the outcome", code, outcome);
    promise("");
}

static void server_ends(struct scene *s, int code)
{
    ends(s, &s->server, code);
}

/* After the exit: the visitor has read the end. */
static void client_ends(struct scene *s, double seconds)
{
    ends(s, &s->client, 0);
    promise("the visitor reads the end when the exit closes");
    check_code(__FILE__, __LINE__, "what it read", E_EOF, s->visitor.end);
    CHECK_INT(SECONDS(seconds), s->visitor.ended_ns);
    promise("");
}

/* The server's and the client's, each by the loop. */
static void closed(struct scene *s, int n)
{
    promise("so many connections are closed, by close_socket or net_close");
    check_int(__FILE__, __LINE__, "the number of closes", n,
              s->faults.calls[CALL_CLOSE]);
    promise("");
}

/* More fds than before. Asked twice and more: the watchdog opens a file
 * now and then, for an instant. */
static int fds_left(const struct scene *s)
{
    const struct timespec nap = { 0, 1000000 };
    int left = count_fds() - s->fds;

    for (int i = 0; i < 20 && left > 0; i++) {
        nanosleep(&nap, NULL);
        left = count_fds() - s->fds;
    }
    return left;
}

static void scene_close(struct scene *s)
{
    int left;

    promise("after it, *fd is -1");
    check_int(__FILE__, __LINE__, "*fd", -1, s->fd);
    promise("");
    net_close(&s->lab.loop, &s->listener);
    lab_close(&s->lab);
    promise("when \"Closed connection\" is said, it is closed, *fd is -1");
    CHECK(!s->said_early);
    promise("every connection is closed");
    left = fds_left(s);
    if (left > 0)
        check_fail(__FILE__, __LINE__, "still open: %d", left);
    promise("");
}

/* --- The four ways out --------------------------------------------------- */

TEST(return_runs_the_exit_once__C01)
{
    struct scene s;

    scene_open(&s, "a visitor connects at 0.5 s and says hi at 1 s; the body "
               "returns");
    scene_serve(&s);
    scene_visit(&s, "hi");
    server_ends(&s, 0);
    CHECK_LOG("0 Entering context manager, waiting for connection\n"
              "0.5 Accepted a connection\n"
              "0.5 the body runs\n"
              "1 the body received hi\n"
              "1 Exiting context manager\n"
              "1 Closed connection\n");
    client_ends(&s, 1);
    closed(&s, 2);
    scene_close(&s);
}

TEST(an_error_runs_the_exit_once_and_goes_on__C01)
{
    struct scene s;

    scene_open(&s, "the visitor says hi at 1 s; the body fails");
    s.body.fails = E_VALUE;
    scene_serve(&s);
    scene_visit(&s, "hi");
    server_ends(&s, E_VALUE);
    CHECK_STR("boom", s.server.error.text);
    CHECK_LOG("0 Entering context manager, waiting for connection\n"
              "0.5 Accepted a connection\n"
              "0.5 the body runs\n"
              "1 the body received hi\n"
              "1 Exiting context manager\n"
              "1 Closed connection\n");
    client_ends(&s, 1);
    closed(&s, 2);
    scene_close(&s);
}

TEST(a_cancellation_runs_the_exit_once_and_goes_on__C01)
{
    struct scene s;

    scene_open(&s, "the visitor says nothing; the server is cancelled at 1 s");
    scene_serve(&s);
    scene_visit(&s, NULL);
    until(&s, 1);
    CHECK(task_cancel(&s.server));
    server_ends(&s, E_CANCELLED);
    CHECK_LOG("0 Entering context manager, waiting for connection\n"
              "0.5 Accepted a connection\n"
              "0.5 the body runs\n"
              "1 Exiting context manager\n"
              "1 Closed connection\n");
    client_ends(&s, 1);
    closed(&s, 2);
    scene_close(&s);
}

TEST(cancelled_in_enter_there_is_no_exit__C02)
{
    struct scene s;

    scene_open(&s, "nobody comes; the server is cancelled in accept");
    scene_serve(&s);
    loop_turn(&s.lab.loop, false);
    CHECK(task_cancel(&s.server));
    server_ends(&s, E_CANCELLED);
    CHECK_LOG("0 Entering context manager, waiting for connection\n");
    closed(&s, 0);
    scene_close(&s);
}

TEST(an_accept_that_fails_has_no_exit_either__C02)
{
    struct scene s;

    scene_open(&s, "accept says EINVAL");
    faults_fail(&s.faults, CALL_ACCEPT, EINVAL, 1);
    scene_serve(&s);
    server_ends(&s, EINVAL);
    CHECK_LOG("0 Entering context manager, waiting for connection\n");
    closed(&s, 0);
    scene_close(&s);
}

/* The listener is the caller's: the next one can use it. */
TEST(after_a_cancelled_enter_the_next_one_gets_the_connection__C02)
{
    struct scene s;

    scene_open(&s, "the server is cancelled in accept and starts again");
    scene_serve(&s);
    loop_turn(&s.lab.loop, false);
    task_cancel(&s.server);
    server_ends(&s, E_CANCELLED);
    s.manager.coro = (struct coro){ .type = &connected_socket_type };
    scene_serve(&s);
    scene_visit(&s, "hi");
    server_ends(&s, 0);
    client_ends(&s, 1);
    scene_close(&s);
}

TEST(cancelled_before_its_start_it_says_nothing__T04)
{
    struct scene s;

    scene_open(&s, "the server is cancelled before its first step");
    scene_serve(&s);
    task_cancel(&s.server);
    server_ends(&s, E_CANCELLED);
    CHECK_LOG("");
    s.fd = -1;
    scene_close(&s);
}

TEST(it_works_without_anybody_to_say_it_to)
{
    struct scene s;

    scene_open(&s, "nobody listens to what the server says: say is NULL");
    s.manager.say = NULL;
    scene_serve(&s);
    scene_visit(&s, "hi");
    server_ends(&s, 0);
    CHECK_LOG("0.5 the body runs\n1 the body received hi\n");
    client_ends(&s, 1);
    scene_close(&s);
}

/* --- An exit that awaits ------------------------------------------------- */

TEST(the_exit_may_await_and_the_cancellation_waits_for_it__C03)
{
    struct scene s;

    scene_open(&s, "cancelled at 1 s; bye takes a second");
    s.manager.bye = &s.bye.coro;
    scene_serve(&s);
    scene_visit(&s, NULL);
    until(&s, 1);
    task_cancel(&s.server);
    server_ends(&s, E_CANCELLED);
    CHECK_LOG("0 Entering context manager, waiting for connection\n"
              "0.5 Accepted a connection\n"
              "0.5 the body runs\n"
              "1 Exiting context manager\n"
              "2 bye\n"
              "2 Closed connection\n");
    client_ends(&s, 2);
    scene_close(&s);
}

TEST(bye_is_awaited_on_return_and_on_error_too__C03)
{
    for (int fails = 0; fails <= E_VALUE; fails += E_VALUE) {
        struct scene s;

        scene_open(&s, "the body returns or fails at 1 s; bye takes a second");
        s.manager.bye = &s.bye.coro;
        s.body.fails = fails;
        scene_serve(&s);
        scene_visit(&s, "hi");
        server_ends(&s, fails);
        CHECK_LOG("0 Entering context manager, waiting for connection\n"
                  "0.5 Accepted a connection\n"
                  "0.5 the body runs\n"
                  "1 the body received hi\n"
                  "1 Exiting context manager\n"
                  "2 bye\n"
                  "2 Closed connection\n");
        client_ends(&s, 2);
        scene_close(&s);
    }
}

TEST(a_second_cancel_interrupts_bye_but_the_socket_is_closed__C04)
{
    struct scene s;

    scene_open(&s, "cancelled at 1 s, and again in bye");
    s.manager.bye = &s.bye.coro;
    scene_serve(&s);
    scene_visit(&s, NULL);
    until(&s, 1);
    task_cancel(&s.server);
    loop_turn(&s.lab.loop, true);
    until(&s, 1); /* and now it is in its bye */
    CHECK(task_cancel(&s.server));
    server_ends(&s, E_CANCELLED);
    CHECK_LOG("0 Entering context manager, waiting for connection\n"
              "0.5 Accepted a connection\n"
              "0.5 the body runs\n"
              "1 Exiting context manager\n"
              "1 Closed connection\n");
    client_ends(&s, 1);
    scene_close(&s);
}

/* __aexit__ as one coroutine: say goodbye, then close. */
struct one_piece_exit {
    struct coro coro;
    struct scene *scene;
    struct sleep sleep;
};
ASYNC_DECLARE(one_piece_exit);

ASYNC(one_piece_exit)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = SECONDS(1));
    net_close(&self->scene->lab.loop, &self->scene->fd);
    say("closed");
    END;
}

/* await shield(exit()), in the place of exit(). */
struct behind_shield {
    struct coro coro;
    struct coro *inner;
    struct task task;
    struct shield shield;
    struct cleanup closing;
};
ASYNC_DECLARE(behind_shield);

ASYNC(behind_shield)
{
    BEGIN;
    task_create(task_loop(task), &self->task, "exit", self->inner);
    DEFER(&self->closing, shield_close, &self->shield);
    AWAIT_FUTURE(shield(&self->shield, &self->task.future));
    END;
}

/* async with: nothing, and one of those exits. */
struct one_piece {
    struct coro coro;
    struct scene *scene;
    bool shielded;
    struct async_cleanup exiting;
    struct one_piece_exit one_piece_exit;
    struct behind_shield behind_shield;
    struct sleep sleep;
};
ASYNC_DECLARE(one_piece);

ASYNC(one_piece)
{
    struct coro *exit;

    BEGIN;
    exit = CALL(one_piece_exit, .scene = self->scene);
    if (self->shielded)
        exit = CALL(behind_shield, .inner = exit);
    DEFER_AWAIT(&self->exiting, exit);
    AWAIT(sleep, .delay_ns = SECONDS(3600));
    END;
}

/* Cancels it at 1 s and, in its exit, at 1.5 s. */
static void cancel_one_piece_twice(struct scene *s, struct one_piece *one)
{
    int fds[2];

    scene_open(s, "an exit that is one coroutine; cancelled at 1 and 1.5 s");
    socket_pair(fds);
    close(fds[1]);
    s->fd = fds[0];
    one->scene = s;
    task_create(&s->lab.loop, &s->server, "server", &one->coro);
    task_create(&s->lab.loop, &s->client, "clock",
                &(struct sleep){ CORO(sleep), .delay_ns = SECONDS(1) }.coro);
    settle(s, &s->client);
    task_cancel(&s->server);
    task_create(&s->lab.loop, &s->client, "clock",
                &(struct sleep){ CORO(sleep), .delay_ns = SECONDS(0.5) }
                .coro);
    settle(s, &s->client);
    CHECK(task_cancel(&s->server));
    server_ends(s, E_CANCELLED);
}

TEST(an_exit_in_one_piece_leaks_when_cancelled_twice__C04)
{
    struct one_piece one = { CORO(one_piece) };
    struct scene s;

    cancel_one_piece_twice(&s, &one);
    CHECK(s.fd >= 0); /* the rest of the exit was skipped */
    CHECK_LOG("");
    net_close(&s.lab.loop, &s.fd);
    scene_close(&s);
}

TEST(behind_a_shield_the_exit_ends_though_nobody_waits__C04)
{
    struct one_piece one = { CORO(one_piece), .shielded = true };
    struct scene s;

    cancel_one_piece_twice(&s, &one);
    CHECK(s.fd >= 0); /* not yet */
    ends(&s, &one.behind_shield.task, 0);
    CHECK_LOG("2 closed\n");
    scene_close(&s);
}

/* --- Several managers ---------------------------------------------------- */

static void say_outer(void *arg, const char *line)
{
    (void)arg;
    say("outer: %s", line);
}

TEST(nested_managers_exit_in_reverse_order__C05)
{
    struct visitor early;
    struct task early_task;
    struct connected_socket outer;
    struct scene s;
    int outer_fd;

    scene_open(&s, "one connection inside another; the inner body fails");
    s.body.fails = E_VALUE;
    outer = (struct connected_socket){ CORO(connected_socket),
        .listener = s.listener, .fd = &outer_fd, .say = say_outer,
        .body = &s.manager.coro };
    task_create(&s.lab.loop, &s.server, "server", &outer.coro);
    early = (struct visitor){ CORO(visitor), .address = &s.address,
                              .after_ns = MILLISECONDS(250) };
    task_create(&s.lab.loop, &early_task, "early", &early.coro);
    scene_visit(&s, "hi");
    server_ends(&s, E_VALUE);
    ends(&s, &early_task, 0);
    CHECK_LOG("0 outer: Entering context manager, waiting for connection\n"
              "0.25 outer: Accepted a connection\n"
              "0.25 Entering context manager, waiting for connection\n"
              "0.5 Accepted a connection\n"
              "0.5 the body runs\n"
              "1 the body received hi\n"
              "1 Exiting context manager\n"
              "1 Closed connection\n"
              "1 outer: Exiting context manager\n"
              "1 outer: Closed connection\n");
    client_ends(&s, 1);
    CHECK_INT(-1, outer_fd);
    scene_close(&s);
}

TEST(an_error_of_bye_replaces_that_of_the_body__C05)
{
    struct scene s;

    scene_open(&s, "the body fails, then bye fails, too");
    s.body.fails = E_VALUE;
    s.bye.fails = E_USER;
    s.manager.bye = &s.bye.coro;
    scene_serve(&s);
    scene_visit(&s, "hi");
    server_ends(&s, E_USER);
    CHECK_STR("bye failed", s.server.error.text);
    CHECK_LOG("0 Entering context manager, waiting for connection\n"
              "0.5 Accepted a connection\n"
              "0.5 the body runs\n"
              "1 the body received hi\n"
              "1 Exiting context manager\n"
              "2 bye\n"
              "2 Closed connection\n");
    client_ends(&s, 2);
    closed(&s, 2);
    scene_close(&s);
}

TEST(a_bye_that_awaits_does_not_lose_the_words_of_the_error__C03)
{
    struct scene s;

    scene_open(&s, "the body fails; bye awaits, and does not");
    s.body.fails = E_VALUE;
    s.manager.bye = &s.bye.coro;
    scene_serve(&s);
    scene_visit(&s, "hi");
    server_ends(&s, E_VALUE);
    CHECK_STR("boom", s.server.error.text);
    client_ends(&s, 2);
    scene_close(&s);
}

/* Catches: bye awaited by hand, without DEFER_AWAIT: task->error is then
 * what bye met and caught. */
TEST(a_bye_that_catches_an_error_does_not_lose_that_of_the_body__C03)
{
    struct scene s;

    scene_open(&s, "the body fails; in bye another error comes and is caught");
    s.body.fails = E_VALUE;
    s.bye.slips = true;
    s.manager.bye = &s.bye.coro;
    scene_serve(&s);
    scene_visit(&s, "hi");
    server_ends(&s, E_VALUE);
    CHECK_STR("boom", s.server.error.text);
    client_ends(&s, 2);
    scene_close(&s);
}

/* --- Suppressing --------------------------------------------------------- */

TEST(an_exit_that_returns_true_suppresses_the_error__C06)
{
    struct scene s;

    scene_open(&s, "suppress; the body fails");
    s.body.fails = E_VALUE;
    s.manager.suppress = true;
    s.manager.bye = &s.bye.coro;
    scene_serve(&s);
    scene_visit(&s, "hi");
    server_ends(&s, 0);
    CHECK_LOG("0 Entering context manager, waiting for connection\n"
              "0.5 Accepted a connection\n"
              "0.5 the body runs\n"
              "1 the body received hi\n"
              "1 Exiting context manager\n"
              "2 bye\n"
              "2 Closed connection\n");
    client_ends(&s, 2);
    scene_close(&s);
}

/* async with forgiving: ...; then the task simply goes on. */
struct forgiven {
    struct coro coro;
    struct coro *manager;
    struct sleep sleep;
};
ASYNC_DECLARE(forgiven);

ASYNC(forgiven)
{
    BEGIN;
    AWAIT_CORO(self->manager);
    AWAIT(sleep, .delay_ns = SECONDS(1));
    say("went on");
    END;
}

TEST(it_suppresses_a_cancellation_and_the_task_goes_on__C06_T09)
{
    struct scene s;
    struct forgiven forgiven;

    scene_open(&s, "suppress; the server is cancelled at 1 s");
    s.manager.suppress = true;
    forgiven = (struct forgiven){ CORO(forgiven),
                                  .manager = &s.manager.coro };
    task_create(&s.lab.loop, &s.server, "server", &forgiven.coro);
    scene_visit(&s, NULL);
    until(&s, 1);
    CHECK(task_cancel(&s.server));
    server_ends(&s, 0);
    CHECK_INT(1, s.server.cancelling);
    CHECK_LOG("0 Entering context manager, waiting for connection\n"
              "0.5 Accepted a connection\n"
              "0.5 the body runs\n"
              "1 Exiting context manager\n"
              "1 Closed connection\n"
              "2 went on\n");
    client_ends(&s, 1);
    scene_close(&s);
}

TEST(it_does_not_suppress_what_happens_in_enter__C06)
{
    struct scene s;

    scene_open(&s, "suppress; accept says EINVAL");
    s.manager.suppress = true;
    faults_fail(&s.faults, CALL_ACCEPT, EINVAL, 1);
    scene_serve(&s);
    server_ends(&s, EINVAL);
    scene_close(&s);
}

TEST(it_does_not_suppress_the_error_of_its_own_exit__C06)
{
    struct scene s;

    scene_open(&s, "suppress; the body fails, then bye fails, too");
    s.manager.suppress = true;
    s.body.fails = E_VALUE;
    s.bye.fails = E_USER;
    s.manager.bye = &s.bye.coro;
    scene_serve(&s);
    scene_visit(&s, "hi");
    server_ends(&s, E_USER);
    client_ends(&s, 2);
    scene_close(&s);
}

/* --- Cancelled wherever it can be ---------------------------------------- */

static void turns(struct scene *s, int n)
{
    while (n-- > 0)
        loop_turn(&s->lab.loop, false);
}

/* The client without a loop: a socket that connects, then sends. */
static int knock(struct scene *s)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    CHECK_INT(0, connect(fd, (const struct sockaddr *)&s->address.storage,
                         s->address.length));
    return fd;
}

/* Lets the server suspend k times, with something for it to go on after
 * each; false: it ended before. */
static bool suspended(struct scene *s, int k, int *client)
{
    const struct future *at = NULL;
    int n = 0;

    while (!future_done(&s->server.future)) {
        loop_turn(&s->lab.loop, true);
        if (s->server.waiting_on == NULL || s->server.waiting_on == at)
            continue;
        at = s->server.waiting_on;
        n++;
        if (n == k)
            return true;
        if (n == 1)
            *client = knock(s);
        else if (n == 2)
            CHECK_INT(2, send(*client, "hi", 2, MSG_NOSIGNAL));
    }
    return false;
}

/* True if there was a k-th suspension. */
static bool cancel_at(int k, const char *expected)
{
    struct scene s;
    int client = -1, code = 0;
    bool there;
    char byte, words[64];

    snprintf(words, sizeof words, "the server is cancelled in its wait number "
             "%d", k);
    scene_open(&s, words);
    s.manager.bye = &s.bye.coro;
    scene_serve(&s);
    there = suspended(&s, k, &client);
    if (there) {
        CHECK(task_cancel(&s.server));
        code = E_CANCELLED;
    }
    server_ends(&s, code);
    CHECK_LOG(expected);
    closed(&s, client >= 0);
    if (client >= 0)
        CHECK_INT(0, recv(client, &byte, 1, 0)); /* it sees the end */
    close(client);
    scene_close(&s);
    return there;
}

#define ENTERING "0 Entering context manager, waiting for connection\n"

TEST(cancel_at_every_suspension)
{
    static const char *const heard[] = {
        /* in accept */
        ENTERING,
        /* in the body's recv */
        ENTERING "0 Accepted a connection\n0 the body runs\n"
        "0 Exiting context manager\n1 bye\n1 Closed connection\n",
        /* in bye */
        ENTERING "0 Accepted a connection\n0 the body runs\n"
        "0 the body received hi\n"
        "0 Exiting context manager\n0 Closed connection\n",
        /* nowhere any more */
        ENTERING "0 Accepted a connection\n0 the body runs\n"
        "0 the body received hi\n"
        "0 Exiting context manager\n1 bye\n1 Closed connection\n",
    };

    for (int k = 1; k < (int)COUNT(heard); k++)
        CHECK(cancel_at(k, heard[k - 1]));
    CHECK(!cancel_at(COUNT(heard), heard[COUNT(heard) - 1]));
}

/* --- Signals ------------------------------------------------------------- */

/* asyncio.run(main) with SIGINT: main waits, its cleanup awaits 0.2 s, and
 * a child of its own is running. */
struct child {
    struct coro coro;
    struct sleep sleep;
};
ASYNC_DECLARE(child);

ASYNC(child)
{
    BEGIN;
    CATCH_AWAIT(sleep, .delay_ns = SECONDS(3600));
    say("child cancelled");
    RERAISE(self->sleep.coro.error);
    END;
}

struct interrupted {
    struct coro coro;
    bool swallows;
    struct child child;
    struct task child_task;
    struct sleep sleep;
};
ASYNC_DECLARE(interrupted);

ASYNC(interrupted)
{
    BEGIN;
    task_create(task_loop(task), &self->child_task, "child", CALL(child, 0));
    CATCH_AWAIT(sleep, .delay_ns = SECONDS(3600));
    say("main: %s, cleanup with await starts",
        error_name(self->sleep.coro.error));
    AWAIT(sleep, .delay_ns = SECONDS(0.2));
    say("main: cleanup done");
    RERAISE(self->swallows ? 0 : E_CANCELLED);
    END;
}

/* raise(SIGINT) as an ordinary callback, from a timer. */
struct alarm {
    struct timer timer;
    int signals; /* how many at once */
};

static void ring(struct callback *callback)
{
    struct alarm *alarm = CONTAINER(callback, struct alarm, timer.callback);

    for (int i = 0; i < alarm->signals; i++)
        raise(SIGINT);
}

static void set_alarm(struct lab *lab, struct alarm *alarm, double seconds)
{
    *alarm = (struct alarm){ .signals = 1 };
    CHECK_INT(0, timer_start(&lab->loop, &alarm->timer, SECONDS(seconds),
                             ring));
}

static void open_catching(struct lab *lab)
{
    lab_open_with(lab, (struct loop_options){ .virtual_time = true,
                                              .catch_sigint = true });
}

TEST(the_first_sigint_cancels_main_whose_cleanup_may_await__X01)
{
    struct interrupted main = { CORO(interrupted) };
    struct alarm alarm;
    struct lab lab;

    open_catching(&lab);
    set_alarm(&lab, &alarm, 0.1);
    CHECK_CODE(E_INTERRUPTED, lab_run(&lab, &main.coro));
    CHECK_LOG("0.1 main: E_CANCELLED, cleanup with await starts\n"
              "0.3 main: cleanup done\n"
              "0.3 child cancelled\n");
    lab_close(&lab);
}

TEST(main_may_swallow_it_and_the_run_is_not_interrupted__X02)
{
    struct interrupted main = { CORO(interrupted), .swallows = true };
    struct alarm alarm;
    struct lab lab;

    open_catching(&lab);
    set_alarm(&lab, &alarm, 0.1);
    CHECK_CODE(0, lab_run(&lab, &main.coro));
    CHECK_LOG("0.1 main: E_CANCELLED, cleanup with await starts\n"
              "0.3 main: cleanup done\n"
              "0.3 child cancelled\n");
    lab_close(&lab);
}

TEST(the_second_sigint_ends_the_run_at_once__X03)
{
    struct interrupted main = { CORO(interrupted) };
    struct alarm alarm, again;
    struct lab lab;

    open_catching(&lab);
    set_alarm(&lab, &alarm, 0.1);
    set_alarm(&lab, &again, 0.2);
    CHECK_CODE(E_INTERRUPTED, lab_run(&lab, &main.coro));
    CHECK_LOG("0.1 main: E_CANCELLED, cleanup with await starts\n"
              "0.2 child cancelled\n");
    lab_close(&lab);
}

/* A step that raises SIGINT and goes on for a while: the handler wrote one
 * byte, and that is all until the step is over. */
struct busy {
    struct coro coro;
    struct sleep sleep;
};
ASYNC_DECLARE(busy);

ASYNC(busy)
{
    BEGIN;
    raise(SIGINT);
    CHECK_INT(0, task->cancelling);
    CHECK(task_loop(task)->current == task);
    say("the step goes on");
    CATCH_AWAIT(sleep, .delay_ns = 0);
    say("next turn: %s, %d request", error_name(self->sleep.coro.error),
        task->cancelling);
    CATCH_AWAIT(sleep, .delay_ns = SECONDS(1));
    say("after it: %s", error_name(self->sleep.coro.error));
    RERAISE(self->sleep.coro.error);
    END;
}

TEST(the_handler_writes_a_byte_and_no_step_is_preempted__X04_X05)
{
    struct busy main = { CORO(busy) };
    struct lab lab;

    open_catching(&lab);
    CHECK_CODE(E_INTERRUPTED, lab_run(&lab, &main.coro));
    CHECK_LOG("0 the step goes on\n"
              "0 next turn: OK, 0 request\n"
              "0 after it: E_CANCELLED\n");
    lab_close(&lab);
}

/* Who runs when the work is done: nobody's step, a callback of the loop. */
struct observer {
    struct loop_hook hook;
    struct loop_hook *before;
    bool in_a_step;
};

static void observe(struct loop_hook *hook, struct loop *loop,
                    const struct loop_event *event)
{
    struct observer *observer = CONTAINER(hook, struct observer, hook);

    if (event->kind == EVENT_CANCEL && event->task == &loop->main
        && loop->current != NULL)
        observer->in_a_step = true;
    observer->before->tell(observer->before, loop, event);
}

TEST(the_work_is_done_in_a_callback_where_no_task_is_current__X04)
{
    struct observer observer = { .hook.tell = observe };
    struct busy main = { CORO(busy) };
    struct lab lab;

    open_catching(&lab);
    observer.before = lab.loop.hook;
    lab.loop.hook = &observer.hook;
    CHECK_CODE(E_INTERRUPTED, lab_run(&lab, &main.coro));
    CHECK(!observer.in_a_step);
    CHECK_LOG("0 the step goes on\n"
              "0 next turn: OK, 0 request\n"
              "0 after it: E_CANCELLED\n");
    lab_close(&lab);
}

/* Ctrl-C while it talks, as main. */
TEST(sigint_runs_the_exit_and_the_peer_reads_the_end__X01_C01)
{
    struct alarm alarm;
    struct scene s;

    scene_open(&s, "Ctrl-C at 2 s, while the body waits");
    net_close(&s.lab.loop, &s.listener);
    lab_close(&s.lab);
    open_catching(&s.lab);
    CHECK_CODE(0, net_listen(&s.lab.loop, &s.address, 8, &s.listener,
                             &s.lab.loop.main.error));
    s.manager.listener = s.listener;
    scene_visit(&s, NULL);
    set_alarm(&s.lab, &alarm, 2);
    CHECK_CODE(E_INTERRUPTED, lab_run(&s.lab, &s.manager.coro));
    CHECK_LOG("0 Entering context manager, waiting for connection\n"
              "0.5 Accepted a connection\n"
              "0.5 the body runs\n"
              "2 Exiting context manager\n"
              "2 Closed connection\n");
    scene_close(&s);
}

/* --- The server ---------------------------------------------------------- */

enum { VISITORS = SERVER_VISITS + 1 };

/* main: starts visitors, serves until SIGINT, then waits for them. */
struct town {
    struct coro coro;
    struct address address;
    struct open_socket listener;
    struct echo_server echo_server;
    struct visitor visitors[VISITORS];
    struct task tasks[VISITORS];
    int count, at;
    struct alarm closing_time;
    int interrupt_at, polls;
    int interrupted; /* out: polls until the first SIGINT arrived */
    struct loop_hook hook, *before;
};
ASYNC_DECLARE(town);

static void open_town(struct town *town, struct lab *lab)
{
    struct error error;

    open_catching(lab);
    town->coro.type = &town_type;
    town->before = lab->loop.hook;
    lab->loop.hook = &town->hook;
    town->listener.loop = &lab->loop;
    CHECK_CODE(0, address_parse(&town->address, "127.0.0.1", 0, &error));
    CHECK_CODE(0, net_listen(&lab->loop, &town->address, 16,
                             &town->listener.fd, &error));
    set_alarm(lab, &town->closing_time, 50);
}

static void close_town(struct town *town, struct lab *lab)
{
    timer_stop(&lab->loop, &town->closing_time.timer);
    CHECK_INT(0, town->echo_server.open);
    lab_close(lab);
}

ASYNC(town)
{
    BEGIN;
    for (int i = 0; i < self->count; i++) {
        self->visitors[i] = (struct visitor){ CORO(visitor),
            .address = &self->address, .words = "hi",
            .after_ns = SECONDS(1) + MILLISECONDS(100) * i };
        task_create(task_loop(task), &self->tasks[i], "visitor",
                    &self->visitors[i].coro);
    }
    CATCH_AWAIT(echo_server, .listener = self->listener.fd);
    CHECK_CODE(E_CANCELLED, self->echo_server.coro.error);
    CHECK_INT(0, self->echo_server.open);
    close_socket(&self->listener);
    for (self->at = 0; self->at < self->count; self->at++)
        AWAIT_FUTURE(&self->tasks[self->at].future);
    RERAISE(E_CANCELLED);
    END;
}

/* SIGINT before poll number `interrupt_at`, if it comes to that. */
static void interrupt(struct loop_hook *hook, struct loop *loop,
                      const struct loop_event *event)
{
    struct town *town = CONTAINER(hook, struct town, hook);

    if (event->kind == EVENT_POLL) {
        town->polls++;
        if (town->polls == town->interrupt_at)
            raise(SIGINT);
    }
    if (event->kind == EVENT_CANCEL && event->task == &loop->main)
        town->interrupted = town->polls;
    town->before->tell(town->before, loop, event);
}

/* How many polls went by before the SIGINT. Each visitor had its echo and
 * then a clean end, or came too late for it; none hangs, and no fd is left
 * (the census). */
static int interrupted_at(int at)
{
    struct town town = { .count = 3, .interrupt_at = at,
                         .hook.tell = interrupt };
    struct lab lab;

    open_town(&town, &lab);
    CHECK_CODE(E_INTERRUPTED, lab_run(&lab, &town.coro));
    for (int i = 0; i < town.count; i++) {
        const struct visitor *v = &town.visitors[i];

        if (town.tasks[i].name == NULL)
            continue; /* main was cancelled before its first step */
        CHECK(v->received == 0 || v->received == 2);
        CHECK(v->received == 0 || v->end == E_EOF);
        CHECK(v->end == E_EOF || v->end == ECONNRESET || v->end == EPIPE
              || v->end == ECONNREFUSED);
    }
    if (town.coro.pc == CORO_DONE && town.tasks[0].name == NULL)
        close_socket(&town.listener);
    close_town(&town, &lab);
    return town.interrupted;
}

TEST(sigint_at_each_turn_of_a_server_with_three_clients__X01)
{
    int polls = interrupted_at(0); /* all served, then closing time */

    CHECK(polls > 10);
    for (int at = 1; at < polls; at++)
        interrupted_at(at);
}

TEST(a_server_serves_more_than_it_has_places_for)
{
    static struct town town;
    struct lab lab;

    town = (struct town){ .count = VISITORS, .hook.tell = interrupt };
    open_town(&town, &lab);
    /* Places full, the rest waits in the backlog: at closing time those
     * are reset, for the listener closes on them. */
    CHECK_CODE(E_INTERRUPTED, lab_run(&lab, &town.coro));
    for (int i = 0; i < SERVER_VISITS; i++) {
        CHECK_INT(2, town.visitors[i].received);
        CHECK_CODE(E_EOF, town.visitors[i].end);
    }
    CHECK_CODE(ECONNRESET, town.visitors[SERVER_VISITS].end);
    CHECK_INT(SERVER_VISITS, town.echo_server.served);
    close_town(&town, &lab);
}

/* A client that leaves makes room for the next, in its place. */
struct guest {
    struct coro coro;
    const struct address *address;
    int left, served;
    struct open_socket socket;
    char byte;
    union {
        struct dial dial;
        struct sock_sendall sock_sendall;
        struct sock_recv sock_recv;
    };
};
ASYNC_DECLARE(guest);

ASYNC(guest)
{
    BEGIN;
    while (self->left-- > 0) {
        AWAIT(dial, .address = self->address, .fd = &self->socket.fd);
        self->socket.loop = task_loop(task);
        AWAIT(sock_sendall, .fd = self->socket.fd, .data = "x", .size = 1);
        AWAIT(sock_recv, .fd = self->socket.fd, .buffer = &self->byte,
              .size = 1);
        self->served += self->byte == 'x';
        close_socket(&self->socket);
    }
    END;
}

TEST(places_are_used_again_and_ten_guests_take_turns)
{
    static struct echo_server server;
    struct guest guests[10];
    struct task tasks[10], task;
    struct scene s;

    scene_open(&s, "an echo server of 8 places; ten guests come five times "
               "each");
    server = (struct echo_server){ CORO(echo_server),
                                   .listener = s.listener };
    task_create(&s.lab.loop, &task, "server", &server.coro);
    for (int i = 0; i < 10; i++) {
        guests[i] = (struct guest){ CORO(guest), .address = &s.address,
                                    .left = 5 };
        task_create(&s.lab.loop, &tasks[i], "guest", &guests[i].coro);
    }
    for (int i = 0; i < 10; i++) {
        ends(&s, &tasks[i], 0);
        CHECK_INT(5, guests[i].served);
    }
    CHECK_INT(50, server.served);
    task_cancel(&task);
    ends(&s, &task, E_CANCELLED);
    CHECK_INT(0, server.open);
    s.fd = -1;
    scene_close(&s);
}

TEST(a_client_that_resets_ends_its_own_visit_only)
{
    struct linger reset = { .l_onoff = 1, .l_linger = 0 };
    static struct echo_server server;
    struct task task;
    struct scene s;
    int rude, polite;

    scene_open(&s, "an echo server; one of two clients resets");
    server = (struct echo_server){ CORO(echo_server),
                                   .listener = s.listener };
    task_create(&s.lab.loop, &task, "server", &server.coro);
    rude = knock(&s);
    polite = knock(&s);
    turns(&s, 10);
    CHECK_INT(2, server.open);
    setsockopt(rude, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(rude);
    turns(&s, 10);
    CHECK_INT(1, server.open);
    CHECK(!future_done(&task.future));
    close(polite);
    task_cancel(&task);
    ends(&s, &task, E_CANCELLED);
    s.fd = -1;
    scene_close(&s);
}

/* One leaves and one comes in the same turn, the one that leaves first. */
TEST(a_place_is_taken_until_its_visit_was_counted_out)
{
    static struct echo_server server;
    struct task task;
    struct scene s;
    int first, second, third;

    scene_open(&s, "an echo server; one client leaves as another comes");
    server = (struct echo_server){ CORO(echo_server),
                                   .listener = s.listener };
    task_create(&s.lab.loop, &task, "server", &server.coro);
    first = knock(&s);
    turns(&s, 5);
    second = knock(&s);
    turns(&s, 5);
    close(first);
    third = knock(&s);
    turns(&s, 5);
    CHECK_INT(3, server.served);
    CHECK_INT(2, server.open);
    task_cancel(&task);
    ends(&s, &task, E_CANCELLED);
    close(second);
    close(third);
    s.fd = -1;
    scene_close(&s);
}

TEST(an_accept_that_fails_ends_the_server_and_its_visits)
{
    static struct echo_server server;
    struct task task;
    struct scene s;
    int client;

    scene_open(&s, "an echo server; the second accept says EINVAL");
    server = (struct echo_server){ CORO(echo_server),
                                   .listener = s.listener };
    client = knock(&s);
    faults_fail(&s.faults, CALL_ACCEPT, 0, 1);
    faults_fail(&s.faults, CALL_ACCEPT, EINVAL, 1);
    task_create(&s.lab.loop, &task, "server", &server.coro);
    ends(&s, &task, EINVAL);
    CHECK_INT(1, server.served);
    CHECK_INT(0, server.open);
    close(client);
    s.fd = -1;
    scene_close(&s);
}

/* --- Why ----------------------------------------------------------------- */

static const struct cause causes[] = {
    { "a_bye_that_catches*", { NULL },
      "bye is awaited by hand, and its errors, even those it caught, take "
      "the place of the body's in task->error: DEFER_AWAIT keeps that",
      "row \"on error\"" },
    { NULL, { "cleanups != node" },
      "the same node is promised twice: each DEFER needs a struct cleanup of "
      "its own (closing, exiting)", "row \"who frees\"" },
    { "bye_is_awaited*", { "yours      1.5 s  bye" },
      "bye is awaited before the body: promise it with DEFER_AWAIT, it runs "
      "on the way out", "row \"input\"" },
    { NULL, { "inside a switch" },
      "an AWAIT stands inside a switch of its own: AWAIT is a `case` of the "
      "body's switch, so write if/else around it", NULL },
    { NULL, { "uses a local of a function" },
      "a local of the body is used across an await: locals die there; what "
      "must live is a member of the frame, like self->closing",
      "row \"who frees\"" },
    { NULL, { "was closed before" },
      "two owners close the connection: one copy of its number is closed "
      "already, and by now the number may be another's", "row \"who frees\"" },
    { NULL, { "entry.coro == NULL" },
      "bye is awaited even if there is none: if it is NULL, promise nothing",
      "row \"input\"" },
    { NULL, { "null pointer of type 'struct coro'" },
      "bye is awaited even if there is none: if it is NULL, promise nothing",
      "row \"input\"" },
    { NULL, { "null pointer of type 'struct loop'" },
      "close_socket has no loop to close with: self->socket needs "
      "task_loop(task), not only the fd", "row \"who frees\"" },
    { NULL, { "type 'struct connected_socket'" },
      "a cleanup gets another pointer than it takes: DEFER's third argument, "
      "here self, is what its function is called with", "row \"who frees\"" },
    { NULL, { "in a system call of its own" },
      "a system call of the body's own sleeps, and with it the one thread "
      "that all tasks share: await sock_accept instead", "row \"input\"" },
    { NULL, { " on and on", "happened in connected_socket" },
      "something is tried again and again, and nobody else runs: await "
      "sock_accept, which waits in the loop", NULL },
    { NULL, { "again and again" },
      "something is tried again and again, at every turn of the loop: await "
      "sock_accept, which waits until somebody comes; closing waits for "
      "nobody", NULL },
    { NULL, { "awaited again", "bye (tests" },
      "bye is awaited twice, by hand and as a promise: DEFER_AWAIT alone "
      "awaits it, on every way out", "row \"input\"" },
    { NULL, { "E_RUNTIME" },
      "`task` is awaited, which is the task that runs: it would wait for its "
      "own end; await what you are given", NULL },
    { NULL, { "ENOTCONN" },
      "*fd is not the connection: that is what accept gave, "
      "self->sock_accept.fd, and not the listener", "row \"result\"" },
    { NULL, { "yours        0 s  Accepted" },
      "\"Accepted a connection\" is said before anybody has come: await "
      "sock_accept first", "row \"result\"" },
    { NULL, { "expected   0.5 s  Accepted", "yours      0.5 s  the body" },
      "\"Accepted a connection\" is said too late: it comes before the body, "
      "which finds *fd set", "row \"result\"" },
    { "bye_is_awaited*", { "visitor.ended_ns" },
      "bye comes after the close, and has nobody left to talk to: cleanups "
      "run newest first, so promise the close before bye", "row \"input\"" },
    { NULL, { "EAGAIN" },
      "EAGAIN is taken for a failure: it says \"not now\"; await "
      "sock_accept, which waits and tries again", "row \"on error\"" },
    { NULL, { "finds the connection in *fd" },
      "the body starts before *fd is set: it is the accepted connection, "
      "from then until the close", "row \"result\"" },
    { NULL, { "expected   0.5 s  the body runs" },
      "nobody runs the body: await it, it is a coroutine that you are given",
      "row \"input\"" },
    { NULL, { "client comes to an end" },
      "the connection is not closed, whatever is said: close_socket wants "
      "the fd that accept gave, as long as it is not -1",
      "row \"who frees\"" },
    { NULL, { "every connection is closed" },
      "the connection is not closed on this way out: promise it with DEFER "
      "right after accept", "row \"who frees\"" },
    { NULL, { "by close_socket or net_close" },
      "the connection is closed behind the loop's back, or not at all: "
      "close_socket closes it once, and the loop knows", "row \"who frees\"" },
    { NULL, { "said_early" },
      "\"Closed connection\" is said before it is true: close, set *fd to "
      "-1, and say it last", "row \"result\"" },
    { NULL, { "*fd is -1" },
      "*fd keeps the number after the close, and the next accept may give "
      "it to somebody else: set it to -1", "row \"result\"" },
    { "return_runs*", { "expected     0 s", "nothing more" },
      "it ends before anybody has come: await sock_accept, and then the body",
      "row \"input\"" },
    { "return_runs*", { "expected     1 s", "nothing more" },
      "a plain return runs no exit, or half of it: DEFER is for every way "
      "out, ERRDEFER for errors only", "row \"who frees\"" },
    { NULL, { "expected     1 s  Exiting", "yours        1 s  Closed" },
      "the exit is promised in the order in which it should happen: "
      "cleanups run newest first, so promise \"Exiting\" last",
      "row \"on error\"" },
    { NULL, { "expected     1 s  Exiting", "yours        2 s  bye" },
      "bye comes before \"Exiting\": it is awaited by hand, or the exit is "
      "promised in the order in which it should happen; cleanups run newest "
      "first, so promise bye with DEFER_AWAIT, and \"Exiting\" last",
      "row \"on error\"" },
    { "an_error_runs*", { "nothing more" },
      "the exit stands behind the body, where an error and a cancellation "
      "never come: promise it with DEFER, before the body",
      "row \"on error\"" },
    { "a_cancellation*", { "nothing more" },
      "the exit stands behind the body, where an error and a cancellation "
      "never come: promise it with DEFER, before the body",
      "row \"on cancel\"" },
    { "an_error_runs*", { "expected   \"boom\"" },
      "the error of the body goes up with other words than its own: RERAISE "
      "passes code and words on as they are", "row \"on error\"" },
    { "an_error_runs*", { "the outcome is OK" },
      "the error of the body ends here, though suppress is false: RERAISE "
      "it when the body has been caught", "row \"on error\"" },
    { "a_cancellation*", { "the outcome is OK" },
      "the cancellation of the body ends here, though suppress is false: it "
      "is passed on like any error, or nobody can cancel us",
      "row \"on cancel\"" },
    { "cancelled_in_enter*", { "expected   nothing more" },
      "the exit is promised before accept, so it runs though nothing was "
      "acquired: the first DEFER stands after accept", "row \"on cancel\"" },
    { "an_accept_that_fails_has*", { "expected   nothing more" },
      "the exit is promised before accept, so it runs though nothing was "
      "acquired: the first DEFER stands after accept", "row \"on error\"" },
    { "cancelled_in_enter*", { "the outcome is" },
      "the error of accept, or a cancellation there, is lost: AWAIT passes "
      "it on", "row \"on cancel\"" },
    { "an_accept_that_fails_has*", { "the outcome is" },
      "the error of accept, or a cancellation there, is lost: AWAIT passes "
      "it on", "row \"on error\"" },
    { NULL, { "the connection is still open" },
      "bye comes after the close, and has nobody left to talk to: cleanups "
      "run newest first, so promise the close before bye", "row \"input\"" },
    { NULL, { "expected     2 s  bye" },
      "bye is skipped on this way out: DEFER_AWAIT it, if there is one, and "
      "it is awaited on every way", "row \"input\"" },
    { "an_error_of_bye*", { "nothing more" },
      "bye was cut off or failed, and took the close with it: give the "
      "close a DEFER of its own, and it happens in any case",
      "row \"on error\"" },
    { "a_second_cancel*", { "nothing more" },
      "bye was cut off or failed, and took the close with it: give the "
      "close a DEFER of its own, and it happens in any case",
      "row \"on cancel\"" },
    { "a_second_cancel*", { "the outcome is" },
      "the second cancellation, which cuts bye off, is lost: what bye raises "
      "goes up", "row \"on cancel\"" },
    { "an_error_of_bye*", { "the outcome is" },
      "the error of bye is lost: it goes up, in place of the body's",
      "row \"on error\"" },
    { "it_does_not_suppress_the*", { "the outcome is" },
      "the error of bye is lost: suppress is for what the body raises, not "
      "for what the exit does", "row \"on error\"" },
    { "an_exit_that_returns*", { "the outcome is" },
      "suppress is true, and the error of the body goes up all the same: "
      "catch it with CATCH_AWAIT_CORO, then end with 0", "row \"on error\"" },
    { "it_suppresses*", { "the outcome is" },
      "suppress is true, and the cancellation goes up all the same: it ends "
      "here, like any error of the body; only CATCH_AWAIT_CORO catches one, "
      "TRY_AWAIT_CORO lets it pass",
      "row \"on cancel\"" },
    { "it_does_not_suppress_what*", { NULL },
      "the error of accept is suppressed: suppress is for what the body "
      "raises, and there was no body yet", "row \"on error\"" },
};

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(return_runs_the_exit_once__C01),
        ENTRY(an_error_runs_the_exit_once_and_goes_on__C01),
        ENTRY(a_cancellation_runs_the_exit_once_and_goes_on__C01),
        ENTRY(cancelled_in_enter_there_is_no_exit__C02),
        ENTRY(an_accept_that_fails_has_no_exit_either__C02),
        ENTRY(after_a_cancelled_enter_the_next_one_gets_the_connection__C02),
        ENTRY(cancelled_before_its_start_it_says_nothing__T04),
        ENTRY(it_works_without_anybody_to_say_it_to),
        ENTRY(bye_is_awaited_on_return_and_on_error_too__C03),
        ENTRY(the_exit_may_await_and_the_cancellation_waits_for_it__C03),
        ENTRY(a_bye_that_awaits_does_not_lose_the_words_of_the_error__C03),
        ENTRY(an_error_of_bye_replaces_that_of_the_body__C05),
        ENTRY(a_second_cancel_interrupts_bye_but_the_socket_is_closed__C04),
        ENTRY(a_bye_that_catches_an_error_does_not_lose_that_of_the_body__C03),
        ENTRY(an_exit_that_returns_true_suppresses_the_error__C06),
        ENTRY(it_suppresses_a_cancellation_and_the_task_goes_on__C06_T09),
        ENTRY(it_does_not_suppress_what_happens_in_enter__C06),
        ENTRY(it_does_not_suppress_the_error_of_its_own_exit__C06),
        ENTRY(nested_managers_exit_in_reverse_order__C05),
        ENTRY(cancel_at_every_suspension),
        ENTRY(sigint_runs_the_exit_and_the_peer_reads_the_end__X01_C01),
        ENTRY(an_exit_in_one_piece_leaks_when_cancelled_twice__C04),
        ENTRY(behind_a_shield_the_exit_ends_though_nobody_waits__C04),
        ENTRY(the_first_sigint_cancels_main_whose_cleanup_may_await__X01),
        ENTRY(main_may_swallow_it_and_the_run_is_not_interrupted__X02),
        ENTRY(the_second_sigint_ends_the_run_at_once__X03),
        ENTRY(the_handler_writes_a_byte_and_no_step_is_preempted__X04_X05),
        ENTRY(the_work_is_done_in_a_callback_where_no_task_is_current__X04),
        ENTRY(sigint_at_each_turn_of_a_server_with_three_clients__X01),
        ENTRY(a_server_serves_more_than_it_has_places_for),
        ENTRY(places_are_used_again_and_ten_guests_take_turns),
        ENTRY(a_client_that_resets_ends_its_own_visit_only),
        ENTRY(a_place_is_taken_until_its_visit_was_counted_out),
        ENTRY(an_accept_that_fails_ends_the_server_and_its_visits),
    };

    return lesson_main(argc, argv, &(struct lesson){
        "07_accept", tests, COUNT(tests), causes, COUNT(causes) });
}
