/* 18_fetchall.c - promises of lesson 18: what is tried again, after how long,
 * and what becomes of each URL of a list. The list itself, and the bodies on
 * the disk, are 18_fetchall_list.c; the tool is 18_fetchall_tool.c.
 *
 * Two parts: fetch_retry against a server with a script, whose log says when
 * each try came; the workers against the origin of the demos.
 */
#include "18_fetchall/fetchall.h"

#include "assassin.h"
#include "check.h"
#include "stage/origin.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

/* ---- A server with a script. ---- */

/* What it does with a request: waits, and says this; or hangs up without a
 * word; or says nothing until the client hangs up. The last is repeated. */
struct answer {
    double after;
    const char *text;
};
#define HANGS_UP NULL
#define SILENCE ""
#define STATUS(line) "HTTP/1.1 " line "\r\nContent-Length: 5\r\n\r\nhello"
#define HALF "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"
#define AFTER(seconds) "HTTP/1.1 503 No\r\nRetry-After: " seconds             \
    "\r\nContent-Length: 0\r\n\r\n"

enum { TRIES_MOST = 128 };

struct server {
    struct coro coro;
    const struct answer *script; /* ends with after < 0 */
    size_t at;
    int64_t came[TRIES_MOST]; /* the requests, on the loop's clock */
    size_t requests;
    struct open_socket listener, connection;
    struct cleanup closing, hanging_up;
    char url[8 + ADDRESS_TEXT], bytes[2048];
    struct task task;
    union {
        struct sock_accept sock_accept;
        struct sock_recv sock_recv;
        struct sock_sendall sock_sendall;
        struct sleep sleep;
    };
};
ASYNC_DECLARE(server);

static void note(struct server *self, const struct loop *loop)
{
    int method = (int)strcspn(self->bytes, " ");

    CHECK(self->requests < TRIES_MOST);
    self->came[self->requests] = loop_now(loop);
    self->requests++;
    say("%.*s", method, self->bytes);
}

static void next_answer(struct server *self)
{
    if (self->script[self->at + 1].after >= 0)
        self->at++;
}

ASYNC(server)
{
    const struct answer *answer = &self->script[self->at];

    BEGIN;
    DEFER(&self->closing, close_socket, &self->listener);
    DEFER(&self->hanging_up, close_socket, &self->connection);
    for (;;) {
        AWAIT(sock_accept, .listener = self->listener.fd);
        self->connection.fd = self->sock_accept.fd;
        for (;;) {
            TRY_AWAIT(sock_recv, .fd = self->connection.fd,
                      .buffer = self->bytes, .size = sizeof self->bytes);
            if (self->sock_recv.coro.error != 0
                || self->sock_recv.received == 0)
                break;
            note(self, task_loop(task));
            if (answer->after > 0)
                AWAIT(sleep, .delay_ns = SECONDS(answer->after));
            if (answer->text == HANGS_UP)
                break;
            TRY_AWAIT(sock_sendall, .fd = self->connection.fd,
                      .data = answer->text, .size = strlen(answer->text));
            if (strcmp(answer->text, HALF) == 0)
                break;
            if (*answer->text != '\0')
                next_answer(self);
            answer = &self->script[self->at];
        }
        next_answer(self);
        close_socket(&self->connection);
    }
    END;
}

static void server_start(struct server *server, struct loop *loop,
                         const struct answer *script)
{
    struct address address;
    struct error error;

    *server = (struct server){ CORO(server), .script = script,
        .listener = { loop, -1 }, .connection = { loop, -1 } };
    CHECK_CODE(0, address_parse(&address, "127.0.0.1", 0, &error));
    CHECK_CODE(0, net_listen(loop, &address, 8, &server->listener.fd,
                             &error));
    strcpy(server->url, "http://");
    address_text(&address, server->url + 7);
    strcat(server->url, "/");
    task_create(loop, &server->task, "server", &server->coro);
}

/* ---- Somebody who tries. ---- */

/* A jitter that always draws the same, and counts. */
struct dice {
    struct jitter jitter;
    double value;
    int draws;
};

static double draw(struct jitter *jitter)
{
    struct dice *dice = CONTAINER(jitter, struct dice, jitter);

    dice->draws++;
    return dice->value;
}

/* main: one URL, fetched with tries; says how it ended. The pauses: a
 * quarter of 1, 2, 4, 8, 8, ... s. A try has 3 s. */
struct trial {
    struct coro coro;
    struct ask ask;
    struct retry retry;
    struct dice dice;
    struct session session;
    struct cleanup shutting;
    struct fetch_retry fetch_retry;
    struct error error; /* out */
};
ASYNC_DECLARE(trial);

static void shut(void *arg)
{
    struct trial *self = arg;

    CHECK_INT(0, self->session.in_use);
    session_shut(&self->session);
}

static const char *times(int n, char text[static 24])
{
    snprintf(text, 24, "%d draw%s", n, n == 1 ? "" : "s");
    return text;
}

static void say_end(const struct trial *self)
{
    const struct fetch_retry *ended = &self->fetch_retry;
    char how[24], draws[24];

    snprintf(how, sizeof how, "%d", ended->status);
    say("ends: %s, %zu bytes, %d %s, %s", ended->coro.error != 0
        ? error_name(ended->coro.error) : how, ended->bytes, ended->tries,
        ended->tries == 1 ? "try" : "tries",
        times(self->dice.draws, draws));
}

ASYNC(trial)
{
    BEGIN;
    session_open(&self->session, task_loop(task), SESSION_DEFAULTS);
    DEFER(&self->shutting, shut, self);
    CATCH_AWAIT(fetch_retry, .ask = &self->ask, .retry = self->retry);
    say_end(self);
    self->error = self->fetch_retry.coro.error != 0 ? task->error
                : (struct error){ 0 };
    RERAISE(self->fetch_retry.coro.error);
    END;
}

static struct trial trial_of(int more)
{
    return (struct trial){ CORO(trial),
        .retry = { .more = more, .first_ns = SECONDS(1),
                   .most_ns = SECONDS(8) },
        .dice = { { draw, 0 }, .25, 0 },
        .ask.limits.total = SECONDS(3) };
}

static void prepare(struct trial *trial, const char *url)
{
    trial->ask.session = &trial->session;
    if (trial->ask.url == NULL)
        trial->ask.url = url;
    if (trial->retry.jitter == NULL)
        trial->retry.jitter = &trial->dice.jitter;
}

/* Runs it against the script. */
static void run_trial(int code, struct trial *trial, struct server *server,
                      const struct answer *script)
{
    struct lab lab;

    lab_open(&lab);
    server_start(server, &lab.loop, script);
    prepare(trial, server->url);
    CHECK_CODE(code, lab_run(&lab, &trial->coro));
    lab_close(&lab);
}

static void run_tries(int code, int more, const struct answer *script)
{
    struct trial trial = trial_of(more);
    struct server server;

    run_trial(code, &trial, &server, script);
}

#define SCRIPT(...) (const struct answer[]){ __VA_ARGS__, { -1, NULL } }

/* ---- What is tried again. ---- */

TEST(a_good_answer_needs_no_second_try)
{
    scene("3 retries; the server: 200");
    run_tries(0, 3, SCRIPT({ 0, STATUS("200 OK") }));
    CHECK_LOG("0 GET\n" "0 ends: 200, 5 bytes, 1 try, 0 draws\n");
}

TEST(what_passes_is_tried_again_until_it_has_passed)
{
    scene("3 retries; the server: 503, 503, 200");
    run_tries(0, 3, SCRIPT({ 0, STATUS("503 No") }, { 0, STATUS("503 No") },
                           { 0, STATUS("200 OK") }));
    CHECK_LOG("0 GET\n" "0.25 GET\n" "0.75 GET\n"
              "0.75 ends: 200, 5 bytes, 3 tries, 2 draws\n");
}

static void run_status(const char *line, const char *log)
{
    char text[80];
    const struct answer script[] = { { 0, text }, { -1, NULL } };

    snprintf(text, sizeof text, STATUS("%.40s"), line);
    scene("1 retry; the server always: %s", line);
    promise("a status of %s: %s", line, strstr(log, "2 tries") != NULL
            ? "may be another one soon, so two tries"
            : "would be the same again, so one try");
    run_tries(0, 1, script);
    CHECK_LOG(log);
}

TEST(five_statuses_say_not_now)
{
    run_status("408 Slow", "0 GET\n" "0.25 GET\n"
               "0.25 ends: 408, 5 bytes, 2 tries, 1 draw\n");
    run_status("429 Many", "0 GET\n" "0.25 GET\n"
               "0.25 ends: 429, 5 bytes, 2 tries, 1 draw\n");
    run_status("502 Bad", "0 GET\n" "0.25 GET\n"
               "0.25 ends: 502, 5 bytes, 2 tries, 1 draw\n");
    run_status("503 No", "0 GET\n" "0.25 GET\n"
               "0.25 ends: 503, 5 bytes, 2 tries, 1 draw\n");
    run_status("504 Late", "0 GET\n" "0.25 GET\n"
               "0.25 ends: 504, 5 bytes, 2 tries, 1 draw\n");
}

TEST(all_other_statuses_are_answers)
{
    run_status("201 Made", "0 GET\n"
               "0 ends: 201, 5 bytes, 1 try, 0 draws\n");
    run_status("304 Same", "0 GET\n"
               "0 ends: 304, 0 bytes, 1 try, 0 draws\n");
    run_status("400 Bad", "0 GET\n" "0 ends: 400, 5 bytes, 1 try, 0 draws\n");
    run_status("403 No", "0 GET\n" "0 ends: 403, 5 bytes, 1 try, 0 draws\n");
    run_status("404 No", "0 GET\n" "0 ends: 404, 5 bytes, 1 try, 0 draws\n");
    run_status("410 Gone", "0 GET\n"
               "0 ends: 410, 5 bytes, 1 try, 0 draws\n");
    run_status("500 Bug", "0 GET\n" "0 ends: 500, 5 bytes, 1 try, 0 draws\n");
    run_status("501 No", "0 GET\n" "0 ends: 501, 5 bytes, 1 try, 0 draws\n");
}

TEST(a_connection_that_breaks_is_tried_again)
{
    scene("3 retries; the server: hangs up, half a body, 200");
    run_tries(0, 3, SCRIPT({ 0, HANGS_UP }, { 0, HALF },
                           { 0, STATUS("200 OK") }));
    CHECK_LOG("0 GET\n" "0.25 GET\n" "0.75 GET\n"
              "0.75 ends: 200, 5 bytes, 3 tries, 2 draws\n");
}

TEST(a_refused_connection_is_tried_again)
{
    struct trial trial = trial_of(2);
    struct address address;
    struct lab lab;
    char url[8 + ADDRESS_TEXT] = "http://";
    int fd = deaf_socket(&address);

    scene("2 retries; nobody listens");
    address_text(&address, url + 7);
    lab_open(&lab);
    prepare(&trial, url);
    CHECK_CODE(ECONNREFUSED, lab_run(&lab, &trial.coro));
    lab_close(&lab);
    close(fd);
    CHECK_LOG("0.75 ends: ECONNREFUSED, 0 bytes, 3 tries, 2 draws\n");
    CHECK(strstr(trial.error.text, "Connection refused") != NULL);
}

TEST(each_try_has_its_own_time)
{
    scene("2 retries, 3 s each; the server says nothing");
    run_tries(E_TIMEOUT, 2, SCRIPT({ 0, SILENCE }));
    CHECK_LOG("0 GET\n" "3.25 GET\n" "6.75 GET\n"
              "9.75 ends: E_TIMEOUT, 0 bytes, 3 tries, 2 draws\n");
}

TEST(what_is_no_http_is_not_tried_again)
{
    scene("3 retries; the server speaks something else");
    run_tries(E_PROTOCOL, 3, SCRIPT({ 0, "SSH-2.0-not-http\r\n\r\n" }));
    CHECK_LOG("0 GET\n" "0 ends: E_PROTOCOL, 0 bytes, 1 try, 0 draws\n");
}

TEST(what_is_no_url_is_not_tried_again)
{
    struct trial trial = trial_of(3);
    struct server server;

    scene("3 retries; the URL is python://www.example.com");
    trial.ask.url = "python://www.example.com";
    run_trial(E_SCHEME, &trial, &server, SCRIPT({ 0, SILENCE }));
    CHECK_LOG("0 ends: E_SCHEME, 0 bytes, 1 try, 0 draws\n");
}

static void run_method(int code, const char *method,
                       const struct answer *script)
{
    struct trial trial = trial_of(1);
    struct server server;

    trial.ask.method = method;
    trial.ask.body = "order";
    trial.ask.body_size = 5;
    run_trial(code, &trial, &server, script);
}

TEST(a_post_is_never_sent_twice)
{
    scene("1 retry; POST; the server: 503");
    run_method(0, "POST", SCRIPT({ 0, STATUS("503 No") }));
    CHECK_LOG("0 POST\n" "0 ends: 503, 5 bytes, 1 try, 0 draws\n");
    scene("1 retry; POST; the server hangs up");
    run_method(E_DISCONNECTED, "POST", SCRIPT({ 0, HANGS_UP }));
    CHECK_LOG("0 POST\n"
              "0 ends: E_DISCONNECTED, 0 bytes, 1 try, 0 draws\n");
}

TEST(a_put_may_be_sent_twice)
{
    scene("1 retry; PUT; the server: 503");
    run_method(0, "PUT", SCRIPT({ 0, STATUS("503 No") }));
    CHECK_LOG("0 PUT\n" "0.25 PUT\n"
              "0.25 ends: 503, 5 bytes, 2 tries, 1 draw\n");
}

/* ---- How often, and how it ends. ---- */

TEST(after_the_last_try_nobody_sleeps)
{
    scene("0 retries; the server: 503");
    run_tries(0, 0, SCRIPT({ 0, STATUS("503 No") }));
    CHECK_LOG("0 GET\n" "0 ends: 503, 5 bytes, 1 try, 0 draws\n");
    scene("2 retries; the server: always 503");
    run_tries(0, 2, SCRIPT({ 0, STATUS("503 No") }));
    CHECK_LOG("0 GET\n" "0.25 GET\n" "0.75 GET\n"
              "0.75 ends: 503, 5 bytes, 3 tries, 2 draws\n");
}

TEST(the_last_trys_error_is_raised_with_its_words)
{
    struct trial trial = trial_of(2);
    struct server server;

    scene("2 retries; the server: 503, says nothing, hangs up");
    run_trial(E_DISCONNECTED, &trial, &server,
              SCRIPT({ 0, STATUS("503 No") }, { 0, SILENCE },
                     { 0, HANGS_UP }));
    CHECK_LOG("0 GET\n" "0.25 GET\n" "3.75 GET\n"
              "3.75 ends: E_DISCONNECTED, 0 bytes, 3 tries, 2 draws\n");
    promise("the words of the last error: \"%s\"",
            "... the connection closed before any response byte");
    CHECK(strstr(trial.error.text, "before any response byte") != NULL);
    promise("the last try brought no answer: status 0");
    CHECK_INT(0, trial.fetch_retry.status);
}

TEST(the_last_trys_status_is_a_result)
{
    scene("1 retry; the server: hangs up, 503");
    run_tries(0, 1, SCRIPT({ 0, HANGS_UP }, { 0, STATUS("503 No") }));
    CHECK_LOG("0 GET\n" "0.25 GET\n"
              "0.25 ends: 503, 5 bytes, 2 tries, 1 draw\n");
}

TEST(bytes_are_the_last_trys_alone)
{
    scene("3 retries; the server: half a body, then a whole one of 5 bytes");
    run_tries(0, 3, SCRIPT({ 0, HALF }, { 0, STATUS("200 OK") }));
    CHECK_LOG("0 GET\n" "0.25 GET\n"
              "0.25 ends: 200, 5 bytes, 2 tries, 1 draw\n");
}

/* ---- The pauses. ---- */

TEST(the_pauses_double_up_to_the_most)
{
    scene("6 retries; the server: always 503; a "
          "quarter of 1, 2, 4, 8, 8, 8 s");
    run_tries(0, 6, SCRIPT({ 0, STATUS("503 No") }));
    CHECK_LOG("0 GET\n" "0.25 GET\n" "0.75 GET\n" "1.75 GET\n" "3.75 GET\n"
              "5.75 GET\n" "7.75 GET\n"
              "7.75 ends: 503, 5 bytes, 7 tries, 6 draws\n");
}

TEST(the_first_pause_is_no_longer_than_the_most)
{
    struct trial trial = trial_of(1);
    struct server server;

    scene("1 retry; first 20 s, most 8 s; the server: always 503");
    trial.retry.first_ns = SECONDS(20);
    run_trial(0, &trial, &server, SCRIPT({ 0, STATUS("503 No") }));
    CHECK_LOG("0 GET\n" "2 GET\n"
              "2 ends: 503, 5 bytes, 2 tries, 1 draw\n");
}

TEST(many_tries_do_not_overflow_the_pause)
{
    struct trial trial = trial_of(100);
    struct server server;

    scene("100 retries; the server: always 503");
    promise("each of the last pauses is a quarter of 8 s");
    run_trial(0, &trial, &server, SCRIPT({ 0, STATUS("503 No") }));
    CHECK_INT(101, server.requests);
    for (size_t i = 4; i < server.requests; i++)
        CHECK_INT(SECONDS(2), server.came[i] - server.came[i - 1]);
}

TEST(retry_after_comes_on_top)
{
    scene("1 retry; the server: 503 with Retry-After: 2");
    run_tries(0, 1, SCRIPT({ 0, AFTER("2") }, { 0, STATUS("200 OK") }));
    CHECK_LOG("0 GET\n" "2.25 GET\n"
              "2.25 ends: 200, 5 bytes, 2 tries, 1 draw\n");
}

TEST(retry_after_is_at_most_the_most)
{
    scene("1 retry, most 8 s; the server: 503 with Retry-After: 3600");
    run_tries(0, 1, SCRIPT({ 0, AFTER("3600") }, { 0, STATUS("200 OK") }));
    CHECK_LOG("0 GET\n" "8.25 GET\n"
              "8.25 ends: 200, 5 bytes, 2 tries, 1 draw\n");
}

TEST(retry_after_is_for_one_pause)
{
    scene("2 retries; the server: 503 with Retry-After: 2, 503, 200");
    run_tries(0, 2, SCRIPT({ 0, AFTER("2") }, { 0, STATUS("503 No") },
                           { 0, STATUS("200 OK") }));
    CHECK_LOG("0 GET\n" "2.25 GET\n" "2.75 GET\n"
              "2.75 ends: 200, 5 bytes, 3 tries, 2 draws\n");
}

/* When its requests come; what it says is not compared. */
static struct server seeded(uint64_t seed)
{
    struct trial trial = trial_of(6);
    struct server server;
    struct jitter jitter;

    jitter_open(&jitter, seed);
    trial.retry.jitter = &jitter;
    scene("6 retries, pauses drawn from seed %d; the server: always 503",
          (int)seed);
    run_trial(0, &trial, &server, SCRIPT({ 0, STATUS("503 No") }));
    CHECK_INT(7, server.requests);
    return server;
}

TEST(the_same_seed_gives_the_same_pauses)
{
    struct server one = seeded(7), same = seeded(7), other = seeded(8);

    promise("seed 7 twice: the same times; seed 8: others");
    CHECK(memcmp(one.came, same.came, 7 * sizeof *one.came) == 0);
    CHECK(memcmp(one.came, other.came, 7 * sizeof *one.came) != 0);
}

/* ---- Cancelled. ---- */

struct stranger {
    struct timer timer;
    struct task *victim;
};

static void strike(struct callback *callback)
{
    say("cancel");
    task_cancel(CONTAINER(callback, struct stranger, timer.callback)->victim);
}

static void cancel_after(struct stranger *stranger, struct lab *lab,
                         double seconds)
{
    stranger->timer = (struct timer){ .slot = 0 };
    stranger->victim = &lab->loop.main;
    CHECK_CODE(0, timer_start(&lab->loop, &stranger->timer, SECONDS(seconds),
                              strike));
}

static void run_cancelled(double seconds, const struct answer *script)
{
    struct trial trial = trial_of(3);
    struct stranger stranger;
    struct server server;
    struct lab lab;

    lab_open(&lab);
    server_start(&server, &lab.loop, script);
    prepare(&trial, server.url);
    cancel_after(&stranger, &lab, seconds);
    CHECK_CODE(E_CANCELLED, lab_run(&lab, &trial.coro));
    CHECK_INT(0, lab.loop.timers.count);
    lab_close(&lab);
}

TEST(cancelled_in_a_pause_it_tries_no_more)
{
    scene("3 retries; the server: always 503; cancelled at 0.2 s");
    run_cancelled(.2, SCRIPT({ 0, STATUS("503 No") }));
    CHECK_LOG("0 GET\n" "0.2 cancel\n"
              "0.2 ends: E_CANCELLED, 0 bytes, 1 try, 1 draw\n");
}

TEST(cancelled_in_a_try_it_tries_no_more)
{
    scene("3 retries; the server says nothing; cancelled at 4 s");
    run_cancelled(4, SCRIPT({ 0, SILENCE }));
    CHECK_LOG("0 GET\n" "3.25 GET\n" "4 cancel\n"
              "4 ends: E_CANCELLED, 0 bytes, 2 tries, 1 draw\n");
}

static bool cancel_trial_at(int k)
{
    struct trial trial = trial_of(3);
    struct assassin assassin;
    struct server server;
    struct lab lab;
    int code;

    scene("3 retries; the server: 503 after 1 s, half a body, silence, 200; "
          "cancelled in wait number %d", k);
    lab_open(&lab);
    server_start(&server, &lab.loop, SCRIPT({ 1, STATUS("503 No") },
        { 0, HALF }, { 0, SILENCE }, { 0, STATUS("200 OK") }));
    prepare(&trial, server.url);
    assassin_hire(&assassin, &lab.loop, &lab.loop.main, k);
    code = lab_run(&lab, &trial.coro);
    CHECK_CODE(assassin.struck ? E_CANCELLED : 0, code);
    CHECK_INT(0, lab.loop.timers.count);
    lab_close(&lab);
    return assassin.struck;
}

TEST(cancel_a_fetch_at_every_suspension)
{
    int k = 1;

    while (cancel_trial_at(k))
        k++;
    CHECK(k > 8); /* four tries, three pauses, a body; connecting may wait */
}

/* ---- A list, and those who work on it. ---- */

enum { URLS_MOST = 40 };

/* main: fetchall on a list of words, or of the lines of a fd; each "/path" is
 * the origin's, which says "hello". Says what was told of each. */
struct party {
    struct coro coro;
    const char *words[URLS_MOST];
    int fd;     /* 0: none */
    size_t limit, told;
    int more;
    struct origin origin;
    char base[64];
    struct dice dice;
    struct session session;
    struct cleanup shutting;
    struct urls urls;
    struct fetchall fetchall;
};
ASYNC_DECLARE(party);

static void told(struct fetchall *all, const struct outcome *outcome)
{
    char how[24];

    CONTAINER(all, struct party, fetchall)->told++;
    snprintf(how, sizeof how, "%d", outcome->status);
    say("%s: %s", outcome->url->text, outcome->error->code != 0
        ? error_name(outcome->error->code) : how);
}

static void bad(struct urls *urls, const char *text)
{
    (void)urls;
    say("%s", text);
}

static void shut_party(void *arg)
{
    struct party *self = arg;

    CHECK_INT(0, self->session.in_use);
    session_shut(&self->session);
}

static void invite(struct party *self, struct loop *loop)
{
    struct session_options options = SESSION_DEFAULTS;
    struct urls *urls = &self->urls;

    options.limit = self->limit;
    session_open(&self->session, loop, options);
    snprintf(self->base, sizeof self->base, "http://127.0.0.1:%u/",
             self->origin.port);
    *urls = (struct urls){ .loop = loop, .words = self->words,
        .fd = self->fd > 0 ? self->fd : -1, .name = "list",
        .base = self->base, .complain = bad };
    while (self->words[urls->word_count] != NULL)
        urls->word_count++;
}

ASYNC(party)
{
    BEGIN;
    invite(self, task_loop(task));
    DEFER(&self->shutting, shut_party, self);
    CATCH_AWAIT(fetchall, .session = &self->session, .urls = &self->urls,
                .limit = self->limit, .limits.total = SECONDS(3),
                .retry = { self->more, SECONDS(1), SECONDS(8),
                           &self->dice.jitter },
                .folder = -1, .tell = told);
    say("ends: %s", error_name(self->fetchall.coro.error));
    RERAISE(self->fetchall.coro.error);
    END;
}

#define PARTY(n, ...) (struct party){ CORO(party), .limit = (n),              \
    .dice = { { draw, 0 }, .25, 0 }, .words = { __VA_ARGS__ } }

static void party_open(struct party *party, struct lab *lab)
{
    struct error error;

    lab_open(lab);
    CHECK_CODE(0, origin_start(&party->origin, &lab->loop, "127.0.0.1", 0,
                               &error));
}

static void run_party(struct party *party)
{
    struct lab lab;

    party_open(party, &lab);
    CHECK_CODE(0, lab_run(&lab, &party->coro));
    lab_close(&lab);
}

TEST(each_url_is_told_of_as_it_ends)
{
    struct party party = PARTY(3, "/delay/2", "/status/404", "/delay/1");

    scene("3 URLs, 3 workers: 2 s, 404 at once, 1 s");
    run_party(&party);
    CHECK_LOG("0 /status/404: 404\n" "1 /delay/1: 200\n" "2 /delay/2: 200\n"
              "2 ends: OK\n");
}

TEST(who_is_done_takes_the_next)
{
    struct party party = PARTY(2, "/delay/2", "/delay/0.5", "/delay/1",
                               "/delay/0.25", "/delay/1.5");

    scene("5 URLs, 2 workers: 2, 0.5, 1, 0.25, 1.5 s");
    run_party(&party);
    CHECK_LOG("0.5 /delay/0.5: 200\n" "1.5 /delay/1: 200\n"
              "1.75 /delay/0.25: 200\n" "2 /delay/2: 200\n"
              "3.25 /delay/1.5: 200\n" "3.25 ends: OK\n");
    CHECK_INT(2, party.origin.peak);
    CHECK_INT(2, party.fetchall.hired);
}

TEST(as_many_are_at_work_as_there_may_be)
{
    struct party party = PARTY(10, NULL);

    scene("39 URLs of 1 s, 10 workers");
    for (int i = 0; i + 1 < URLS_MOST; i++)
        party.words[i] = "/delay/1";
    promise("39 requests, 10 at once");
    run_party(&party);
    CHECK_INT(39, party.origin.requests);
    CHECK_INT(10, party.origin.peak);
}

TEST(few_urls_need_few_workers)
{
    struct party party = PARTY(100, "/delay/1", "/delay/1", "/delay/1");

    scene("3 URLs of 1 s, up to 100 workers");
    run_party(&party);
    CHECK_LOG("1 /delay/1: 200\n" "1 /delay/1: 200\n" "1 /delay/1: 200\n"
              "1 ends: OK\n");
    promise("3 workers, and one who found nothing to take");
    CHECK_INT(4, party.fetchall.hired);
}

TEST(one_url_that_fails_stops_nobody)
{
    struct party party = PARTY(2, "/drop", "/delay/1", "/rst", "/delay/0.5");

    scene("4 URLs, 2 workers, no retries: hangs up, 1 s, resets, 0.5 s");
    run_party(&party);
    CHECK_LOG("0 /drop: E_DISCONNECTED\n" "0 /rst: ECONNRESET\n"
              "0.5 /delay/0.5: 200\n" "1 /delay/1: 200\n" "1 ends: OK\n");
}

TEST(an_empty_list_ends_at_once)
{
    struct party party = PARTY(3, NULL);

    scene("no URLs, 3 workers");
    run_party(&party);
    CHECK_LOG("0 ends: OK\n");
}

TEST(a_worker_tries_as_it_is_told)
{
    struct party party = PARTY(1, "/status/503", "/");

    scene("2 URLs, 1 worker, 2 retries: 503, 200");
    party.more = 2;
    run_party(&party);
    CHECK_LOG("0.75 /status/503: 503\n" "0.75 /: 200\n" "0.75 ends: OK\n");
}

/* Writes a line into the pipe now, one after a second, and closes it. */
struct slow_writer {
    struct coro coro;
    int fd, i;
    struct task task;
    struct sleep sleep;
};
ASYNC_DECLARE(slow_writer);

ASYNC(slow_writer)
{
    static const char *const lines[] = { "/delay/0.5\n", "/delay/0.25\n" };

    BEGIN;
    for (; self->i < 2; self->i++) {
        say("comes %.*s", (int)strlen(lines[self->i]) - 1, lines[self->i]);
        CHECK_INT(strlen(lines[self->i]), write(self->fd, lines[self->i],
                                                strlen(lines[self->i])));
        AWAIT(sleep, .delay_ns = SECONDS(1));
    }
    say("no more");
    close(self->fd);
    END;
}

TEST(the_first_line_is_fetched_before_the_second_comes)
{
    struct slow_writer writer = { CORO(slow_writer) };
    struct party party = PARTY(5, NULL);
    struct lab lab;
    int ends[2];

    scene("a pipe that gives a URL a second; 5 workers");
    CHECK_INT(0, pipe(ends));
    writer.fd = ends[1];
    party.fd = ends[0];
    party_open(&party, &lab);
    task_create(&lab.loop, &writer.task, "writer", &writer.coro);
    CHECK_CODE(0, lab_run(&lab, &party.coro));
    lab_close(&lab);
    close(ends[0]);
    CHECK_LOG("0 comes /delay/0.5\n" "0.5 /delay/0.5: 200\n"
              "1 comes /delay/0.25\n" "1.25 /delay/0.25: 200\n"
              "2 no more\n" "2 ends: OK\n");
}

TEST(cancelled_while_it_waits_for_a_url_it_ends)
{
    struct party party = PARTY(2, "/");
    struct stranger stranger;
    struct lab lab;
    int ends[2];

    scene("a URL, and a pipe that gives none; 2 workers; cancelled at 1 s");
    CHECK_INT(0, pipe(ends));
    party.fd = ends[0];
    party_open(&party, &lab);
    cancel_after(&stranger, &lab, 1);
    CHECK_CODE(E_CANCELLED, lab_run(&lab, &party.coro));
    lab_close(&lab);
    close(ends[0]);
    close(ends[1]);
    CHECK_LOG("0 /: 200\n" "1 cancel\n" "1 ends: E_CANCELLED\n");
}

TEST(cancelled_each_url_under_way_is_told_of)
{
    struct party party = PARTY(2, "/delay/0.5", "/status/503", "/delay/2",
                               "/delay/1");
    struct stranger stranger;
    struct lab lab;

    scene("4 URLs, 2 workers, 3 retries: 0.5 s, 503, 2 s, 1 s; cancelled at "
          "0.6 s");
    party.more = 3;
    party_open(&party, &lab);
    cancel_after(&stranger, &lab, .6);
    CHECK_CODE(E_CANCELLED, lab_run(&lab, &party.coro));
    lab_close(&lab);
    CHECK_LOG("0.5 /delay/0.5: 200\n" "0.6 cancel\n"
              "0.6 /delay/2: E_CANCELLED\n"
              "0.6 /status/503: E_CANCELLED\n" "0.6 ends: E_CANCELLED\n");
    promise("the fourth URL was never asked for");
    CHECK_INT(2 + 2, party.origin.requests);
}

/* Cancels main when anybody but the origin suspends for the k-th time. */
struct killer {
    struct loop_hook hook, *before;
    int countdown;
};

static void strike_main(struct loop_hook *hook, struct loop *loop,
                        const struct loop_event *event)
{
    struct killer *self = CONTAINER(hook, struct killer, hook);

    self->before->tell(self->before, loop, event);
    if (event->kind != EVENT_PARKED || event->task->name[0] == '~')
        return;
    self->countdown--;
    if (self->countdown == 0)
        task_cancel(&loop->main);
}

static bool cancel_party_at(int k)
{
    struct party party = PARTY(2, "/delay/1", "/status/503", "/drop",
                               "/bytes/3", "/delay/0.25");
    struct killer killer = { { strike_main }, NULL, k };
    struct lab lab;
    int code;

    scene("5 URLs, 2 workers, 1 retry; main is cancelled in wait number %d "
          "of all", k);
    party.more = 1;
    party_open(&party, &lab);
    killer.before = lab.loop.hook;
    lab.loop.hook = &killer.hook;
    code = lab_run(&lab, &party.coro);
    lab_close(&lab);
    CHECK_CODE(killer.countdown <= 0 ? E_CANCELLED : 0, code);
    promise("each URL that was taken is told of, once");
    CHECK_INT(party.urls.taken, party.told);
    promise("");
    return killer.countdown <= 0;
}

TEST(cancel_all_at_every_suspension)
{
    int k = 1;

    while (cancel_party_at(k))
        k++;
    CHECK(k > 10); /* main, five tries and two pauses; 2 more a connection */
}

/* ---- Why. ---- */

static const struct cause causes[] = {
    { NULL, { "inside a switch" },
      "an AWAIT stands inside a switch of its own: AWAIT is a `case` of the "
      "body's switch, so write if/else around it", NULL },
    { "a_good*", { "0 tries" },
      "tries counts the retries alone: the first is a try, too, and counts "
      "when it begins", "row \"result\"" },
    { "a_good*", { "ends: 0, 0 bytes" },
      "status and bytes stay in fetch_once: whoever called reads them from "
      "fetch_retry, when the last try is over", "row \"result\"" },
    { "a_good*", { "200, 0 bytes" },
      "bytes stay in fetch_once: whoever called reads them from fetch_retry, "
      "when the last try is over", "row \"result\"" },
    { "a_good*", { "ends: 0, 5 bytes" },
      "the status stays in fetch_once: whoever called reads it from "
      "fetch_retry, when the last try is over", "row \"result\"" },
    { "a_good*", { "1 draw" },
      "it sleeps, and then asks whether to: the last try's frame is gone by "
      "then, fetch_once and sleep share their memory",
      "row \"tried again\"" },
    { "what_passes*", { "again and again" },
      "it waits for the pause by giving up its turn, again and again: "
      "AWAIT(sleep) lets the loop sleep, too", "row \"pause\"" },
    { "what_passes*", { "yours        0 s  ends: 503" },
      "a status is an answer, whatever it says: 408, 429, 502, 503 and 504 "
      "say \"not now\"", "row \"tried again\"" },
    { "what_passes*", { "expected   0.25 s", "yours        0 s  GET" },
      "it tries again at once: a server that is too busy for one request has "
      "two now", "row \"pause\"" },
    { "what_passes*", { "expected   0.25 s", "yours        1 s  GET" },
      "all of the backoff is slept, by everybody: who failed together comes "
      "back together; the jitter draws how much of it", "row \"pause\"" },
    { "what_passes*", { "expected   0.25 s", "yours      0.5 s  GET" },
      "the first pause is doubled already: it is drawn of first_ns, the "
      "second of twice that", "row \"pause\"" },
    { "what_passes*", { "expected   0.25 s", "yours      0.625 s  GET" },
      "a part of the backoff is slept in any case, and only the rest is "
      "drawn: the draw says how much there is of all of it",
      "row \"pause\"" },
    { "what_passes*", { "expected   0.25 s", "yours      0.25 s  ends" },
      "it sleeps, and then asks whether to: the last try's frame is gone by "
      "then, fetch_once and sleep share their memory",
      "row \"tried again\"" },
    { "what_passes*", { "expected   0.25 s" },
      "the pause is drawn from something else than retry.jitter, and no seed "
      "will bring it back", "row \"pause\"" },
    { "what_passes*", { "expected   0.75 s", "yours      0.5 s  GET" },
      "every pause is drawn of first_ns: it doubles with each try",
      "row \"pause\"" },
    { "what_passes*", { "yours      0.75 s  ends: 200, 15 bytes" },
      "the bytes of all tries are summed up: the last one's body is all that "
      "anybody has", "row \"result\"" },
    { "what_passes*", { "yours      0.75 s  ends: 200, 5 bytes, 3 tries" },
      "the jitter is asked more than once a pause: each draw moves all that "
      "come after it", "row \"pause\"" },
    { "after_the_last*", { "yours      0.25 s  GET" },
      "one try too many: retry.more are the tries after the first",
      "row \"tried again\"" },
    { "after_the_last*", { "expected   0.75 s  GET" },
      "one try too few: retry.more are the tries after the first, not all of "
      "them", "row \"tried again\"" },
    { "after_the_last*", { "1 try, 1 draw" },
      "it sleeps after the last try, and nothing comes after that",
      "row \"tried again\"" },
    { "after_the_last*", { "TRIES_MOST" },
      "nobody counts the tries: after 1 + retry.more it is over",
      "row \"tried again\"" },
    { "after_the_last*", { "outcome is E_" },
      "a 503 that stays is raised: an answer is a result, whatever it says",
      "row \"on error\"" },
    { "five_statuses*", { "status of 50" },
      "a status that says \"not now\" is taken for an answer: it is five of "
      "them, 408, 429, 502, 503 and 504", "row \"tried again\"" },
    { "five_statuses*", { "two tries" },
      "408 and 429 are 4xx, and say \"not now\" all the same: it is five "
      "statuses, 408, 429, 502, 503 and 504", "row \"tried again\"" },
    { "all_other*", { "status of 4" },
      "a 4xx is tried again: the request is wrong, and will be as wrong the "
      "next time; of these only 408 and 429 pass",
      "row \"tried again\"" },
    { "all_other*", { "status of 5" },
      "each 5xx is tried again: 500 and 501 are bugs of the server, and stay; "
      "502, 503 and 504 pass", "row \"tried again\"" },
    { "a_connection_that*", { "yours      the run's outcome is E_EOF" },
      "an earlier try's error is raised though the last one had an answer: "
      "how that ended is in fetch_once.coro.error; task->error has the "
      "words of whatever error came last", "row \"on error\"" },
    { "a_connection_that*", { "1 try" },
      "an error is final: those of error_passes say nothing about the next "
      "try, so catch it (TRY_AWAIT) and ask", "row \"tried again\"" },
    { "a_refused*", { "yours      the run's outcome is OK" },
      "it returns as if all were well when the tries are used up: the last "
      "try's error is raised", "row \"on error\"" },
    { "a_refused*", { "trial.error.text" },
      "the last error has other words than the try's own, which name the "
      "address and the cause: RERAISE passes them on", "row \"on error\"" },
    { "what_is_no*", { "yours" },
      "every error is tried again: what is no HTTP, or no URL, will be none "
      "the next time; error_passes knows which do pass",
      "row \"tried again\"" },
    { "a_post*", { "POST" },
      "a POST is sent twice: the first may have been done, and only its "
      "answer lost; ask_is_idempotent", "row \"tried again\"" },
    { "a_put*", { "1 try" },
      "only a GET is tried again: PUT and DELETE may be sent twice, too "
      "(ask_is_idempotent)", "row \"tried again\"" },
    { "the_last_trys_error*", { "fetch_retry.status" },
      "the status of an earlier try is kept: `status` and `bytes` are the "
      "last one's, and if that had no answer, 0", "row \"result\"" },
    { "the_last_trys_error*", { "no answer: status 0" },
      "the status of an earlier try is kept: `status` and `bytes` are the "
      "last one's, and if that had no answer, 0", "row \"result\"" },
    { "the_pauses*", { "yours" },
      "nothing bounds the backoff: it doubles up to most_ns, and stays "
      "there", "row \"pause\"" },
    { "the_first_pause*", { "yours" },
      "only what was doubled is bounded: the first pause is at most most_ns, "
      "too", "row \"pause\"" },
    { "many_tries*", { "yours" },
      "first_ns << tries leaves an int64_t long before it is bounded: double "
      "step by step, and stop at most_ns", "row \"pause\"" },
    { "retry_after_comes*", { "yours      0.25 s" },
      "Retry-After is not looked at: fetch_once.retry_after_ns is what the "
      "server asks for", "row \"pause\"" },
    { "retry_after_comes*", { "yours        2 s" },
      "Retry-After takes the place of the backoff, or the longer of the two "
      "does: all whom the server told 2 come back at 2; it goes on top",
      "row \"pause\"" },
    { "retry_after_comes*", { "yours      0.75 s" },
      "the jitter is drawn of Retry-After, too, and so it comes back sooner "
      "than it was asked to", "row \"pause\"" },
    { "retry_after_is_at*", { "yours" },
      "a server may send it to sleep for as long as it likes: Retry-After is "
      "at most most_ns", "row \"pause\"" },
    { "cancelled_in_a_pause*", { "outcome is" },
      "a cancellation ends the pause and nothing else: AWAIT(sleep), which "
      "passes it on", "row \"on cancel\"" },
    { "cancelled_in_a_try*", { "outcome is" },
      "a cancellation is tried again like an error: TRY_AWAIT keeps errors "
      "and lets a cancellation through", "row \"on cancel\"" },
    { "cancelled_in_a_try*", { "1 try" },
      "a try is counted when it is over, so the one that was cancelled is "
      "not: count it as it begins", "row \"result\"" },
    { "each_url*", { "again and again" },
      "nobody looks at next_url.ended, and the last URL is fetched again and "
      "again", "row \"a worker\"" },
    { "each_url*", { "undefined behaviour", "null pointer" },
      "what is asked for was never set: begin_url does, when there is a URL",
      "row \"a worker\"" },
    { "each_url*", { "yours        2 s  ends: OK" },
      "nobody is told of a URL: end_url, when fetch_retry has ended",
      "row \"a worker\"" },
    { "each_url*", { "yours        0 s  /delay/2: 0" },
      "a URL is told of before it is fetched: end_url comes when fetch_retry "
      "has ended", "row \"a worker\"" },
    { "each_url*", { "yours        2 s  /delay/2: 200" },
      "one worker does it all: hire as soon as you have a URL, before you "
      "fetch it", "row \"a worker\"" },
    { "who_is_done*", { "yours        2 s  /delay/2" },
      "a worker leaves after its URL: it takes the next one, until the list "
      "has ended", "row \"a worker\"" },
    { "few_urls*", { "hired is 100" },
      "who is hired hires before it has a URL, and so does who is hired "
      "then: first next_url, then hire", "row \"a worker\"" },
    { "one_url*", { "outcome is E_GROUP" },
      "a URL that fails ends its worker, and that ends the group: catch it "
      "(CATCH_AWAIT); end_url tells of it", "row \"on error\"" },
    { "one_url*", { "expected     0 s  /drop" },
      "nobody is told of a URL that failed: end_url, however fetch_retry "
      "ended", "row \"on error\"" },
    { "a_worker_tries*", { "yours        0 s  /status/503" },
      "the worker's fetch_retry has no retry: self->all->retry is what it is "
      "told to do", "row \"a worker\"" },
    { "cancelled_while*", { NULL },
      "a worker that waits for a URL is cancelled, and goes on as if it had "
      "one: AWAIT(next_url) passes a cancellation on", "row \"on cancel\"" },
    { "cancelled_each*", { "yours      0.6 s  ends" },
      "a URL that is cancelled is told to nobody: CATCH_AWAIT, end_url, and "
      "then the cancellation goes up", "row \"on cancel\"" },
    { "cancelled_each*", { "/delay/1" },
      "a worker that was cancelled takes the next URL: RERAISE(E_CANCELLED) "
      "once its URL is told of", "row \"on cancel\"" },
};

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(a_good_answer_needs_no_second_try),
        ENTRY(what_passes_is_tried_again_until_it_has_passed),
        ENTRY(after_the_last_try_nobody_sleeps),
        ENTRY(five_statuses_say_not_now),
        ENTRY(all_other_statuses_are_answers),
        ENTRY(a_connection_that_breaks_is_tried_again),
        ENTRY(a_refused_connection_is_tried_again),
        ENTRY(each_try_has_its_own_time),
        ENTRY(what_is_no_http_is_not_tried_again),
        ENTRY(what_is_no_url_is_not_tried_again),
        ENTRY(a_post_is_never_sent_twice),
        ENTRY(a_put_may_be_sent_twice),
        ENTRY(the_last_trys_error_is_raised_with_its_words),
        ENTRY(the_last_trys_status_is_a_result),
        ENTRY(bytes_are_the_last_trys_alone),
        ENTRY(the_pauses_double_up_to_the_most),
        ENTRY(the_first_pause_is_no_longer_than_the_most),
        ENTRY(many_tries_do_not_overflow_the_pause),
        ENTRY(retry_after_comes_on_top),
        ENTRY(retry_after_is_at_most_the_most),
        ENTRY(retry_after_is_for_one_pause),
        ENTRY(the_same_seed_gives_the_same_pauses),
        ENTRY(cancelled_in_a_pause_it_tries_no_more),
        ENTRY(cancelled_in_a_try_it_tries_no_more),
        ENTRY(cancel_a_fetch_at_every_suspension),
        ENTRY(each_url_is_told_of_as_it_ends),
        ENTRY(who_is_done_takes_the_next),
        ENTRY(as_many_are_at_work_as_there_may_be),
        ENTRY(few_urls_need_few_workers),
        ENTRY(one_url_that_fails_stops_nobody),
        ENTRY(an_empty_list_ends_at_once),
        ENTRY(a_worker_tries_as_it_is_told),
        ENTRY(the_first_line_is_fetched_before_the_second_comes),
        ENTRY(cancelled_each_url_under_way_is_told_of),
        ENTRY(cancelled_while_it_waits_for_a_url_it_ends),
        ENTRY(cancel_all_at_every_suspension),
    };

    return lesson_main(argc, argv, &(struct lesson){
        "18_fetchall", tests, COUNT(tests), causes, COUNT(causes) });
}
