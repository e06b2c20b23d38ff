/* net_test.c - sockets as coroutines, over loopback and with a kernel that
 * does as it is told. Run once for each poller, by $LAB_POLLER. */
#include "actors.h"

#include "faults.h"
#include "loop/net.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* --- Addresses ----------------------------------------------------------- */

static void parse(const char *host, unsigned port, const char *expected)
{
    struct address address;
    struct error error;
    char text[ADDRESS_TEXT];

    CHECK_CODE(0, address_parse(&address, host, port, &error));
    CHECK_STR(expected, address_text(&address, text));
}

TEST(numeric_hosts_and_paths_are_addresses)
{
    parse("127.0.0.1", 80, "127.0.0.1:80");
    parse("0.0.0.0", 0, "0.0.0.0:0");
    parse("::1", 65535, "[::1]:65535");
    parse("/tmp/a socket", 0, "/tmp/a socket");
}

static void refuse(const char *host, unsigned port, const char *expected)
{
    struct address address;
    struct error error;

    CHECK_CODE(E_VALUE, address_parse(&address, host, port, &error));
    CHECK(strncmp(error.text, expected, strlen(expected)) == 0);
    CHECK(strchr(error.text, '\n') == NULL);
}

/* One line, and nobody is asked for a name: that would block. */
TEST(anything_else_is_refused_in_one_clear_line)
{
    refuse("localhost", 80, "address localhost port 80: not a numeric host");
    refuse("", 80, "address  port 80: not a numeric host");
    refuse("127.0.0.1", 65536, "address 127.0.0.1 port 65536: not a numeric");
    refuse("[::1]", 80, "address [::1] port 80: not a numeric host");
    refuse("127.0.0.1:80", 80, "address 127.0.0.1:80 port 80: not a numeric");
}

TEST(a_path_too_long_for_a_socket_is_refused)
{
    char path[200];
    struct address address;
    struct error error;

    memset(path, 'x', sizeof path);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    CHECK_CODE(E_VALUE, address_parse(&address, path, 0, &error));
    CHECK(strncmp(error.text, "address /xxx", 12) == 0);
}

/* --- A world: a listener, and a client that dials it --------------------- */

struct client {
    struct coro coro;
    const char *name;
    const struct address *address;
    int fd; /* out */
    struct dial dial;
};

ASYNC(client)
{
    BEGIN;
    AWAIT(dial, .address = self->address, .fd = &self->fd);
    END;
}

struct server {
    struct coro coro;
    const char *name;
    int listener;
    int fd; /* out */
    struct address peer;
    struct sock_accept sock_accept;
};

ASYNC(server)
{
    BEGIN;
    AWAIT(sock_accept, .listener = self->listener);
    self->fd = self->sock_accept.fd;
    self->peer = self->sock_accept.address;
    say("accepted");
    END;
}

struct receiver {
    struct coro coro;
    const char *name;
    int fd;
    char *data;
    size_t size, got; /* got: out */
    size_t piece;     /* most to ask for at a time; 0: all */
    int64_t pause_ns; /* between two receives              */
    struct sock_recv sock_recv;
    struct sleep sleep;
};

static size_t next_piece(const struct receiver *self)
{
    size_t left = self->size - self->got;

    return self->piece != 0 && self->piece < left ? self->piece : left;
}

/* Until size bytes or the end. */
ASYNC(receiver)
{
    BEGIN;
    while (self->got < self->size) {
        AWAIT(sock_recv, .fd = self->fd, .buffer = self->data + self->got,
              .size = next_piece(self));
        if (self->sock_recv.received == 0)
            break;
        self->got += self->sock_recv.received;
        if (self->pause_ns > 0)
            AWAIT(sleep, .delay_ns = self->pause_ns);
    }
    say("%s has %zu bytes", self->name, self->got);
    END;
}

struct sender {
    struct coro coro;
    const char *name;
    int fd;
    const char *data;
    size_t size;
    struct sock_sendall sock_sendall;
};

ASYNC(sender)
{
    BEGIN;
    AWAIT(sock_sendall, .fd = self->fd, .data = self->data,
          .size = self->size);
    say("%s sent %zu bytes", self->name, self->sock_sendall.sent);
    END;
}

/* One task of any of these kinds. */
struct peer {
    struct task task;
    union {
        struct client client;
        struct server server;
        struct receiver receiver;
        struct sender sender;
        struct wait_fd wait_fd;
    };
};

struct world {
    struct lab lab;
    struct faults faults;
    struct address address;
    int listener;
    struct peer client, server;
};

/* A loop with a listener on host; false if the machine has no such. */
static bool world_open(struct world *world, const char *host)
{
    struct error error;
    int code;

    memset(world, 0, sizeof *world);
    faults_open(&world->faults);
    lab_open_with(&world->lab, (struct loop_options){
        .virtual_time = true, .sys = world->faults.sys });
    CHECK_CODE(0, address_parse(&world->address, host, 0, &error));
    code = net_listen(&world->lab.loop, &world->address, 10,
                      &world->listener, &error);
    if (code == EADDRNOTAVAIL || code == EAFNOSUPPORT)
        return false;
    if (code != 0)
        say("%s", error.text);
    CHECK_LOG("");
    return true;
}

/* Client and server connect; the log is empty again. */
static void world_connect(struct world *world)
{
    START(&world->lab, server, &world->server, .name = "server",
          .listener = world->listener);
    START(&world->lab, client, &world->client, .name = "client",
          .address = &world->address);
    run_dry(&world->lab);
    CHECK_CODE(0, future_outcome(&world->client.task.future));
    CHECK_CODE(0, future_outcome(&world->server.task.future));
    CHECK_LOG("0 accepted\n");
}

static void world_close(struct world *world)
{
    struct loop *loop = &world->lab.loop;

    net_close(loop, &world->listener);
    net_close(loop, &world->client.client.fd);
    net_close(loop, &world->server.server.fd);
    CHECK_INT(-1, world->listener);
    lab_close(&world->lab);
}

/* --- Connecting ---------------------------------------------------------- */

static void echo(const char *host)
{
    struct world world;
    struct peer out, in;
    char data[8] = "";

    if (!world_open(&world, host)) {
        lab_close(&world.lab);
        SKIP("this machine has no %s", host);
    }
    world_connect(&world);
    START(&world.lab, receiver, &in, .name = "server",
          .fd = world.server.server.fd, .data = data, .size = 5);
    START(&world.lab, sender, &out, .name = "client",
          .fd = world.client.client.fd, .data = "hello", .size = 5);
    run_dry(&world.lab);
    CHECK_LOG("0 client sent 5 bytes\n0 server has 5 bytes\n");
    CHECK_STR("hello", data);
    world_close(&world);
}

TEST(bytes_go_over_ipv4)
{
    echo("127.0.0.1");
}

TEST(bytes_go_over_ipv6)
{
    echo("::1");
}

TEST(bytes_go_over_a_unix_socket)
{
    char directory[] = "/tmp/awaitlab-XXXXXX", path[64];

    CHECK(mkdtemp(directory) != NULL);
    snprintf(path, sizeof path, "%s/socket", directory);
    echo(path);
    CHECK_INT(0, unlink(path));
    CHECK_INT(0, rmdir(directory));
}

TEST(sockets_are_non_blocking_and_closed_on_exec)
{
    struct world world;
    int fds[3];

    world_open(&world, "127.0.0.1");
    world_connect(&world);
    fds[0] = world.listener;
    fds[1] = world.client.client.fd;
    fds[2] = world.server.server.fd;
    for (int i = 0; i < 3; i++) {
        CHECK(fcntl(fds[i], F_GETFL) & O_NONBLOCK);
        CHECK(fcntl(fds[i], F_GETFD) & FD_CLOEXEC);
    }
    world_close(&world);
}

TEST(listen_tells_the_port_that_the_kernel_chose)
{
    struct world world;
    char text[ADDRESS_TEXT];

    world_open(&world, "127.0.0.1");
    CHECK(strncmp(address_text(&world.address, text), "127.0.0.1:", 10) == 0);
    CHECK(atoi(text + 10) > 0);
    world.client.client.fd = world.server.server.fd = -1;
    world_close(&world);
}

TEST(accept_tells_the_peer_s_address)
{
    struct sockaddr_in mine;
    socklen_t length = sizeof mine;
    struct world world;
    char text[ADDRESS_TEXT], expected[ADDRESS_TEXT];

    world_open(&world, "127.0.0.1");
    world_connect(&world);
    CHECK_INT(0, getsockname(world.client.client.fd,
                             (struct sockaddr *)&mine, &length));
    snprintf(expected, sizeof expected, "127.0.0.1:%u",
             (unsigned)ntohs(mine.sin_port));
    CHECK_STR(expected, address_text(&world.server.server.peer, text));
    world_close(&world);
}

TEST(an_address_in_use_is_told_and_leaves_no_fd)
{
    char text[ADDRESS_TEXT], expected[2 * ADDRESS_TEXT];
    struct world world;
    struct error error;
    int fd, before;

    world_open(&world, "127.0.0.1");
    before = count_fds();
    CHECK_CODE(EADDRINUSE, net_listen(&world.lab.loop, &world.address, 10,
                                      &fd, &error));
    snprintf(expected, sizeof expected, "listen %s: Address already in use",
             address_text(&world.address, text));
    CHECK_STR(expected, error.text);
    CHECK_INT(-1, fd);
    CHECK_INT(before, count_fds());
    world.client.client.fd = world.server.server.fd = -1;
    world_close(&world);
}

/* Dials; the code, and in text the words. The world is closed. */
static int dial_and_close(struct world *world, char *text, size_t size)
{
    int before = count_fds();
    int code;

    START(&world->lab, client, &world->client, .name = "client",
          .address = &world->address);
    run_dry(&world->lab);
    code = future_outcome(&world->client.task.future);
    snprintf(text, size, "%s", world->client.task.error.text);
    if (code != 0) {
        CHECK_INT(-1, world->client.client.fd);
        CHECK_INT(before, count_fds());
    }
    world->server.server.fd = -1;
    world_close(world);
    return code;
}

TEST(a_refused_connection_names_the_address_and_the_cause)
{
    char text[ADDRESS_TEXT], expected[2 * ADDRESS_TEXT], got[80];
    struct world world;

    world_open(&world, "127.0.0.1");
    net_close(&world.lab.loop, &world.listener);
    world.listener = deaf_socket(&world.address);
    snprintf(expected, sizeof expected, "connect %s: Connection refused",
             address_text(&world.address, text));
    CHECK_CODE(ECONNREFUSED, dial_and_close(&world, got, sizeof got));
    CHECK_STR(expected, got);
}

TEST(a_unix_socket_that_is_not_there_names_its_path)
{
    struct world world;
    struct error error;
    char got[80];

    world_open(&world, "127.0.0.1");
    CHECK_CODE(0, address_parse(&world.address, "/nowhere/at/all", 0,
                                &error));
    CHECK_CODE(ENOENT, dial_and_close(&world, got, sizeof got));
    CHECK_STR("connect /nowhere/at/all: No such file or directory", got);
}

/* POSIX: the connection goes on in the background. Trying again would say
 * EALREADY. */
TEST(a_connect_broken_off_by_a_signal_is_under_way)
{
    struct world world;

    world_open(&world, "127.0.0.1");
    faults_fail(&world.faults, CALL_CONNECT, EINTR, 1);
    world_connect(&world);
    CHECK_INT(1, world.faults.calls[CALL_CONNECT]);
    world_close(&world);
}

TEST(a_connect_under_way_that_fails_tells_the_kernel_s_reason)
{
    struct world world;
    char got[80];

    world_open(&world, "127.0.0.1");
    net_close(&world.lab.loop, &world.listener);
    world.listener = deaf_socket(&world.address);
    faults_fail(&world.faults, CALL_CONNECT, EINPROGRESS, 1);
    CHECK_CODE(ECONNREFUSED, dial_and_close(&world, got, sizeof got));
    CHECK(strstr(got, ": Connection refused") != NULL);
}

TEST(no_descriptor_for_a_socket_is_an_error_of_dial)
{
    struct world world;
    char got[80];

    world_open(&world, "127.0.0.1");
    faults_fail(&world.faults, CALL_SOCKET, EMFILE, 1);
    CHECK_CODE(EMFILE, dial_and_close(&world, got, sizeof got));
    CHECK_STR("dial: socket: Too many open files", got);
}

/* --- Accepting ----------------------------------------------------------- */

TEST(errors_of_one_connection_do_not_end_accept)
{
    static const int numbers[] = {
        ECONNABORTED, EPROTO, EINTR, EPERM, ENETDOWN, EHOSTUNREACH
    };
    struct world world;

    world_open(&world, "127.0.0.1");
    for (size_t i = 0; i < COUNT(numbers); i++)
        faults_fail(&world.faults, CALL_ACCEPT, numbers[i], 1);
    world_connect(&world);
    CHECK_INT(0, loop_now(&world.lab.loop)); /* and without a pause */
    world_close(&world);
}

/* A listener whose connections all die at once keeps no turn to itself. */
TEST(endless_errors_of_accept_let_others_run)
{
    struct world world;

    world_open(&world, "127.0.0.1");
    faults_fail(&world.faults, CALL_ACCEPT, ECONNABORTED, 3 * LOOP_BUDGET);
    START(&world.lab, server, &world.server, .name = "server",
          .listener = world.listener);
    loop_turn(&world.lab.loop, true);
    CHECK_INT(LOOP_BUDGET, world.faults.calls[CALL_ACCEPT]);
    task_cancel(&world.server.task);
    run_dry(&world.lab);
    world.client.client.fd = world.server.server.fd = -1;
    world_close(&world);
}

TEST(other_errors_of_accept_are_raised_with_the_address)
{
    char expected[64], text[ADDRESS_TEXT];
    struct world world;

    world_open(&world, "127.0.0.1");
    faults_fail(&world.faults, CALL_ACCEPT, EINVAL, 1);
    START(&world.lab, server, &world.server, .name = "server",
          .listener = world.listener);
    run_dry(&world.lab);
    CHECK_CODE(EINVAL, future_outcome(&world.server.task.future));
    snprintf(expected, sizeof expected, "accept at %s: Invalid argument",
             address_text(&world.address, text));
    CHECK_STR(expected, world.server.task.error.text);
    world.client.client.fd = world.server.server.fd = -1;
    world_close(&world);
}

/* A client waits in the backlog, so the listener is readable all the time:
 * who goes back to poll spins. */
TEST(without_descriptors_accept_does_not_spin_and_recovers)
{
    struct world world;
    int polls;

    world_open(&world, "127.0.0.1");
    faults_fail(&world.faults, CALL_ACCEPT, EMFILE, 10);
    START(&world.lab, client, &world.client, .name = "client",
          .address = &world.address);
    run_dry(&world.lab);
    START(&world.lab, server, &world.server, .name = "server",
          .listener = world.listener);
    polls = world.lab.polls;
    let_pass(&world.lab, MILLISECONDS(950));
    CHECK(!future_done(&world.server.task.future));
    CHECK(world.lab.polls - polls <= 20);
    CHECK(world.faults.calls[CALL_ACCEPT] <= 20);
    run_dry(&world.lab);
    CHECK_CODE(0, future_outcome(&world.server.task.future));
    CHECK_LOG("1 accepted\n");
    world_close(&world);
}

TEST(without_descriptors_for_real_accept_waits_for_one)
{
    struct rlimit limit;
    struct world world;
    int last;

    world_open(&world, "127.0.0.1");
    START(&world.lab, client, &world.client, .name = "client",
          .address = &world.address);
    run_dry(&world.lab);
    CHECK_INT(0, getrlimit(RLIMIT_NOFILE, &limit));
    last = dup(world.listener);
    limit.rlim_cur = (rlim_t)last + 1;
    CHECK_INT(0, setrlimit(RLIMIT_NOFILE, &limit));
    START(&world.lab, server, &world.server, .name = "server",
          .listener = world.listener);
    let_pass(&world.lab, SECONDS(1));
    CHECK(!future_done(&world.server.task.future));
    CHECK(world.faults.calls[CALL_ACCEPT] <= 20);
    close(last);
    run_dry(&world.lab);
    CHECK_CODE(0, future_outcome(&world.server.task.future));
    world_close(&world);
}

/* --- Sending and receiving ----------------------------------------------- */

enum { BIG = 200000 };

/* `size` bytes from one end of a pair to the other; they must arrive as
 * they were sent. */
static void transfer(struct lab *lab, int fds[2], size_t size,
                     size_t piece, int64_t pause_ns)
{
    static char sent[BIG], received[BIG];
    struct peer out, in;

    CHECK(size <= BIG);
    for (size_t i = 0; i < size; i++)
        sent[i] = (char)(i % 251);
    START(lab, receiver, &in, .name = "in", .fd = fds[1], .data = received,
          .size = size, .piece = piece, .pause_ns = pause_ns);
    START(lab, sender, &out, .name = "out", .fd = fds[0], .data = sent,
          .size = size);
    run_dry(lab);
    CHECK_CODE(0, future_outcome(&out.task.future));
    CHECK_CODE(0, future_outcome(&in.task.future));
    CHECK_INT(size, out.sender.sock_sendall.sent);
    CHECK_INT(size, in.receiver.got);
    CHECK(memcmp(sent, received, size) == 0);
}

static void pair_open(struct lab *lab, struct faults *faults, int fds[2])
{
    socket_pair(fds);
    faults_open(faults);
    lab_open_with(lab, (struct loop_options){ .virtual_time = true,
                                              .sys = faults->sys });
}

static void pair_close(struct lab *lab, int fds[2])
{
    net_close(&lab->loop, &fds[0]);
    net_close(&lab->loop, &fds[1]);
    lab_close(lab);
}

TEST(sendall_sends_all_though_the_kernel_takes_one_byte_a_call)
{
    struct faults faults;
    struct lab lab;
    int fds[2];

    pair_open(&lab, &faults, fds);
    faults.at_most = 1;
    transfer(&lab, fds, 1000, 0, 0);
    CHECK_INT(1000, faults.calls[CALL_SEND]);
    pair_close(&lab, fds);
}

TEST(sendall_waits_for_a_slow_reader)
{
    struct faults faults;
    struct lab lab;
    int fds[2], small = 2048;

    pair_open(&lab, &faults, fds);
    CHECK_INT(0, setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &small,
                            sizeof small));
    transfer(&lab, fds, BIG, 10000, MILLISECONDS(1));
    CHECK(faults.calls[CALL_SEND] > 10); /* it did meet EAGAIN */
    pair_close(&lab, fds);
}

/* Its peer says a word before it has read all: then, and not before, the
 * sending stops, and what went is told. Without or_input it goes on. */
TEST(sendall_stops_for_input_if_it_is_told_to)
{
    static const char data[BIG];
    static char in[BIG];
    struct sock_sendall sending = { CORO(sock_sendall), .data = data,
                                    .size = sizeof data, .or_input = true };
    struct task task;
    struct faults faults;
    struct lab lab;
    int fds[2], small = 2048;
    size_t got = 0;

    pair_open(&lab, &faults, fds);
    CHECK_INT(0, setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &small,
                            sizeof small));
    sending.fd = fds[0];
    task_create(&lab.loop, &task, "sender", &sending.coro);
    settle(&lab);
    CHECK(!future_done(&task.future));
    while (recv(fds[1], in, 1024, 0) > 0)
        got++;
    for (int i = 0; i < 3; i++)
        loop_turn(&lab.loop, false);
    CHECK(!future_done(&task.future) && faults.calls[CALL_SEND] > 2);
    CHECK_INT(1, send(fds[1], "x", 1, 0));
    run_dry(&lab);
    CHECK_CODE(0, future_outcome(&task.future));
    CHECK(got > 0 && sending.sent < sizeof data);
    pair_close(&lab, fds);
}

TEST(eintr_and_eagain_are_tried_again)
{
    struct faults faults;
    struct lab lab;
    int fds[2];

    pair_open(&lab, &faults, fds);
    faults_fail(&faults, CALL_SEND, EINTR, 2);
    faults_fail(&faults, CALL_SEND, EAGAIN, 2);
    faults_fail(&faults, CALL_RECV, EINTR, 2);
    faults_fail(&faults, CALL_RECV, EAGAIN, 2);
    transfer(&lab, fds, 10, 0, 0);
    CHECK_LOG("0 out sent 10 bytes\n0 in has 10 bytes\n");
    pair_close(&lab, fds);
}

TEST(sendall_of_nothing_is_done_at_once)
{
    struct faults faults;
    struct lab lab;
    int fds[2];

    pair_open(&lab, &faults, fds);
    transfer(&lab, fds, 0, 0, 0);
    CHECK_INT(0, faults.calls[CALL_SEND]);
    pair_close(&lab, fds);
}

TEST(the_end_of_the_peer_s_data_is_zero_bytes_not_an_error)
{
    struct faults faults;
    struct peer in;
    struct lab lab;
    char data[8];
    int fds[2];

    pair_open(&lab, &faults, fds);
    shutdown(fds[0], SHUT_WR);
    START(&lab, receiver, &in, .name = "in", .fd = fds[1], .data = data,
          .size = 8);
    run_dry(&lab);
    CHECK_CODE(0, future_outcome(&in.task.future));
    CHECK_LOG("0 in has 0 bytes\n");
    pair_close(&lab, fds);
}

TEST(after_a_half_close_the_other_direction_goes_on)
{
    struct faults faults;
    struct lab lab;
    int fds[2], turned[2];

    pair_open(&lab, &faults, fds);
    shutdown(fds[0], SHUT_WR);
    turned[0] = fds[1];
    turned[1] = fds[0];
    transfer(&lab, turned, 100, 0, 0);
    pair_close(&lab, fds);
}

/* SIGPIPE would kill the test. */
TEST(sending_to_a_closed_socket_is_an_error_not_a_signal)
{
    struct faults faults;
    struct peer out;
    struct lab lab;
    int fds[2];

    pair_open(&lab, &faults, fds);
    net_close(&lab.loop, &fds[1]);
    START(&lab, sender, &out, .name = "out", .fd = fds[0], .data = "x",
          .size = 1);
    run_dry(&lab);
    CHECK_CODE(EPIPE, future_outcome(&out.task.future));
    CHECK_STR("send to an unnamed socket: Broken pipe", out.task.error.text);
    CHECK_INT(0, out.sender.sock_sendall.sent);
    pair_close(&lab, fds);
}

/* Closed with SO_LINGER 0: the peer gets RST. */
TEST(a_reset_by_the_peer_is_an_error_of_recv)
{
    struct linger at_once = { 1, 0 };
    char expected[64], data[8], text[ADDRESS_TEXT];
    struct world world;
    struct peer in;

    world_open(&world, "127.0.0.1");
    world_connect(&world);
    CHECK_INT(0, setsockopt(world.client.client.fd, SOL_SOCKET, SO_LINGER,
                            &at_once, sizeof at_once));
    START(&world.lab, receiver, &in, .name = "in",
          .fd = world.server.server.fd, .data = data, .size = 8);
    settle(&world.lab);
    net_close(&world.lab.loop, &world.client.client.fd);
    run_dry(&world.lab);
    CHECK_CODE(ECONNRESET, future_outcome(&in.task.future));
    snprintf(expected, sizeof expected,
             "recv at %s: Connection reset by peer",
             address_text(&world.address, text));
    CHECK_STR(expected, in.task.error.text);
    world_close(&world);
}

/* --- Closing and cancelling ---------------------------------------------- */

TEST(close_sets_the_fd_to_minus_one_and_may_be_repeated)
{
    struct faults faults;
    struct lab lab;
    int fds[2];

    pair_open(&lab, &faults, fds);
    net_close(&lab.loop, &fds[0]);
    net_close(&lab.loop, &fds[0]);
    CHECK_INT(-1, fds[0]);
    CHECK_INT(1, faults.calls[CALL_CLOSE]);
    pair_close(&lab, fds);
}

TEST(close_is_not_tried_again_after_eintr)
{
    struct faults faults;
    struct lab lab;
    int fds[2];

    pair_open(&lab, &faults, fds);
    faults_fail(&faults, CALL_CLOSE, EINTR, 1);
    net_close(&lab.loop, &fds[0]);
    CHECK_INT(1, faults.calls[CALL_CLOSE]);
    CHECK_INT(-1, fds[0]);
    pair_close(&lab, fds);
}

/* Cancels the task where it waits for its fd; it leaves no watch and, with
 * the census at the end of the test, no fd. */
static void cancel_waiting(struct lab *lab, struct task *task)
{
    loop_turn(&lab->loop, false);
    CHECK_INT(1, lab->loop.poller.count);
    CHECK(task_cancel(task));
    settle(lab);
    CHECK_CODE(E_CANCELLED, future_outcome(&task->future));
    CHECK_INT(0, lab->loop.poller.count);
}

/* The connection is made to look under way for ever: the socket's backlog
 * is of no help on loopback, so connect is told not to have begun. */
TEST(cancelled_while_connecting_the_socket_is_closed)
{
    struct world world;
    int before;

    world_open(&world, "127.0.0.1");
    before = count_fds();
    faults_fail(&world.faults, CALL_CONNECT, EINPROGRESS, 1);
    START(&world.lab, client, &world.client, .name = "client",
          .address = &world.address);
    cancel_waiting(&world.lab, &world.client.task);
    CHECK_INT(-1, world.client.client.fd);
    CHECK_INT(before, count_fds());
    CHECK_LOG("");
    world.server.server.fd = -1;
    world_close(&world);
}

TEST(cancelled_while_accepting_nothing_is_accepted)
{
    struct world world;

    world_open(&world, "127.0.0.1");
    START(&world.lab, server, &world.server, .name = "server",
          .listener = world.listener);
    cancel_waiting(&world.lab, &world.server.task);
    /* The next accept still gets the connection. */
    world_connect(&world);
    world_close(&world);
}

TEST(cancelled_while_accept_pauses_no_timer_is_left)
{
    struct world world;

    world_open(&world, "127.0.0.1");
    faults_fail(&world.faults, CALL_ACCEPT, EMFILE, 1);
    START(&world.lab, server, &world.server, .name = "server",
          .listener = world.listener);
    settle(&world.lab);
    CHECK_INT(1, world.lab.loop.timers.count);
    task_cancel(&world.server.task);
    settle(&world.lab);
    CHECK_CODE(E_CANCELLED, future_outcome(&world.server.task.future));
    world.client.client.fd = world.server.server.fd = -1;
    world_close(&world);
}

TEST(cancelled_while_receiving_no_byte_is_lost)
{
    struct faults faults;
    struct peer in;
    struct lab lab;
    char data[8];
    int fds[2];

    pair_open(&lab, &faults, fds);
    START(&lab, receiver, &in, .name = "in", .fd = fds[1], .data = data,
          .size = 3);
    settle(&lab);
    CHECK_INT(3, write(fds[0], "abc", 3)); /* readable, and cancelled */
    task_cancel(&in.task);
    settle(&lab);
    CHECK_CODE(E_CANCELLED, future_outcome(&in.task.future));
    START(&lab, receiver, &in, .name = "in", .fd = fds[1], .data = data,
          .size = 3);
    run_dry(&lab);
    CHECK_LOG("0 in has 3 bytes\n");
    pair_close(&lab, fds);
}

TEST(cancelled_while_sending_it_says_how_much_went)
{
    static char data[BIG];
    struct faults faults;
    struct peer out;
    struct lab lab;
    int fds[2], small = 2048;

    pair_open(&lab, &faults, fds);
    CHECK_INT(0, setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &small,
                            sizeof small));
    START(&lab, sender, &out, .name = "out", .fd = fds[0], .data = data,
          .size = BIG);
    cancel_waiting(&lab, &out.task);
    CHECK(out.sender.sock_sendall.sent > 0);
    CHECK(out.sender.sock_sendall.sent < BIG);
    CHECK_INT(out.sender.sock_sendall.sent,
              recv(fds[1], data, BIG, MSG_WAITALL));
    pair_close(&lab, fds);
}

TEST(a_busy_sender_lets_others_run)
{
    static char data[BIG];
    struct faults faults;
    struct peer out, in;
    struct lab lab;
    int fds[2];

    pair_open(&lab, &faults, fds);
    faults.at_most = 1;
    START(&lab, sender, &out, .name = "out", .fd = fds[0], .data = data,
          .size = 200);
    loop_turn(&lab.loop, true);
    CHECK_INT(LOOP_BUDGET, faults.calls[CALL_SEND]);
    run_dry(&lab);
    faults.at_most = 0;
    START(&lab, receiver, &in, .name = "in", .fd = fds[1], .data = data,
          .size = 200);
    run_dry(&lab);
    CHECK_LOG("0 out sent 200 bytes\n0 in has 200 bytes\n");
    pair_close(&lab, fds);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(numeric_hosts_and_paths_are_addresses),
        ENTRY(anything_else_is_refused_in_one_clear_line),
        ENTRY(a_path_too_long_for_a_socket_is_refused),
        ENTRY(bytes_go_over_ipv4),
        ENTRY(bytes_go_over_ipv6),
        ENTRY(bytes_go_over_a_unix_socket),
        ENTRY(sockets_are_non_blocking_and_closed_on_exec),
        ENTRY(listen_tells_the_port_that_the_kernel_chose),
        ENTRY(accept_tells_the_peer_s_address),
        ENTRY(an_address_in_use_is_told_and_leaves_no_fd),
        ENTRY(a_refused_connection_names_the_address_and_the_cause),
        ENTRY(a_unix_socket_that_is_not_there_names_its_path),
        ENTRY(a_connect_broken_off_by_a_signal_is_under_way),
        ENTRY(a_connect_under_way_that_fails_tells_the_kernel_s_reason),
        ENTRY(no_descriptor_for_a_socket_is_an_error_of_dial),
        ENTRY(errors_of_one_connection_do_not_end_accept),
        ENTRY(endless_errors_of_accept_let_others_run),
        ENTRY(other_errors_of_accept_are_raised_with_the_address),
        ENTRY(without_descriptors_accept_does_not_spin_and_recovers),
        ENTRY(without_descriptors_for_real_accept_waits_for_one),
        ENTRY(sendall_sends_all_though_the_kernel_takes_one_byte_a_call),
        ENTRY(sendall_waits_for_a_slow_reader),
        ENTRY(sendall_stops_for_input_if_it_is_told_to),
        ENTRY(eintr_and_eagain_are_tried_again),
        ENTRY(sendall_of_nothing_is_done_at_once),
        ENTRY(the_end_of_the_peer_s_data_is_zero_bytes_not_an_error),
        ENTRY(after_a_half_close_the_other_direction_goes_on),
        ENTRY(sending_to_a_closed_socket_is_an_error_not_a_signal),
        ENTRY(a_reset_by_the_peer_is_an_error_of_recv),
        ENTRY(close_sets_the_fd_to_minus_one_and_may_be_repeated),
        ENTRY(close_is_not_tried_again_after_eintr),
        ENTRY(cancelled_while_connecting_the_socket_is_closed),
        ENTRY(cancelled_while_accepting_nothing_is_accepted),
        ENTRY(cancelled_while_accept_pauses_no_timer_is_left),
        ENTRY(cancelled_while_receiving_no_byte_is_lost),
        ENTRY(cancelled_while_sending_it_says_how_much_went),
        ENTRY(a_busy_sender_lets_others_run),
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
