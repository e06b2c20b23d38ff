/* origin_test.c - the demo server under clients that mean no good. */
#include "check.h"

#include "stage/origin.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { SLOW = 200 };

/* Sends a head one byte a second, and waits for what comes of it. */
struct client {
    struct coro coro;
    const struct address *address;
    const char *head;
    size_t at;
    int64_t pause_ns;
    int status;
    int64_t began_ns, ended_ns;
    struct open_socket socket;
    struct cleanup closing;
    char bytes[1024];
    union {
        struct dial dial;
        struct sleep sleep;
        struct sock_sendall sock_sendall;
        struct sock_recv sock_recv;
    };
    struct task task;
};
ASYNC_DECLARE(client);

ASYNC(client)
{
    BEGIN;
    self->began_ns = loop_now(task_loop(task));
    self->socket = (struct open_socket){ task_loop(task), -1 };
    AWAIT(dial, .address = self->address, .fd = &self->socket.fd);
    DEFER(&self->closing, close_socket, &self->socket);
    for (; self->head[self->at] != '\0' && self->at < 9; self->at++) {
        AWAIT(sock_sendall, .fd = self->socket.fd,
              .data = self->head + self->at,
              .size = self->pause_ns > 0 ? 1 : strlen(self->head));
        if (self->pause_ns == 0)
            break;
        AWAIT(sleep, .delay_ns = self->pause_ns);
    }
    AWAIT(sock_recv, .fd = self->socket.fd, .buffer = self->bytes,
          .size = sizeof self->bytes - 1);
    self->bytes[self->sock_recv.received] = '\0';
    if (strncmp(self->bytes, "HTTP/1.1 ", 9) == 0)
        self->status = (self->bytes[9] - '0') * 100
            + (self->bytes[10] - '0') * 10 + self->bytes[11] - '0';
    self->ended_ns = loop_now(task_loop(task));
    END;
}

struct siege {
    struct coro coro;
    struct origin origin;
    struct client slow[SLOW], quick;
    struct sleep sleep;
    size_t answered;
    int i;
};
ASYNC_DECLARE(siege);

static const char head[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

static void begin(struct siege *self, struct client *client, int64_t pause)
{
    *client = (struct client){ CORO(client), .head = head,
                               .address = &self->origin.address,
                               .pause_ns = pause };
    task_create(self->origin.loop, &client->task, "client", &client->coro);
}

ASYNC(siege)
{
    BEGIN;
    for (self->i = 0; self->i < SLOW; self->i++)
        begin(self, &self->slow[self->i], SECONDS(1));
    AWAIT(sleep, .delay_ns = SECONDS(2));
    begin(self, &self->quick, 0);
    AWAIT_FUTURE(&self->quick.task.future);
    AWAIT(sleep, .delay_ns = SECONDS(4));
    /* They still send, but their five seconds are over. */
    self->answered = self->origin.requests;
    for (self->i = 0; self->i < SLOW; self->i++)
        AWAIT_FUTURE(&self->slow[self->i].task.future);
    END;
}

TEST(slow_heads_end_with_408_and_nobody_waits_for_them)
{
    static struct siege siege = { CORO(siege) };
    struct error error;
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(0, origin_start(&siege.origin, &lab.loop, "127.0.0.1", 0,
                               &error));
    CHECK_CODE(0, lab_run(&lab, &siege.coro));
    for (int i = 0; i < SLOW; i++)
        CHECK_INT(408, siege.slow[i].status);
    CHECK_INT(SLOW + 1, siege.answered);
    CHECK_INT(200, siege.quick.status);
    CHECK(siege.quick.ended_ns - siege.quick.began_ns < MILLISECONDS(50));
    lab_close(&lab);
}

/* --- Cancelled before the first step: no cleanup runs (row T04) --- */

struct early {
    struct coro coro;
    struct origin origin;
    struct client client;
};
ASYNC_DECLARE(early);

static void cancel_connections(struct loop *loop)
{
    LIST_EACH(&loop->tasks, link) {
        struct task *task = CONTAINER(link, struct task, link);

        if (strcmp(task->name, "~connection") == 0)
            task_cancel(task);
    }
}

ASYNC(early)
{
    BEGIN;
    self->client = (struct client){ CORO(client), .head = head,
                                    .address = &self->origin.address };
    YIELD();
    YIELD(); /* one who was stopped has closed by now */
    task_create(task_loop(task), &self->client.task, "client",
                &self->client.coro);
    while (self->origin.connections == 0
           && !future_done(&self->client.task.future))
        YIELD();
    cancel_connections(task_loop(task));
    CATCH_AWAIT_FUTURE(&self->client.task.future);
    END;
}

/* The origin begins; `stopped`: and is stopped before its first step. */
static void run_early(struct early *early, bool stopped)
{
    struct error error;
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(0, origin_start(&early->origin, &lab.loop, "127.0.0.1", 0,
                               &error));
    if (stopped)
        origin_stop(&early->origin);
    CHECK_CODE(0, lab_run(&lab, &early->coro));
    lab_close(&lab);
}

TEST(a_connection_cancelled_before_its_first_step_is_closed)
{
    static struct early early = { CORO(early) };

    run_early(&early, false);
    CHECK_INT(1, early.origin.connections);
    CHECK_INT(0, early.origin.open);
    CHECK_INT(0, early.client.status);
}

TEST(an_origin_stopped_before_its_first_step_listens_no_more)
{
    static struct early early = { CORO(early) };

    run_early(&early, true);
    CHECK_CODE(ECONNREFUSED, early.client.task.error.code);
}

/* --- One client, what it says and what it hears --- */

struct talk {
    struct coro coro;
    const char *says;
    bool in_bytes;  /* each byte a packet of its own        */
    bool then_shut; /* closes its half when it has spoken   */
    size_t leaves;  /* after that many bytes heard, or 0    */
    double sleeps;  /* before it listens                    */
    size_t open_then; /* connections at the origin, after   */
    char heard[4096];
    size_t len;
    struct origin origin;
    struct open_socket socket;
    struct cleanup closing;
    size_t at;
    union {
        struct dial dial;
        struct sleep sleep;
        struct sock_sendall sock_sendall;
        struct sock_recv sock_recv;
    };
};
ASYNC_DECLARE(talk);

/* Listens until the origin closes: at the latest when it is tired of an idle
 * connection, which costs no real time. */
ASYNC(talk)
{
    BEGIN;
    self->socket = (struct open_socket){ task_loop(task), -1 };
    AWAIT(dial, .address = &self->origin.address, .fd = &self->socket.fd);
    DEFER(&self->closing, close_socket, &self->socket);
    while (self->says[self->at] != '\0') {
        AWAIT(sock_sendall, .fd = self->socket.fd,
              .data = self->says + self->at,
              .size = self->in_bytes ? 1 : strlen(self->says));
        self->at += self->in_bytes ? 1 : strlen(self->says);
        AWAIT(sleep, .delay_ns = MILLISECONDS(1));
    }
    if (self->then_shut)
        shutdown(self->socket.fd, SHUT_WR);
    AWAIT(sleep, .delay_ns = SECONDS(self->sleeps));
    self->open_then = self->origin.open;
    do {
        AWAIT(sock_recv, .fd = self->socket.fd,
              .buffer = self->heard + self->len,
              .size = sizeof self->heard - 1 - self->len);
        self->len += self->sock_recv.received;
    } while (self->sock_recv.received > 0
             && (self->leaves == 0 || self->len < self->leaves));
    END;
}

static void converse(struct talk *talk)
{
    struct error error;
    struct lab lab;

    talk->coro.type = &talk_type;
    lab_open(&lab);
    CHECK_CODE(0, origin_start(&talk->origin, &lab.loop, "127.0.0.1", 0,
                               &error));
    CHECK_CODE(0, lab_run(&lab, &talk->coro));
    talk->heard[talk->len] = '\0';
    CHECK_INT(0, talk->origin.busy);
    lab_close(&lab);
}

/* "200 404 " for the answers heard, in their order. */
static const char *statuses(const struct talk *talk)
{
    static char list[128];
    const char *at = talk->heard;
    size_t len = 0;

    for (; (at = strstr(at, "HTTP/1.1 ")) != NULL && len < 100; at += 9)
        len += (size_t)snprintf(list + len, sizeof list - len, "%.4s",
                                at + 9);
    list[len] = '\0';
    return list;
}

TEST(what_is_no_number_is_404)
{
    static const char *const paths[] = {
        "/redirect/-9223372036854775808", "/redirect/x", "/bytes/-1",
        "/bytes/18446744073709551616", "/chunked/1x", "/status/4294967496",
        "/status/2OO",
        "/status/100", /* its client would wait for the final one */
        "/status/600",
        "/delay/x", "/delay/", "/delay/-1", "/delay/nan", "/delay/3601",
    };

    for (size_t i = 0; i < COUNT(paths); i++) {
        static struct talk talk;
        char request[128];

        snprintf(request, sizeof request,
                 "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", paths[i]);
        talk = (struct talk){ .says = request, .then_shut = true };
        converse(&talk);
        CHECK_STR("404 ", statuses(&talk));
    }
}

TEST(what_is_flaky_refuses_as_often_as_it_is_told_and_then_again)
{
    static struct talk talk = {
        .says = "GET /flaky/2 HTTP/1.1\r\nHost: a\r\n\r\n"
                "GET /flaky/2 HTTP/1.1\r\nHost: a\r\n\r\n"
                "GET /flaky/2 HTTP/1.1\r\nHost: a\r\n\r\n"
                "GET /flaky/2 HTTP/1.1\r\nHost: a\r\n\r\n"
                "GET /flaky/0 HTTP/1.1\r\nHost: a\r\n\r\n"
                "GET /flaky/x HTTP/1.1\r\nHost: a\r\n\r\n",
        .then_shut = true
    };

    converse(&talk);
    CHECK_STR("503 503 200 503 200 404 ", statuses(&talk));
    CHECK(strstr(talk.heard, "Retry-After: 1\r\n") != NULL);
}

TEST(pipelined_requests_are_answered_in_order_and_a_bad_one_ends_it)
{
    static struct talk talk = {
        .says = "GET /status/404 HTTP/1.1\r\nHost: a\r\n\r\n"
                "GET /delay/1 HTTP/1.1\r\nHost: a\r\n\r\n"
                "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
                "BREW / HTTP/1.1\r\nHost: a\r\n\r\n"
                "GET /status/500 HTTP/1.1\r\nHost: a\r\n\r\n"
                "GET / bad HTTP/1.1\r\nHost: a\r\n\r\n"
                "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    };

    converse(&talk);
    CHECK_STR("404 200 200 501 500 400 ", statuses(&talk));
}

TEST(a_client_that_closed_its_half_is_answered_all_the_same)
{
    static struct talk talk = {
        .says = "GET /delay/1 HTTP/1.1\r\nHost: a\r\n\r\n",
        .then_shut = true,
    };

    converse(&talk);
    CHECK_STR("200 ", statuses(&talk));
}

TEST(a_request_cut_short_by_the_end_of_the_client_is_400)
{
    static const char cut_chunks[] =
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
        "\r\n5\r\nhello\r\n";
    static const char *const requests[] = {
        cut_chunks, "GET / HT", "GET / HTTP/1.1\r\nHost: a\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe",
    };

    for (size_t i = 0; i < COUNT(requests); i++) {
        static struct talk talk;

        talk = (struct talk){ .says = requests[i], .then_shut = true };
        converse(&talk);
        CHECK_STR("400 ", statuses(&talk));
        CHECK(strstr(talk.heard, "Connection: close\r\n") != NULL);
    }
}

TEST(a_client_that_expects_to_continue_is_told_so_once)
{
    static struct talk talk = {
        .says = "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                "Transfer-Encoding: chunked\r\n\r\n"
                "5;a=b\r\nhello\r\n0\r\n\r\n",
        .in_bytes = true, .then_shut = true,
    };

    converse(&talk);
    CHECK_STR("100 200 ", statuses(&talk));
}

TEST(http_1_0_gets_no_chunks_and_keeps_alive_only_on_demand)
{
    static struct talk talk = {
        .says = "GET /chunked/3 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
                "GET /chunked/3 HTTP/1.0\r\n\r\n"
                "GET / HTTP/1.0\r\n\r\n",
    };

    converse(&talk);
    CHECK_STR("200 200 ", statuses(&talk));
    CHECK(strstr(talk.heard, "chunked") == NULL);
    CHECK(strstr(talk.heard, "Connection: keep-alive\r\n") != NULL);
    CHECK(strstr(talk.heard, "\r\n\r\nxxxHTTP/1.1 200") != NULL);
}

TEST(a_client_that_leaves_mid_answer_takes_nothing_along)
{
    static struct talk talk = {
        .says = "GET /bytes/100000000 HTTP/1.1\r\nHost: a\r\n\r\n",
        .leaves = 1000,
    };

    converse(&talk);
    CHECK_STR("200 ", statuses(&talk));
}

TEST(a_client_that_never_reads_its_answer_is_given_up)
{
    static struct talk talk = {
        .says = "GET /bytes/100000000 HTTP/1.1\r\nHost: a\r\n\r\n",
        .sleeps = 61, .leaves = 1,
    };

    converse(&talk);
    CHECK_INT(0, talk.open_then);
}

TEST(a_slow_reader_gets_all_of_it_and_an_echo_comes_back_whole)
{
    static struct talk talk;
    static char request[3000];
    size_t n = (size_t)snprintf(request, sizeof request,
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n");

    for (int i = 0; i < 2000; i++)
        request[n + (size_t)i] = (char)('a' + i % 26);
    talk = (struct talk){ .says = request, .sleeps = 59 };
    converse(&talk);
    CHECK_STR("200 ", statuses(&talk));
    CHECK_STR(request + n, strstr(talk.heard, "\r\n\r\n") + 4);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(what_is_no_number_is_404),
        ENTRY(what_is_flaky_refuses_as_often_as_it_is_told_and_then_again),
        ENTRY(pipelined_requests_are_answered_in_order_and_a_bad_one_ends_it),
        ENTRY(a_client_that_closed_its_half_is_answered_all_the_same),
        ENTRY(a_request_cut_short_by_the_end_of_the_client_is_400),
        ENTRY(a_client_that_expects_to_continue_is_told_so_once),
        ENTRY(http_1_0_gets_no_chunks_and_keeps_alive_only_on_demand),
        ENTRY(a_client_that_never_reads_its_answer_is_given_up),
        ENTRY(a_slow_reader_gets_all_of_it_and_an_echo_comes_back_whole),
        ENTRY(a_client_that_leaves_mid_answer_takes_nothing_along),
        ENTRY(slow_heads_end_with_408_and_nobody_waits_for_them),
        ENTRY(a_connection_cancelled_before_its_first_step_is_closed),
        ENTRY(an_origin_stopped_before_its_first_step_listens_no_more),
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
