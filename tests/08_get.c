/* 08_get.c - one GET against a peer that follows a script: rows H19 to H21.
 *
 *     peer:  accepts, reads the request's head, sends its answer in pieces,
 *            then closes, resets, or stays silent
 *
 * Judges get.c and exercise.c alike: only the header is used.
 */
#include "08_get/get.h"
#include "check.h"
#include "faults.h"
#include "stage/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* --- The peer ------------------------------------------------------------ */

enum peer_end { CLOSES, RESETS, STAYS };

struct peer {
    struct coro coro;
    int listener;
    const char *answer; /* what it sends when the request is there */
    size_t split;       /* after so many bytes it waits a second ... */
    size_t dribble;     /* ... or after each so many                 */
    enum peer_end end;
    char request[1024]; /* out: of the last connection     */
    size_t received;
    int connections;    /* out: so far                     */
    bool client_closed; /* out, STAYS: it saw the end      */
    struct open_socket socket;
    struct cleanup closing;
    size_t sent, piece;
    union {
        struct sock_accept sock_accept;
        struct sock_recv sock_recv;
        struct sock_sendall sock_sendall;
        struct sleep sleep;
    };
};
ASYNC_DECLARE(peer);

static size_t next_piece(const struct peer *self)
{
    size_t left = strlen(self->answer) - self->sent;

    if (self->dribble > 0)
        return self->dribble < left ? self->dribble : left;
    return self->sent < self->split && self->split - self->sent < left
        ? self->split - self->sent : left;
}

static bool has_head(const struct peer *self)
{
    return strstr(self->request, "\r\n\r\n") != NULL;
}

static void hang_up(struct peer *self)
{
    struct linger reset = { .l_onoff = 1, .l_linger = 0 };

    if (self->end == RESETS)
        setsockopt(self->socket.fd, SOL_SOCKET, SO_LINGER, &reset,
                   sizeof reset);
    if (self->end != STAYS)
        say("server: %s", self->end == RESETS ? "resets" : "closes");
    close_socket(&self->socket);
}

ASYNC(peer)
{
    BEGIN;
    self->socket.loop = task_loop(task);
    DEFER(&self->closing, close_socket, &self->socket);
    for (;;) {
        AWAIT(sock_accept, .listener = self->listener);
        self->socket.fd = self->sock_accept.fd;
        self->connections++;
        say("server: a connection");
        self->received = self->sent = 0;
        self->request[0] = '\0';
        while (!has_head(self)) {
            TRY_AWAIT(sock_recv, .fd = self->socket.fd,
                      .buffer = self->request + self->received,
                      .size = sizeof self->request - 1 - self->received);
            if (self->sock_recv.coro.error != 0
                || self->sock_recv.received == 0)
                break; /* it gave up */
            self->received += self->sock_recv.received;
            self->request[self->received] = '\0';
        }
        if (has_head(self))
            say("server: the request is here");
        else
            say("server: no request, %zu bytes of it", self->received);
        while (self->sent < strlen(self->answer)) {
            if (self->sent > 0)
                AWAIT(sleep, .delay_ns = SECONDS(1));
            self->piece = next_piece(self);
            say("server: sends %zu byte(s)", self->piece);
            TRY_AWAIT(sock_sendall, .fd = self->socket.fd,
                      .data = self->answer + self->sent,
                      .size = self->piece);
            if (self->sock_sendall.coro.error != 0)
                break;
            self->sent += self->piece;
        }
        if (self->end == STAYS) {
            say("server: stays silent");
            do {
                TRY_AWAIT(sock_recv, .fd = self->socket.fd,
                          .buffer = self->request, .size = 1);
            } while (self->sock_recv.coro.error == 0
                     && self->sock_recv.received > 0);
            self->client_closed = true;
            say("server: the client has closed");
        }
        hang_up(self);
    }
    END;
}

/* --- A scene: one peer, one GET ------------------------------------------ */

struct scene {
    struct lab lab;
    struct faults faults;
    struct sys sys; /* the faults', and no fd is closed twice */
    struct address address;
    int listener, fds, outcome;
    unsigned port;
    struct peer peer;
    struct task peer_task, task;
    char url[128];
    struct get get;
};

static void make_url(struct scene *s, const char *path)
{
    snprintf(s->url, sizeof s->url, "http://127.0.0.1:%u%s", s->port, path);
}

static void find_port(struct scene *s)
{
    const struct sockaddr_in *name = (const void *)&s->address.storage;

    s->port = ntohs(name->sin_port);
    make_url(s, "/");
}

static int (*faulty_close)(int fd);

/* The second close of a number may hit somebody else's socket. */
static int close_once(int fd)
{
    if (fcntl(fd, F_GETFD) == -1)
        check_fail(__FILE__, __LINE__, "fd %d is closed, and was closed "
                   "before", fd);
    return faulty_close(fd);
}

/* `does`: the server's part, in words. */
static void scene_open(struct scene *s, const char *answer, const char *does)
{
    struct error error;

    scene("the server %s", does);
    *s = (struct scene){ .listener = -1, .fds = count_fds() };
    faults_open(&s->faults);
    s->sys = *s->faults.sys;
    faulty_close = s->sys.close;
    s->sys.close = close_once;
    lab_open_with(&s->lab, (struct loop_options){ .virtual_time = true,
                                                  .sys = &s->sys });
    CHECK_CODE(0, address_parse(&s->address, "127.0.0.1", 0, &error));
    CHECK_CODE(0, net_listen(&s->lab.loop, &s->address, 8, &s->listener,
                             &error));
    find_port(s);
    s->peer = (struct peer){ CORO(peer), .listener = s->listener,
                             .answer = answer, .socket.fd = -1 };
    task_create(&s->lab.loop, &s->peer_task, "server", &s->peer.coro);
}

static void start_get(struct scene *s)
{
    s->get = (struct get){ CORO(get), .url = s->url };
    task_create(&s->lab.loop, &s->task, "get", &s->get.coro);
}

/* --- How it ends --------------------------------------------------------- */

/* What a loopback may take to bring bytes, ten times over; and more turns
 * than the longest test takes. The loop itself would be patient for longer
 * than a learner. */
enum { IDLE_MS = 300, MANY_TURNS = 2000, MANY_CALLS = 5000 };

static void never_ends(struct scene *s)
{
    int outcome = E_DEADLOCK;

    promise("get comes to an end");
    loop_dump(&s->lab.loop, s->lab.loop.log);
    CHECK_CODE(0, outcome);
}

static void turn_until_done(struct scene *s)
{
    const struct timespec nap = { 0, 1000000 };
    struct loop *loop = &s->lab.loop;
    int idle = 0, turns = 0, steps;

    while (!future_done(&s->task.future)) {
        steps = s->lab.steps;
        loop_turn(loop, loop->timers.count > 0);
        idle = s->lab.steps > steps || loop->timers.count > 0 ? 0 : idle + 1;
        if (idle > 0)
            nanosleep(&nap, NULL);
        turns++;
        if (idle == IDLE_MS)
            never_ends(s);
        if (turns == MANY_TURNS || s->faults.calls[CALL_RECV] > MANY_CALLS)
            check_fail(__FILE__, __LINE__, "get asks again and again: %d "
                       "recv, %d connect, and no end",
                       s->faults.calls[CALL_RECV],
                       s->faults.calls[CALL_CONNECT]);
    }
    loop_turn(loop, false);
}

static void settle(struct scene *s, int code)
{
    turn_until_done(s);
    s->outcome = future_outcome(&s->task.future);
    if (s->outcome == 0)
        say("get: status %d", s->get.status);
    else
        say("get: %s", s->task.error.text);
    promise(code == 0 ? "get ends with an answer" : code == E_CANCELLED
            ? "the cancellation goes up, out of get"
            : "get ends with an error that says what went wrong");
    check_code(__FILE__, __LINE__, "the outcome of get", code, s->outcome);
    promise("");
}

static void fails(struct scene *s, int code)
{
    start_get(s);
    settle(s, code);
    promise("without an answer there is no status");
    check_int(__FILE__, __LINE__, "the status", 0, s->get.status);
    promise("");
}

static void answers(struct scene *s, int status)
{
    start_get(s);
    settle(s, 0);
    promise("get gives the server's status");
    check_int(__FILE__, __LINE__, "the status", status, s->get.status);
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

/* Every socket that was made is closed: the server's too, then. */
static void scene_close(struct scene *s)
{
    int left;

    task_cancel(&s->peer_task);
    loop_run_until(&s->lab.loop, &s->peer_task.future);
    future_look(&s->peer_task.future);
    net_close(&s->lab.loop, &s->listener);
    lab_close(&s->lab);
    promise("every socket is closed, however get ended");
    left = fds_left(s);
    if (left > 0)
        check_fail(__FILE__, __LINE__, "still open: %d of %d sockets", left,
                   s->faults.calls[CALL_SOCKET] + s->peer.connections);
    promise("");
}

static void turns(struct scene *s, int n)
{
    while (n-- > 0)
        loop_turn(&s->lab.loop, false);
}

#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"

/* --- A request and its answer -------------------------------------------- */

TEST(a_get_returns_the_status)
{
    struct scene s;

    scene_open(&s, OK_HEAD "hello\n", "answers 200 OK");
    answers(&s, 200);
    scene_close(&s);
}

TEST(it_sends_one_request_and_says_that_it_will_close)
{
    char expected[256];
    struct scene s;

    scene_open(&s, OK_HEAD "hello\n", "looks at every byte of the request");
    make_url(&s, "/a/b?c=d#never-sent");
    answers(&s, 200);
    snprintf(expected, sizeof expected, "GET /a/b?c=d HTTP/1.1\r\n"
             "Host: 127.0.0.1:%u\r\nConnection: close\r\n\r\n", s.port);
    promise("the request, byte by byte:");
    if (s.peer.received > strlen(expected) + 8)
        s.peer.received = strlen(expected) + 8; /* that is enough to show */
    check_bytes(__FILE__, __LINE__, "the request", expected,
                strlen(expected), s.peer.request, s.peer.received);
    promise("one request, one connection");
    CHECK_INT(1, s.peer.connections);
    scene_close(&s);
}

TEST(any_status_is_an_answer_not_an_error__H21)
{
    static const int statuses[] = { 200, 204, 301, 304, 400, 404, 500, 599 };

    for (size_t i = 0; i < COUNT(statuses); i++) {
        char answer[64], does[32];
        struct scene s;

        snprintf(answer, sizeof answer, "HTTP/1.1 %d \r\n\r\n", statuses[i]);
        snprintf(does, sizeof does, "answers %d", statuses[i]);
        scene_open(&s, answer, does);
        answers(&s, statuses[i]);
        scene_close(&s);
    }
}

/* --- A head in pieces ---------------------------------------------------- */

TEST(a_head_may_come_in_two_pieces)
{
    struct scene s;

    scene_open(&s, OK_HEAD, "sends HTTP/1.1 200, waits 1 s, sends the rest "
               "of the head");
    s.peer.split = strlen("HTTP/1.1 200");
    answers(&s, 200);
    scene_close(&s);
}

TEST(a_head_may_come_in_two_pieces_cut_anywhere)
{
    for (size_t at = 1; at < strlen(OK_HEAD); at++) {
        char does[64];
        struct scene s;

        snprintf(does, sizeof does, "sends %zu byte(s) of the head, waits "
                 "1 s, sends the rest", at);
        scene_open(&s, OK_HEAD, does);
        s.peer.split = at;
        answers(&s, 200);
        promise("it waits for the rest of the head");
        CHECK_INT(SECONDS(1), loop_now(&s.lab.loop));
        scene_close(&s);
    }
}

TEST(a_head_may_come_byte_by_byte)
{
    struct scene s;

    scene_open(&s, OK_HEAD, "sends its head one byte a second");
    s.peer.dribble = 1;
    answers(&s, 200);
    promise("the answer is there with the last byte of the head");
    CHECK_INT(SECONDS((int)strlen(OK_HEAD) - 1), loop_now(&s.lab.loop));
    scene_close(&s);
}

TEST(it_does_not_wait_for_the_body)
{
    struct scene s;

    scene_open(&s, OK_HEAD, "sends its head, never a body, never an end");
    s.peer.end = STAYS;
    answers(&s, 200);
    turns(&s, 3);
    promise("the head is enough: get has hung up");
    CHECK(s.peer.client_closed);
    CHECK_INT(0, loop_now(&s.lab.loop));
    scene_close(&s);
}

TEST(an_interim_answer_is_not_the_answer)
{
    struct scene s;

    scene_open(&s, "HTTP/1.1 103 Early Hints\r\n\r\n" OK_HEAD,
               "sends 103 Early Hints, and 200 OK a second later");
    s.peer.split = 28; /* the interim one comes alone */
    answers(&s, 200);
    scene_close(&s);
}

TEST(localhost_is_an_address)
{
    struct scene s;

    scene_open(&s, OK_HEAD, "is asked as localhost");
    snprintf(s.url, sizeof s.url, "http://localhost:%u/", s.port);
    answers(&s, 200);
    scene_close(&s);
}

/* --- What can go wrong --------------------------------------------------- */

TEST(a_connection_closed_without_an_answer_is_an_error__H19)
{
    struct scene s;

    scene_open(&s, "", "reads the request and closes");
    fails(&s, E_DISCONNECTED);
    scene_close(&s);
}

TEST(a_head_may_be_closed_at_every_offset__H19)
{
    for (size_t n = 0; n < strlen(OK_HEAD); n++) {
        char answer[sizeof OK_HEAD] = OK_HEAD, does[64];
        struct scene s;

        answer[n] = '\0';
        snprintf(does, sizeof does, "sends %zu byte(s) of a head and closes",
                 n);
        scene_open(&s, answer, does);
        fails(&s, E_DISCONNECTED);
        promise("the error names the URL");
        CHECK(strncmp(s.task.error.text, "http://1", 8) == 0);
        scene_close(&s);
    }
}

TEST(what_is_not_http_is_a_protocol_error__H19)
{
    static const char *const answers[] = {
        "SSH-2.0-not-http\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    };

    for (size_t i = 0; i < COUNT(answers); i++) {
        struct scene s;

        scene_open(&s, answers[i], "answers, but not in HTTP/1.1");
        s.peer.end = STAYS;
        fails(&s, E_PROTOCOL);
        promise("the error names the URL");
        CHECK(strncmp(s.task.error.text, "http://1", 8) == 0);
        scene_close(&s);
    }
}

/* A peer that never comes to the end of its head is not believed for ever:
 * it stops at get's limit, not at our memory's. */
TEST(a_head_without_an_end_is_refused__H19)
{
    static char answer[20000] = "HTTP/1.1 200 OK\r\nX: ";
    struct scene s;

    memset(answer + 20, 'x', sizeof answer - 21);
    scene_open(&s, answer, "sends a head of 20000 bytes");
    s.peer.end = STAYS;
    fails(&s, E_PROTOCOL);
    scene_close(&s);
}

/* Nobody listens any more. */
static void stop_listening(struct scene *s)
{
    task_cancel(&s->peer_task);
    turns(s, 2);
    net_close(&s->lab.loop, &s->listener);
    s->listener = deaf_socket(&s->address);
    find_port(s);
}

TEST(a_refused_connection_names_the_address__H19)
{
    char expected[128];
    struct scene s;

    scene_open(&s, "", "does not listen any more");
    stop_listening(&s);
    fails(&s, ECONNREFUSED);
    snprintf(expected, sizeof expected,
             "connect 127.0.0.1:%u: Connection refused", s.port);
    promise("the error says what connect says");
    CHECK_STR(expected, s.task.error.text);
    promise("one try, and its socket is closed");
    CHECK_INT(1, s.faults.calls[CALL_CONNECT]);
    CHECK_INT(s.faults.calls[CALL_SOCKET], s.faults.calls[CALL_CLOSE]);
    scene_close(&s);
}

TEST(a_reset_before_and_in_the_middle_of_the_answer__H19)
{
    static const char *const answers[] = { "", "HTTP/1.1 200 OK\r\nSer" };

    for (size_t i = 0; i < COUNT(answers); i++) {
        struct scene s;

        scene_open(&s, answers[i], "resets the connection");
        s.peer.end = RESETS;
        fails(&s, ECONNRESET);
        scene_close(&s);
    }
}

/* --- The kernel's moods -------------------------------------------------- */

TEST(the_request_may_leave_byte_by_byte)
{
    struct scene s;

    scene_open(&s, OK_HEAD, "answers 200 OK; the kernel takes and gives one "
               "byte a call");
    s.faults.at_most = 1;
    answers(&s, 200);
    promise("the whole request arrives");
    CHECK(strstr(s.peer.request, "Connection: close\r\n\r\n") != NULL);
    promise("all bytes go through the loop's own send");
    CHECK(s.faults.calls[CALL_SEND]
          >= (int)(s.peer.received + strlen(OK_HEAD)));
    scene_close(&s);
}

TEST(send_and_recv_may_block_or_be_interrupted)
{
    struct scene s;

    scene_open(&s, OK_HEAD, "answers; send and recv say EAGAIN and EINTR "
               "first");
    s.peer.split = 3;
    faults_fail(&s.faults, CALL_SEND, EAGAIN, 2);
    faults_fail(&s.faults, CALL_SEND, EINTR, 3);
    faults_fail(&s.faults, CALL_RECV, EINTR, 3);
    faults_fail(&s.faults, CALL_RECV, EAGAIN, 2);
    answers(&s, 200);
    scene_close(&s);
}

TEST(a_send_that_fails_closes_the_socket)
{
    struct scene s;

    scene_open(&s, OK_HEAD, "is there, but send says EPIPE");
    faults_fail(&s.faults, CALL_SEND, EPIPE, 1);
    fails(&s, EPIPE);
    turns(&s, 5);
    scene_close(&s);
}

TEST(connect_may_be_interrupted_and_goes_on__EINTR)
{
    struct scene s;

    scene_open(&s, OK_HEAD, "answers; a signal interrupts connect");
    faults_fail(&s.faults, CALL_CONNECT, EINTR, 1);
    answers(&s, 200);
    promise("connect is never called again");
    CHECK_INT(1, s.faults.calls[CALL_CONNECT]);
    scene_close(&s);
}

TEST(a_refusal_is_seen_however_connect_began__EINTR_EINPROGRESS)
{
    static const int numbers[] = { EINTR, EINPROGRESS };

    for (size_t i = 0; i < COUNT(numbers); i++) {
        struct scene s;

        scene_open(&s, "", "does not listen any more");
        stop_listening(&s);
        faults_fail(&s.faults, CALL_CONNECT, numbers[i], 1);
        fails(&s, ECONNREFUSED);
        promise("nothing is sent on a socket that is not connected");
        CHECK_INT(0, s.faults.calls[CALL_SEND]);
        scene_close(&s);
    }
}

TEST(without_descriptors_the_error_goes_up)
{
    struct scene s;

    scene_open(&s, OK_HEAD, "is there, but socket says EMFILE");
    faults_fail(&s.faults, CALL_SOCKET, EMFILE, 1);
    fails(&s, EMFILE);
    promise("there is no socket, so none is closed");
    CHECK_INT(0, s.faults.calls[CALL_CLOSE]);
    scene_close(&s);
}

/* --- Cancelled ----------------------------------------------------------- */

TEST(cancelled_while_the_server_is_silent_it_hangs_up)
{
    struct scene s;

    scene_open(&s, "", "reads the request and says nothing");
    s.peer.end = STAYS;
    start_get(&s);
    turns(&s, 10);
    say("get is cancelled");
    CHECK(task_cancel(&s.task));
    settle(&s, E_CANCELLED);
    turns(&s, 3);
    promise("the socket is closed at once");
    CHECK(s.peer.client_closed);
    scene_close(&s);
}

TEST(cancelled_in_connect_it_closes_the_socket)
{
    struct scene s;

    scene_open(&s, OK_HEAD, "is being connected to");
    faults_fail(&s.faults, CALL_CONNECT, EINPROGRESS, 1);
    start_get(&s);
    loop_turn(&s.lab.loop, false);
    promise("the first step ends in connect");
    CHECK_INT(1, s.faults.calls[CALL_CONNECT]);
    CHECK_INT(0, s.faults.calls[CALL_SEND]);
    say("get is cancelled");
    CHECK(task_cancel(&s.task));
    settle(&s, E_CANCELLED);
    turns(&s, 5);
    promise("no request is sent");
    CHECK_INT(0, s.peer.received);
    scene_close(&s);
}

TEST(cancelled_before_its_start_it_makes_no_socket__T04)
{
    struct scene s;
    int sockets;

    scene_open(&s, OK_HEAD, "is never asked");
    sockets = s.faults.calls[CALL_SOCKET];
    start_get(&s);
    task_cancel(&s.task);
    settle(&s, E_CANCELLED);
    CHECK_INT(sockets, s.faults.calls[CALL_SOCKET]);
    scene_close(&s);
}

/* Counts how often one task parks. */
struct parkings {
    struct loop_hook hook, *before;
    const struct task *task;
    int count;
};

static void count_parking(struct loop_hook *hook, struct loop *loop,
                          const struct loop_event *event)
{
    struct parkings *parkings = CONTAINER(hook, struct parkings, hook);

    parkings->count += event->kind == EVENT_PARKED
        && event->task == parkings->task;
    parkings->before->tell(parkings->before, loop, event);
}

/* Each byte costs a jump of the clock, and each jump a look at the sockets. */
#define SHORT_HEAD "HTTP/1.1 200 \r\n\r\n"
enum { DRIBBLE = 4 }; /* bytes: each piece costs a millisecond, each time */

/* Cancels get at its k-th suspension; false: it ended before. The server
 * dribbles and a send blocks once, so there are many. */
static bool cancel_at(int k)
{
    struct parkings parkings = { .hook.tell = count_parking };
    char does[64];
    struct scene s;
    bool there;

    snprintf(does, sizeof does, "dribbles; get is cancelled in its wait "
             "number %d", k);
    scene_open(&s, SHORT_HEAD, does);
    parkings.before = s.lab.loop.hook;
    parkings.task = &s.task;
    s.lab.loop.hook = &parkings.hook;
    s.peer.dribble = DRIBBLE;
    faults_fail(&s.faults, CALL_CONNECT, EINPROGRESS, 1);
    faults_fail(&s.faults, CALL_SEND, EAGAIN, 1);
    start_get(&s);
    while (parkings.count < k && !future_done(&s.task.future))
        loop_turn(&s.lab.loop, true);
    there = !future_done(&s.task.future);
    if (there)
        CHECK(task_cancel(&s.task));
    settle(&s, there ? E_CANCELLED : 0);
    task_cancel(&s.peer_task);
    turns(&s, 3);
    scene_close(&s);
    return there;
}

TEST(cancel_at_every_suspension)
{
    int k = 1;

    while (cancel_at(k))
        k++;
    promise("it waits in connect, in send, and for each piece of the head");
    CHECK(k >= 2 + (int)strlen(SHORT_HEAD) / DRIBBLE);
}

/* --- URLs ---------------------------------------------------------------- */

/* URLs that never get as far as a socket. */
static void refuses(const char *url, int code)
{
    struct scene s;
    int sockets;

    scene_open(&s, OK_HEAD, "is never asked");
    sockets = s.faults.calls[CALL_SOCKET];
    strcpy(s.url, url);
    fails(&s, code);
    promise("the error names the URL");
    CHECK(strncmp(s.task.error.text, url, strlen(url) < 8 ? strlen(url) : 8)
          == 0);
    promise("no socket is made for it");
    CHECK_INT(sockets, s.faults.calls[CALL_SOCKET]);
    CHECK_INT(0, s.peer.connections);
    scene_close(&s);
}

TEST(bad_urls_are_refused_before_a_socket_is_made__H19)
{
    static const char *const urls[] = {
        "", "http://", "www.example.com", "http://127.0.0.1:99999/",
        "http:///path", "http://a b/", "http://user@127.0.0.1/",
        "http://127.0.0.1:x/", "http://127.0.0.1/%zz", "://", "/path",
    };

    for (size_t i = 0; i < COUNT(urls); i++)
        refuses(urls[i], E_INVALID_URL);
}

TEST(another_scheme_is_the_notebooks_assertion_error__H20)
{
    refuses("python://www.example.com", E_SCHEME);
    refuses("ftp://127.0.0.1/", E_SCHEME);
    CHECK_STR("AssertionError", stage_python_name(E_SCHEME));
}

TEST(names_wait_for_lesson_15)
{
    struct scene s;

    scene_open(&s, OK_HEAD, "has a name, which takes lesson 15 to find");
    strcpy(s.url, "http://no-such-host.invalid/");
    fails(&s, E_VALUE);
    scene_close(&s);
}

/* The words: 59 bytes, and the cause is never what gives way. */
TEST(a_long_url_gives_way_to_the_cause)
{
    static const char why[] = "expected \"HTTP/1.1\" here, in capitals";
    static const char endless[] = "a cause that is longer than all the room "
        "there is, which nobody should write";
    char url[200] = "http://127.0.0.1/";
    struct error error;

    memset(url + 17, 'x', sizeof url - 18);
    CHECK_CODE(E_PROTOCOL, client_error(&error, url, HTTP_BAD_STATUS_LINE,
                                        why));
    CHECK(strncmp(error.text, "http://127", 10) == 0);
    CHECK(strstr(error.text, why) != NULL);
    client_error(&error, url, HTTP_BAD_STATUS_LINE, endless);
    CHECK(strstr(error.text, "a cause that is longer than all") != NULL);
    client_error(&error, "http://", HTTP_EMPTY_HOST, "there is no host");
    CHECK_STR("http://: there is no host", error.text);
}

/* --- Several ------------------------------------------------------------- */

TEST(an_error_of_one_get_leaves_the_others_alone__H19)
{
    static struct get bad[3];
    struct task tasks[3];
    struct scene s;
    static const char *const urls[] = { "python://x", "http://",
                                        "http://127.0.0.1:99999/" };

    scene_open(&s, OK_HEAD, "is asked by one get; three have bad URLs");
    s.peer.split = 5;
    start_get(&s);
    for (int i = 0; i < 3; i++) {
        bad[i] = (struct get){ CORO(get), .url = urls[i] };
        task_create(&s.lab.loop, &tasks[i], "bad", &bad[i].coro);
    }
    settle(&s, 0);
    CHECK_INT(200, s.get.status);
    for (int i = 0; i < 3; i++)
        CHECK(future_outcome(&tasks[i].future) != 0);
    scene_close(&s);
}

struct hundred {
    struct coro coro;
    const char *url;
    int at;
    struct get get;
};
ASYNC_DECLARE(hundred);

ASYNC(hundred)
{
    BEGIN;
    for (; self->at < 100; self->at++) {
        AWAIT(get, .url = self->url);
        CHECK_INT(200, self->get.status);
    }
    END;
}

TEST(a_hundred_gets_are_a_hundred_connections_and_none_stays_open)
{
    static struct hundred hundred;
    struct scene s;

    scene_open(&s, OK_HEAD, "is asked a hundred times");
    hundred = (struct hundred){ CORO(hundred), .url = s.url };
    task_create(&s.lab.loop, &s.task, "hundred", &hundred.coro);
    settle(&s, 0);
    CHECK_INT(100, s.peer.connections);
    turns(&s, 3);
    CHECK_INT(200, s.faults.calls[CALL_CLOSE]);
    scene_close(&s);
}

/* --- Why ----------------------------------------------------------------- */

static const struct cause causes[] = {
    { NULL, { "inside a switch" },
      "an AWAIT stands inside a switch of its own: AWAIT is a `case` of the "
      "body's switch, so write if/else around it", NULL },
    { NULL, { "uses a local of a function" },
      "a local of the body is used across an await: locals die there; what "
      "must live is a member of the frame, like self->socket", NULL },
    { NULL, { "was closed before" },
      "two owners close the socket: what DEFER promised is done on every way "
      "out, so close nothing by hand", "row \"who frees\"" },
    { NULL, { "misaligned address", "type 'struct loop'" },
      "close_socket is given something else than it takes: the address of "
      "self->socket, loop and fd, not of the fd alone", "row \"who frees\"" },
    { "a_get_returns*", { "follows a NULL pointer", "server: closes" },
      "close_socket is given something else than it takes: the address of "
      "self->socket, loop and fd, not of the fd alone", "row \"who frees\"" },
    { NULL, { "cleanups != node" },
      "the same promise is made twice: DEFER once, before the loop that "
      "reads", "row \"who frees\"" },
    { NULL, { "null pointer of type 'struct loop'" },
      "close_socket has no loop to close with: set self->socket.loop before "
      "DEFER", NULL },
    { NULL, { "past the end of", "happened in get" },
      "recv is given more room than there is: .size is that of the buffer, "
      "sizeof self->bytes", "row \"who frees\"" },
    { "a_get_returns*", { "inside the body" },
      "get goes on though the head is complete, into the body: the loop is "
      "for HTTP_NEED_MORE alone", "row \"result\"" },
    { "cancelled_while*", { "expected   task_cancel" },
      "get has ended before it could be cancelled, though the server is "
      "silent and there: wait for the head, and shut nothing down meanwhile",
      "row \"result\"" },
    { NULL, { "in a system call of its own" },
      "a system call of the body's own sleeps, and with it the one thread "
      "that all tasks share: await dial and sock_recv instead", NULL },
    { "a_get_returns*", { "E_DEADLOCK", "get waits for fd" },
      "the request never arrives as a whole: await sock_sendall, for "
      "self->length bytes, before the first recv", "row \"result\"" },
    { "a_get_returns*", { "get: send on fd" },
      "it sends on a socket that is not connected: await dial first",
      "row \"result\"" },
    { "a_get_returns*", { "expected \"HTTP/1.1\" here" },
      "feed looks into self->bytes, and the request stands there still: "
      "receive into bytes, where the request is no longer needed",
      "row \"input\"" },
    { "a_get_returns*", { "gives the server's status" },
      "nobody sets self->status: self->parser.status has it as soon as the "
      "head is there", "row \"result\"" },
    { "a_get_returns*", { "every socket is closed" },
      "nobody promised to close the socket on the good way out, too: DEFER "
      "it right after dial", "row \"who frees\"" },
    { NULL, { "every socket is closed" },
      "only one way out closes the socket, and errors and cancellations "
      "leave by another: DEFER it right after dial", "row \"who frees\"" },
    { NULL, { "closed at once" },
      "only one way out closes the socket, and errors and cancellations "
      "leave by another: DEFER it right after dial", "row \"who frees\"" },
    { "it_sends_one*", { "byte by byte" },
      "other bytes than the request are sent: it is self->bytes up to "
      "self->length, no more and no fewer", NULL },
    { "any_status*", { "an error (H21)", "ends with an answer" },
      "a status such as 404 is taken for an error; it is an answer, too: an "
      "error is what keeps the answer away", "row \"result\"" },
    { "any_status*", { "the status is 0" },
      "a status such as 404 is taken for an error; it is an answer, too: an "
      "error is what keeps the answer away", "row \"result\"" },
    { "any_status*", { "gives the server's status" },
      "the status is not the one that the parser read: self->parser.status",
      "row \"result\"" },
    { "a_head_may_come*", { "waits for the rest" },
      "get is content before the head is complete, or comes too late for "
      "it: await recv and feed until the parser needs no more",
      "row \"input\"" },
    { "a_head_may_come*", { "get: " },
      "one recv is taken for the whole head: TCP carries bytes, so recv and "
      "feed, once each, until the parser needs no more", "row \"input\"" },
    { "an_interim*", { "get: " },
      "the first status line that comes is taken for the answer, but 1xx is "
      "a notice only: the parser knows, so let it read the head",
      "row \"input\"" },
    { "it_does_not_wait*", { NULL },
      "get waits for the body, or for the end of the connection, which may "
      "never come: the head is all it needs", "row \"result\"" },
    { "what_is_not_http*", { "the outcome of get is OK" },
      "HTTP_FAILED ends the loop, too, and nobody looks at it: "
      "RERAISE(fail(self, task))", "row \"on error\"" },
    { "what_is_not_http*", { "comes to an end" },
      "the loop waits for HTTP_GOT_HEAD, and a head that is refused never "
      "gets there: HTTP_FAILED is an end, too", "row \"on error\"" },
    { "what_is_not_http*", { " on and on" },
      "the loop waits for HTTP_GOT_HEAD, and a head that is refused never "
      "gets there: HTTP_FAILED is an end, too", "row \"on error\"" },
    { "what_is_not_http*", { NULL },
      "the error is one of your own making: fail(self, task) has the code "
      "and words of the parser", "row \"on error\"" },
    { "a_connection_closed*", { "again and again" },
      "a recv of 0 bytes is not told to the parser: it is the end, and will "
      "be 0 for ever; feed it", "row \"on error\"" },
    { "a_connection_closed*", { NULL },
      "a recv of 0 bytes is taken for an answer, or for an error of your "
      "own: only the parser knows if the end came too early; feed it",
      "row \"on error\"" },
    { "a_head_may_be_closed*", { NULL },
      "a recv of 0 bytes is taken for an answer, or for an error of your "
      "own: only the parser knows if the end came too early; feed it",
      "row \"on error\"" },
    { "a_refused*", { "again and again" },
      "the connection is tried again and again, without a pause: one try, "
      "and its error goes up", "row \"on error\"" },
    { "a_refused*", { "says what connect says" },
      "the error is one of your own making, and does not say where: AWAIT "
      "passes on what dial says", "row \"on error\"" },
    { "a_ref*", { NULL },
      "nobody looked at the error of dial: TRY_AWAIT and CATCH_AWAIT only "
      "keep it in self->dial.coro.error; AWAIT passes it on",
      "row \"on error\"" },
    { "a_reset*", { NULL },
      "nobody looked at the error of recv: TRY_AWAIT and CATCH_AWAIT only "
      "keep it in self->sock_recv.coro.error; AWAIT passes it on",
      "row \"on error\"" },
    { NULL, { "the cancellation goes up" },
      "CATCH_AWAIT keeps a cancellation, and what follows goes on as if "
      "nothing had been said: AWAIT lets it go up", "row \"on cancel\"" },
    { "the_request_may*", { "get: send " },
      "the request is sent once more, to a server that has answered and "
      "left: send once, before the loop that reads", "row \"result\"" },
    { "the_request_may*", { NULL },
      "one send is taken for the whole request: the kernel may take a part "
      "of it, and sock_sendall sends the rest", NULL },
    { NULL, { "EAGAIN" },
      "EAGAIN is taken for a failure: it says \"not now\"; sock_sendall and "
      "sock_recv wait and try again", NULL },
    { "a_send_that*", { NULL },
      "nobody looked at the error of sock_sendall: AWAIT passes it on",
      "row \"on error\"" },
    { "bad_urls*", { NULL },
      "a URL that prepare() refuses is asked for all the same: leave with "
      "its error before dial", "row \"on error\"" },
    { "another_scheme*", { NULL },
      "a URL that prepare() refuses is asked for all the same: leave with "
      "its error before dial", "row \"on error\"" },
    { NULL, { " on and on" },
      "a recv is tried again and again, and nobody else runs: await "
      "sock_recv, which waits in the loop", NULL },
    { NULL, { "again and again" },
      "a recv is tried again and again, at every turn of the loop: await "
      "sock_recv, which waits until there is something", NULL },
};

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(a_get_returns_the_status),
        ENTRY(it_sends_one_request_and_says_that_it_will_close),
        ENTRY(any_status_is_an_answer_not_an_error__H21),
        ENTRY(a_head_may_come_in_two_pieces),
        ENTRY(a_head_may_come_in_two_pieces_cut_anywhere),
        ENTRY(a_head_may_come_byte_by_byte),
        ENTRY(it_does_not_wait_for_the_body),
        ENTRY(an_interim_answer_is_not_the_answer),
        ENTRY(localhost_is_an_address),
        ENTRY(what_is_not_http_is_a_protocol_error__H19),
        ENTRY(a_head_without_an_end_is_refused__H19),
        ENTRY(a_connection_closed_without_an_answer_is_an_error__H19),
        ENTRY(a_head_may_be_closed_at_every_offset__H19),
        ENTRY(a_refused_connection_names_the_address__H19),
        ENTRY(cancelled_while_the_server_is_silent_it_hangs_up),
        ENTRY(cancelled_in_connect_it_closes_the_socket),
        ENTRY(cancelled_before_its_start_it_makes_no_socket__T04),
        ENTRY(a_reset_before_and_in_the_middle_of_the_answer__H19),
        ENTRY(the_request_may_leave_byte_by_byte),
        ENTRY(send_and_recv_may_block_or_be_interrupted),
        ENTRY(a_send_that_fails_closes_the_socket),
        ENTRY(cancel_at_every_suspension),
        ENTRY(connect_may_be_interrupted_and_goes_on__EINTR),
        ENTRY(a_refusal_is_seen_however_connect_began__EINTR_EINPROGRESS),
        ENTRY(without_descriptors_the_error_goes_up),
        ENTRY(bad_urls_are_refused_before_a_socket_is_made__H19),
        ENTRY(another_scheme_is_the_notebooks_assertion_error__H20),
        ENTRY(names_wait_for_lesson_15),
        ENTRY(a_long_url_gives_way_to_the_cause),
        ENTRY(an_error_of_one_get_leaves_the_others_alone__H19),
        ENTRY(a_hundred_gets_are_a_hundred_connections_and_none_stays_open),
    };

    return lesson_main(argc, argv, &(struct lesson){
        "08_get", tests, COUNT(tests), causes, COUNT(causes) });
}
