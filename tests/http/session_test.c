/* session_test.c - the session against peers that follow a script.
 *
 * A script is a list of answers. The peer reads a whole request, waits,
 * sends, and then stays, closes or resets; what it heard is kept. When the
 * client has closed, or the peer has, the next answer goes to the next
 * connection. Virtual time.
 */
#include "assassin.h"
#include "check.h"

#include "10_timeout/client_timeout.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum then { STAY, FIN, RST };

struct answer {
    const char *text; /* "$" stands for the peer's own port */
    double waits;
    enum then then;
    bool unasked;     /* does not wait for a request */
    size_t eats;      /* waits for so many bytes instead */
};

struct peer {
    struct coro coro;
    const struct answer *script; /* ended by a text of NULL */
    struct address address;
    struct open_socket listener, socket;
    struct cleanup closing, closing_socket;
    int connections;
    char request[4096], heard[8192], text[512];
    size_t len, eaten; /* eaten: of this connection */
    union {
        struct sock_accept sock_accept;
        struct sock_recv sock_recv;
        struct sock_sendall sock_sendall;
        struct sleep sleep;
    };
    struct task task;
};
ASYNC_DECLARE(peer);

static struct peer peer;

/* The request in the buffer has its head and its body. */
static bool is_whole(struct peer *self)
{
    const char *length, *end;

    self->request[self->len] = '\0';
    end = strstr(self->request, "\r\n\r\n");
    if (end == NULL)
        return false;
    length = strstr(self->request, "Content-Length: ");
    return length == NULL
        || strlen(end + 4) >= (size_t)atol(length + 16);
}

static bool has_heard_enough(struct peer *self)
{
    if (self->script->unasked)
        return true;
    if (self->script->eats > 0)
        return self->eaten >= self->script->eats;
    return is_whole(self);
}

static void keep(struct peer *self)
{
    size_t used = strlen(self->heard);

    snprintf(self->heard + used, sizeof self->heard - used, "%s\n--\n",
             self->request);
    self->len = 0;
}

static void fill_in_port(struct peer *self)
{
    const char *mark = strchr(self->script->text, '$');
    int before = mark != NULL ? (int)(mark - self->script->text) : 0;

    if (mark == NULL)
        snprintf(self->text, sizeof self->text, "%s", self->script->text);
    else
        snprintf(self->text, sizeof self->text, "%.*s%u%s", before,
                 self->script->text,
                 ntohs(((struct sockaddr_in *)&self->address.storage)
                           ->sin_port), mark + 1);
}

static void hang_up(struct peer *self)
{
    struct linger reset = { .l_onoff = 1, .l_linger = 0 };

    if (self->script->then == RST)
        setsockopt(self->socket.fd, SOL_SOCKET, SO_LINGER, &reset,
                   sizeof reset);
    close_socket(&self->socket);
}

ASYNC(peer)
{
    BEGIN;
    DEFER(&self->closing, close_socket, &self->listener);
    DEFER(&self->closing_socket, close_socket, &self->socket);
    for (; self->script->text != NULL; self->script++) {
        while (!has_heard_enough(self)) {
            if (self->socket.fd < 0) {
                AWAIT(sock_accept, .listener = self->listener.fd);
                self->socket.fd = self->sock_accept.fd;
                self->connections++;
                self->eaten = self->len = 0;
            }
            if (self->script->eats > 0)
                self->len = 0;
            if (self->len == sizeof self->request - 1)
                AWAIT(sleep, .delay_ns = SECONDS(1000)); /* deaf from now on */
            TRY_AWAIT(sock_recv, .fd = self->socket.fd,
                      .buffer = self->request + self->len,
                      .size = sizeof self->request - 1 - self->len);
            if (self->sock_recv.coro.error != 0
                || self->sock_recv.received == 0)
                close_socket(&self->socket);
            else
                self->len += self->sock_recv.received;
            self->eaten += self->sock_recv.received;
        }
        if (self->script->eats > 0)
            self->len = 0; /* eaten: no part of the next request */
        else if (!self->script->unasked)
            keep(self);
        AWAIT(sleep, .delay_ns = SECONDS(self->script->waits));
        fill_in_port(self);
        TRY_AWAIT(sock_sendall, .fd = self->socket.fd, .data = self->text,
                  .size = strlen(self->text));
        if (self->script->then != STAY)
            hang_up(self);
    }
    AWAIT(sleep, .delay_ns = SECONDS(1000));
    END;
}

/* --- The client ---------------------------------------------------------- */

struct fetch {
    struct coro coro;
    const char *name, *method, *path, *body;
    const struct request_field *fields;
    double comes, holds; /* the response unread for that long */
    double total;
    bool unread;
    size_t size;
    struct timed_request timed_request;
    struct timed_read timed_read;
    struct cleanup closing;
    struct sleep sleep;
    char url[256];
    struct task task;
};
ASYNC_DECLARE(fetch);

static struct {
    struct lab lab;
    struct session session;
    char words[64]; /* of the last error */
} world;

static struct assassin assassin;
static int cancel_at; /* the first fetch, at that suspension; 0: never */

static void say_error(struct fetch *self, struct task *task, int code)
{
    say("%s %s", self->name, error_name(code));
    snprintf(world.words, sizeof world.words, "%s", task->error.text);
}

ASYNC(fetch)
{
    struct response *response = &self->timed_request.request.response;

    BEGIN;
    AWAIT(sleep, .delay_ns = SECONDS(self->comes));
    TRY_AWAIT(timed_request, .limits = { .total = SECONDS(self->total) },
              .request = { .session = &world.session, .url = self->url,
                           .method = self->method, .body = self->body,
                           .fields = self->fields,
                           .body_size = self->body != NULL
                               ? strlen(self->body) : 0 });
    if (self->timed_request.coro.error != 0) {
        say_error(self, task, self->timed_request.coro.error);
        RETURN();
    }
    DEFER(&self->closing, response_close, response);
    AWAIT(sleep, .delay_ns = SECONDS(self->holds));
    while (!self->unread) {
        TRY_AWAIT(timed_read, .from = &self->timed_request);
        if (self->timed_read.coro.error != 0) {
            say_error(self, task, self->timed_read.coro.error);
            RETURN();
        }
        if (self->timed_read.piece.len == 0)
            break;
        self->size += self->timed_read.piece.len;
    }
    say("%s %d, %zu bytes", self->name, response->status, self->size);
    END;
}

struct all {
    struct coro coro;
    struct fetch *fetches; /* ended by a name of NULL */
};
ASYNC_DECLARE(all);

ASYNC(all)
{
    BEGIN;
    for (; self->fetches->name != NULL; self->fetches++)
        CATCH_AWAIT_FUTURE(&self->fetches->task.future);
    session_shut(&world.session);
    END;
}

static void start_peer(const struct answer *script)
{
    struct error error;

    peer = (struct peer){ CORO(peer), .script = script };
    peer.listener.loop = peer.socket.loop = &world.lab.loop;
    peer.socket.fd = -1;
    CHECK_CODE(0, address_parse(&peer.address, "127.0.0.1", 0, &error));
    CHECK_CODE(0, net_listen(&world.lab.loop, &peer.address, 8,
                             &peer.listener.fd, &error));
    task_create(&world.lab.loop, &peer.task, "peer", &peer.coro);
}

/* All fetches at once, each with its own delay; a limit of one, so that
 * they take turns. */
static void run(const struct answer *script, struct fetch *fetches)
{
    struct session_options options = SESSION_DEFAULTS;
    struct all all = { CORO(all), .fetches = fetches };

    memset(&world, 0, sizeof world);
    lab_open(&world.lab);
    options.limit = 1;
    session_open(&world.session, &world.lab.loop, options);
    start_peer(script);
    for (struct fetch *fetch = fetches; fetch->name != NULL; fetch++) {
        fetch->coro.type = &fetch_type;
        snprintf(fetch->url, sizeof fetch->url, "http://127.0.0.1:%u/%s",
                 ntohs(((struct sockaddr_in *)&peer.address.storage)
                           ->sin_port), fetch->path ? fetch->path : "");
        task_create(&world.lab.loop, &fetch->task, fetch->name,
                    &fetch->coro);
    }
    if (cancel_at > 0)
        assassin_hire(&assassin, &world.lab.loop, &fetches[0].task,
                      cancel_at);
    CHECK_CODE(0, lab_run(&world.lab, &all.coro));
    CHECK_INT(0, world.session.in_use);
    lab_close(&world.lab);
}

#define SCRIPT(...) (const struct answer[]){ __VA_ARGS__, { .text = NULL } }
#define SAYS(...) { .text = __VA_ARGS__ }
#define FETCHES(...) (struct fetch[]){ __VA_ARGS__, { .name = NULL } }
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define REDIRECT(status, to) "HTTP/1.1 " status " There\r\nLocation: " to    \
    "\r\nContent-Length: 0\r\n\r\n"

static bool heard(const char *text)
{
    return strstr(peer.heard, text) != NULL;
}

/* --- The pool ------------------------------------------------------------ */

TEST(stray_bytes_that_came_while_a_response_was_held_reach_no_waiter)
{
    run(SCRIPT(SAYS(OK),
               SAYS("HTTP/1.1 201 Stray\r\nContent-Length: 1\r\n\r\n?",
                    .waits = .1, .unasked = true),
               SAYS(OK)),
        FETCHES({ .name = "A", .holds = 1 }, { .name = "B" }));
    CHECK_LOG("1 A 200, 5 bytes\n1 B 200, 5 bytes\n");
    CHECK_INT(2, peer.connections);
}

TEST(closed_while_a_response_was_held_it_is_not_handed_on)
{
    run(SCRIPT(SAYS(OK), SAYS("", .waits = .1, .unasked = true, .then = FIN),
               SAYS(OK)),
        FETCHES({ .name = "A", .holds = 1 },
                { .name = "B", .method = "POST", .body = "x" }));
    CHECK_LOG("1 A 200, 5 bytes\n1 B 200, 5 bytes\n");
    CHECK_INT(0, world.session.retried);
}

/* B waits for A's place. The end comes with A's answer, or up to three turns
 * later: before B's first byte, and B must not hear of it. */
TEST(closed_as_its_place_passes_to_a_waiter_it_is_not_used)
{
    const struct answer turn = SAYS("", .unasked = true);
    struct answer script[6];

    for (size_t turns = 0; turns <= 3; turns++) {
        script[0] = (struct answer)SAYS(OK);
        for (size_t i = 1; i <= turns; i++)
            script[i] = turn;
        script[turns].then = FIN;
        script[turns + 1] = (struct answer)SAYS(OK);
        script[turns + 2] = (struct answer)SAYS(NULL);
        run(script, FETCHES({ .name = "A" },
                { .name = "B", .method = "POST", .body = "x" }));
        CHECK_LOG("0 A 200, 5 bytes\n0 B 200, 5 bytes\n");
        CHECK_INT(2, peer.connections);
    }
}

TEST(reset_while_idle_or_in_the_last_breath_it_is_replaced)
{
    run(SCRIPT(SAYS(OK),
               SAYS("", .waits = .1, .unasked = true, .then = RST),
               SAYS(OK), SAYS("", .then = RST), SAYS(OK)),
        FETCHES({ .name = "A" },
                { .name = "B", .comes = 1, .method = "POST", .body = "x" },
                { .name = "C", .comes = 2 }));
    CHECK_LOG("0 A 200, 5 bytes\n1 B 200, 5 bytes\n2 C 200, 5 bytes\n");
    CHECK_INT(1, world.session.retried);
    CHECK_INT(3, peer.connections);
}

TEST(a_server_that_says_close_is_believed__H04)
{
    run(SCRIPT(SAYS("HTTP/1.1 200 OK\r\nConnection: x, Close\r\n"
                 "Content-Length: 2\r\n\r\nok"),
               SAYS("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"),
               SAYS("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"
                 "Content-Length: 2\r\n\r\nok"),
               SAYS("HTTP/1.1 200 OK\r\n\r\nok", .then = FIN), SAYS(OK)),
        FETCHES({ .name = "A" }, { .name = "B" }, { .name = "C" },
                { .name = "D" }, { .name = "E" }));
    CHECK_LOG("0 A 200, 2 bytes\n0 B 200, 2 bytes\n0 C 200, 2 bytes\n"
              "0 D 200, 2 bytes\n0 E 200, 5 bytes\n");
    CHECK_INT(4, peer.connections);
}

TEST(a_client_that_says_close_keeps_its_word__H04)
{
    static const struct request_field fields[] = {
        { "Connection", "x, Close" }, { NULL, NULL }
    };

    run(SCRIPT(SAYS(OK), SAYS(OK), SAYS(OK)),
        FETCHES({ .name = "A" }, { .name = "B", .fields = fields },
                { .name = "C" }));
    CHECK_LOG("0 A 200, 5 bytes\n0 B 200, 5 bytes\n0 C 200, 5 bytes\n");
    CHECK_INT(2, peer.connections);
    CHECK_INT(1, world.session.reused);
}

TEST(a_put_that_died_unanswered_goes_once_more_with_its_body)
{
    run(SCRIPT(SAYS(OK), SAYS("", .then = FIN), SAYS(OK)),
        FETCHES({ .name = "A" },
                { .name = "B", .method = "PUT", .body = "all of it" }));
    CHECK_LOG("0 A 200, 5 bytes\n0 B 200, 5 bytes\n");
    CHECK_INT(1, world.session.retried);
    CHECK(heard("all of it\n--\nPUT / HTTP/1.1\r\n"));
}

TEST(a_new_connection_that_dies_unanswered_is_no_reason_to_retry)
{
    run(SCRIPT(SAYS("", .then = FIN), SAYS(OK)),
        FETCHES({ .name = "A" }, { .name = "B" }));
    CHECK_LOG("0 A E_DISCONNECTED\n0 B 200, 5 bytes\n");
    CHECK_INT(0, world.session.retried);
}

TEST(the_second_death_is_an_error)
{
    run(SCRIPT(SAYS(OK), SAYS("", .then = FIN), SAYS("", .then = FIN),
               SAYS(OK)),
        FETCHES({ .name = "A" }, { .name = "B" }));
    CHECK_LOG("0 A 200, 5 bytes\n0 B E_DISCONNECTED\n");
    CHECK_INT(1, world.session.retried);
}

TEST(an_unanswered_post_says_that_it_may_have_been_processed)
{
    run(SCRIPT(SAYS(OK), SAYS("", .then = FIN), SAYS(OK)),
        FETCHES({ .name = "A" },
                { .name = "B", .method = "POST", .body = "pay" }));
    CHECK_LOG("0 A 200, 5 bytes\n0 B E_DISCONNECTED\n");
    CHECK_STR("connection closed before any response byte; maybe processed",
              world.words);
    CHECK_INT(0, world.session.retried);
}

TEST(a_method_nobody_knows_is_not_sent_twice)
{
    run(SCRIPT(SAYS(OK), SAYS("", .then = FIN), SAYS(OK)),
        FETCHES({ .name = "A" }, { .name = "B", .method = "BREW" }));
    CHECK_LOG("0 A 200, 5 bytes\n0 B E_DISCONNECTED\n");
    CHECK_INT(0, world.session.retried);
}

TEST(once_a_byte_has_come_nothing_is_sent_again)
{
    run(SCRIPT(SAYS(OK), SAYS("H", .then = FIN), SAYS(OK),
               SAYS("HTTP/1.1 100 Continue\r\n\r\n", .then = FIN), SAYS(OK),
               SAYS("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
                 .then = FIN), SAYS(OK),
               SAYS("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
                 .then = RST)),
        FETCHES({ .name = "A" }, { .name = "B" }, { .name = "C" },
                { .name = "D" }, { .name = "E" }, { .name = "F" },
                { .name = "G" }, { .name = "H" }));
    CHECK_LOG("0 A 200, 5 bytes\n0 B E_DISCONNECTED\n"
              "0 C 200, 5 bytes\n0 D E_DISCONNECTED\n"
              "0 E 200, 5 bytes\n0 F E_EOF\n"
              "0 G 200, 5 bytes\n0 H ECONNRESET\n");
    CHECK_INT(0, world.session.retried);
}

TEST(an_answer_to_head_has_no_body_and_keeps_its_connection)
{
    run(SCRIPT(SAYS("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"),
               SAYS("HTTP/1.1 304 Same\r\nContent-Length: 100\r\n\r\n"),
               SAYS("HTTP/1.1 204 None\r\n\r\n"),
               SAYS("HTTP/1.1 103 Hint\r\n\r\n" OK)),
        FETCHES({ .name = "A", .method = "HEAD" }, { .name = "B" },
                { .name = "C" }, { .name = "D" }));
    CHECK_LOG("0 A 200, 0 bytes\n0 B 304, 0 bytes\n0 C 204, 0 bytes\n"
              "0 D 200, 5 bytes\n");
    CHECK_INT(1, peer.connections);
}

/* --- Redirects ----------------------------------------------------------- */

TEST(see_other_and_the_old_ones_turn_a_post_into_a_get_without_a_body)
{
    static const struct request_field fields[] = {
        { "Content-Type", "text/plain" }, { "X-Kept", "yes" }, { NULL, NULL }
    };
    static const char *const answers[] = {
        REDIRECT("301", "/b"), REDIRECT("302", "/b"), REDIRECT("303", "/b"),
    };

    for (size_t i = 0; i < COUNT(answers); i++) {
        run(SCRIPT(SAYS(answers[i]), SAYS(OK)),
            FETCHES({ .name = "A", .method = "POST", .body = "once",
                      .fields = fields }));
        CHECK_LOG("0 A 200, 5 bytes\n");
        const char *second = strstr(peer.heard, "--\n");
        CHECK(second != NULL && strncmp(second, "--\nGET /b ", 10) == 0);
        CHECK(strstr(second, "once") == NULL);
        CHECK(strstr(second, "Content-") == NULL);
        CHECK(strstr(second, "X-Kept: yes\r\n") != NULL);
    }
}

TEST(the_new_ones_send_the_same_method_and_body_again)
{
    run(SCRIPT(SAYS(REDIRECT("307", "/b")), SAYS(REDIRECT("308", "/c")),
               SAYS(OK)),
        FETCHES({ .name = "A", .method = "POST", .body = "again" }));
    CHECK_LOG("0 A 200, 5 bytes\n");
    CHECK(heard("again\n--\nPOST /b ") && heard("again\n--\nPOST /c "));
    CHECK_INT(1, peer.connections);
}

TEST(a_put_stays_a_put_but_after_see_other)
{
    run(SCRIPT(SAYS(REDIRECT("302", "/b")), SAYS(OK)),
        FETCHES({ .name = "A", .method = "PUT", .body = "it" }));
    CHECK(heard("it\n--\nPUT /b "));
    run(SCRIPT(SAYS(REDIRECT("303", "/b")), SAYS(OK)),
        FETCHES({ .name = "A", .method = "PUT", .body = "it" }));
    CHECK(heard("it\n--\nGET /b "));
    CHECK_LOG("0 A 200, 5 bytes\n0 A 200, 5 bytes\n");
}

TEST(a_head_stays_a_head_whatever_the_redirect)
{
    run(SCRIPT(SAYS(REDIRECT("303", "/b")), SAYS(REDIRECT("301", "/c")),
               SAYS("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")),
        FETCHES({ .name = "A", .method = "HEAD" }));
    CHECK_LOG("0 A 200, 0 bytes\n");
    CHECK(heard("HEAD /b ") && heard("HEAD /c "));
}

TEST(a_location_is_relative_to_here_and_its_fragment_stays_here)
{
    run(SCRIPT(SAYS(REDIRECT("302", "../x?y#part")),
               SAYS(REDIRECT("302", "?z")),
               SAYS(REDIRECT("302", "http://127.0.0.1:$/last")), SAYS(OK)),
        FETCHES({ .name = "A", .path = "a/b/c" }));
    CHECK_LOG("0 A 200, 5 bytes\n");
    CHECK(heard("GET /a/x?y HTTP") && heard("GET /a/x?z HTTP")
          && heard("GET /last HTTP"));
}

TEST(a_location_with_a_password_is_refused_and_not_repeated)
{
    run(SCRIPT(SAYS(REDIRECT("302", "http://u:pw@127.0.0.1:$/")), SAYS(OK)),
        FETCHES({ .name = "A" }, { .name = "B" }));
    CHECK_LOG("0 A E_INVALID_URL\n0 B 200, 5 bytes\n");
    CHECK(strstr(world.words, "user name") != NULL);
    CHECK(strstr(world.words, "pw") == NULL);
    CHECK_INT(1, peer.connections);
}

TEST(a_redirect_without_a_location_is_an_answer)
{
    run(SCRIPT(SAYS("HTTP/1.1 302 Where\r\nContent-Length: 0\r\n\r\n"),
               SAYS(REDIRECT("300", "/b")), SAYS(REDIRECT("304", "/b"))),
        FETCHES({ .name = "A" }, { .name = "B" }, { .name = "C" }));
    CHECK_LOG("0 A 302, 0 bytes\n0 B 300, 0 bytes\n0 C 304, 0 bytes\n");
}

TEST(a_location_that_is_no_url_is_an_error_and_costs_no_connection)
{
    run(SCRIPT(SAYS(REDIRECT("302", "http://[::1/")),
               SAYS(REDIRECT("302", "%")),
               SAYS(REDIRECT("302", "a b")), SAYS(OK)),
        FETCHES({ .name = "A" }, { .name = "B" }, { .name = "C" },
                { .name = "D" }));
    CHECK_LOG("0 A E_INVALID_URL\n0 B E_INVALID_URL\n0 C E_INVALID_URL\n"
              "0 D 200, 5 bytes\n");
    CHECK_INT(1, peer.connections);
}

TEST(total_covers_all_redirects_and_the_body_behind_them__H11)
{
    run(SCRIPT(SAYS(REDIRECT("302", "/b"), .waits = .4),
               SAYS(REDIRECT("302", "/c"), .waits = .4),
               SAYS(OK, .waits = .4)),
        FETCHES({ .name = "A", .total = 1 }));
    CHECK_LOG("1 A E_TIMEOUT\n");
    run(SCRIPT(SAYS(REDIRECT("302", "/b"), .waits = .4),
               SAYS("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello",
                 .waits = .4)),
        FETCHES({ .name = "A", .total = 1 }));
    CHECK_LOG("1 A E_TIMEOUT\n");
}

TEST(total_covers_a_body_that_the_peer_does_not_read__H11)
{
    static char body[8000001];

    memset(body, 'x', sizeof body - 1);
    run(SCRIPT(SAYS(OK)),
        FETCHES({ .name = "A", .method = "PUT", .body = body, .total = 1 }));
    CHECK_LOG("1 A E_TIMEOUT\n");
    CHECK_STR("total timeout while sending", world.words);
}

/* --- An answer before the whole request is out --------------------------- */

enum { LARGE = 8000000 };
static char large[LARGE + 1];

#define NO_THANKS "HTTP/1.1 413 No Thanks\r\nContent-Length: 2\r\n\r\nno"

/* The peer has seen the head and a little, says so and goes its way. */
TEST(an_early_refusal_ends_the_sending_and_is_the_answer)
{
    memset(large, 'x', LARGE);
    for (int reset = 0; reset < 2; reset++) {
        run(SCRIPT(SAYS(NO_THANKS, .eats = 1, .then = reset ? RST : FIN),
                   SAYS(OK)),
            FETCHES({ .name = "A", .method = "POST", .body = large,
                      .total = 1 },
                    { .name = "B", .total = 1 }));
        CHECK_LOG("0 A 413, 2 bytes\n0 B 200, 5 bytes\n");
        CHECK_INT(2, peer.connections);
    }
}

/* It stays, and B's request would be more of A's body to it. */
TEST(a_connection_with_half_a_request_is_not_used_again)
{
    memset(large, 'x', LARGE);
    run(SCRIPT(SAYS(NO_THANKS, .eats = 1), SAYS(OK)),
        FETCHES({ .name = "A", .method = "POST", .body = large, .total = 1 },
                { .name = "B", .total = 1 }));
    CHECK_LOG("0 A 413, 2 bytes\n1 B E_TIMEOUT\n");
    CHECK_INT(2, world.session.opened);
    CHECK_INT(0, world.session.reused);
}

TEST(a_peer_that_hangs_up_on_a_body_without_a_word_is_an_error)
{
    memset(large, 'x', LARGE);
    run(SCRIPT(SAYS("", .eats = 1, .then = RST), SAYS(OK)),
        FETCHES({ .name = "A", .method = "POST", .body = large, .total = 1 },
                { .name = "B", .total = 1 }));
    CHECK_LOG("0 A ECONNRESET\n0 B 200, 5 bytes\n");
}

TEST(neither_continue_nor_an_early_success_ends_the_sending)
{
    memset(large, 'x', LARGE);
    run(SCRIPT(SAYS("HTTP/1.1 100 Continue\r\n\r\n", .eats = 1),
               SAYS("HTTP/1.1 103 Hint\r\n\r\n", .eats = LARGE / 2),
               SAYS("HTTP/1.1 200 Good\r\nContent-Length: 4\r\n\r\nso",
                    .eats = LARGE / 2 + 1),
               SAYS("on", .eats = LARGE), SAYS(OK)),
        FETCHES({ .name = "A", .method = "PUT", .body = large, .total = 9 },
                { .name = "B" }));
    CHECK_LOG("0 A 200, 4 bytes\n0 B 200, 5 bytes\n");
    CHECK_INT(1, peer.connections);
}

TEST(an_early_redirect_of_a_post_sends_it_all_again_elsewhere)
{
    memset(large, 'x', LARGE);
    run(SCRIPT(SAYS(REDIRECT("307", "/b"), .eats = 1, .then = FIN),
               SAYS(OK, .eats = LARGE), SAYS(OK)),
        FETCHES({ .name = "A", .method = "POST", .body = large,
                  .total = 1 }));
    CHECK_LOG("0 A 200, 5 bytes\n");
    CHECK_INT(2, peer.connections);
}

TEST(cancelled_at_every_suspension_of_an_early_answer__H10)
{
    memset(large, 'x', LARGE);
    do {
        cancel_at++;
        run(SCRIPT(SAYS("HTTP/1.1 100 Continue\r\n\r\n", .eats = 1),
                   SAYS("HTTP/1.1 413 No\r\nContent-Length: 4\r\n\r\nno",
                        .eats = LARGE / 2),
                   SAYS("no", .waits = 1, .unasked = true)),
            FETCHES({ .name = "A", .method = "POST", .body = large }));
    } while (assassin.struck);
    CHECK(cancel_at > 4);
    CHECK_LOG("1 A 413, 4 bytes\n");
}

TEST(a_waiter_that_times_out_leaves_the_line_to_the_next)
{
    run(SCRIPT(SAYS(OK, .waits = 3), SAYS(OK)),
        FETCHES({ .name = "A" }, { .name = "B", .total = 1 },
                { .name = "C" }));
    CHECK_LOG("1 B E_TIMEOUT\n3 A 200, 5 bytes\n3 C 200, 5 bytes\n");
    CHECK_INT(1, peer.connections);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(stray_bytes_that_came_while_a_response_was_held_reach_no_waiter),
        ENTRY(closed_while_a_response_was_held_it_is_not_handed_on),
        ENTRY(closed_as_its_place_passes_to_a_waiter_it_is_not_used),
        ENTRY(reset_while_idle_or_in_the_last_breath_it_is_replaced),
        ENTRY(a_server_that_says_close_is_believed__H04),
        ENTRY(a_client_that_says_close_keeps_its_word__H04),
        ENTRY(a_put_that_died_unanswered_goes_once_more_with_its_body),
        ENTRY(a_new_connection_that_dies_unanswered_is_no_reason_to_retry),
        ENTRY(the_second_death_is_an_error),
        ENTRY(an_unanswered_post_says_that_it_may_have_been_processed),
        ENTRY(a_method_nobody_knows_is_not_sent_twice),
        ENTRY(once_a_byte_has_come_nothing_is_sent_again),
        ENTRY(an_answer_to_head_has_no_body_and_keeps_its_connection),
        ENTRY(see_other_and_the_old_ones_turn_a_post_into_a_get_without_a_body),
        ENTRY(the_new_ones_send_the_same_method_and_body_again),
        ENTRY(a_put_stays_a_put_but_after_see_other),
        ENTRY(a_head_stays_a_head_whatever_the_redirect),
        ENTRY(a_location_is_relative_to_here_and_its_fragment_stays_here),
        ENTRY(a_location_with_a_password_is_refused_and_not_repeated),
        ENTRY(a_redirect_without_a_location_is_an_answer),
        ENTRY(a_location_that_is_no_url_is_an_error_and_costs_no_connection),
        ENTRY(total_covers_all_redirects_and_the_body_behind_them__H11),
        ENTRY(total_covers_a_body_that_the_peer_does_not_read__H11),
        ENTRY(an_early_refusal_ends_the_sending_and_is_the_answer),
        ENTRY(a_connection_with_half_a_request_is_not_used_again),
        ENTRY(a_peer_that_hangs_up_on_a_body_without_a_word_is_an_error),
        ENTRY(neither_continue_nor_an_early_success_ends_the_sending),
        ENTRY(an_early_redirect_of_a_post_sends_it_all_again_elsewhere),
        ENTRY(cancelled_at_every_suspension_of_an_early_answer__H10),
        ENTRY(a_waiter_that_times_out_leaves_the_line_to_the_next),
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
