/* 09_session.c - the pool's promises, against the lab's origin and against
 * scripted peers, on virtual time. */
#include "check.h"

#include "09_session/session.h"
#include "stage/origin.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 256 };

/* One GET (or what is asked for) as a task that tells how it ended. */
struct fetch {
    struct coro coro;
    struct session *session;
    const char *name, *url, *method;
    int64_t delay_ns;
    const struct request_field *fields;
    bool quiet, read;
    struct fetch *then_cancel; /* in the step in which our place is free */
    size_t body;
    struct request request;
    struct response_read response_read;
    struct cleanup closing;
    struct sleep sleep;
    struct task task;
};
ASYNC_DECLARE(fetch);

ASYNC(fetch)
{
    BEGIN;
    if (self->delay_ns > 0)
        AWAIT(sleep, .delay_ns = self->delay_ns);
    AWAIT(request, .session = self->session, .url = self->url,
          .method = self->method, .fields = self->fields);
    DEFER(&self->closing, response_close, &self->request.response);
    while (self->read) {
        AWAIT(response_read, .response = &self->request.response);
        if (self->response_read.piece.len == 0)
            break;
        self->body += self->response_read.piece.len;
    }
    if (!self->quiet)
        say("%s %d", self->name, self->request.response.status);
    response_close(&self->request.response);
    if (self->then_cancel != NULL) {
        say("%s has the place and has not run: cancel",
            self->then_cancel->name);
        task_cancel(&self->then_cancel->task);
    }
    END;
}

/* The world of a test: a loop, an origin, a session, some fetches. `script`
 * runs with all of that in place. */
struct world {
    struct lab lab;
    struct origin origin;
    struct session session;
    struct fetch fetches[MOST];
    char root[64], slow[128], big[128];
    struct sleep sleep;
    bool nobody_idle; /* when all have left the line */
};

static struct world world;

static void open_world(struct session_options options)
{
    struct error error;

    scene("an origin, and a session with a limit of %zu", options.limit);
    memset(&world, 0, sizeof world);
    lab_open(&world.lab);
    CHECK_CODE(0, origin_start(&world.origin, &world.lab.loop, "127.0.0.1",
                               0, &error));
    session_open(&world.session, &world.lab.loop, options);
    snprintf(world.root, sizeof world.root, "http://127.0.0.1:%u/",
             world.origin.port);
    snprintf(world.slow, sizeof world.slow, "%sdelay/1", world.root);
    snprintf(world.big, sizeof world.big, "%sbytes/1000000", world.root);
}

static struct session_options limited(size_t limit)
{
    struct session_options options = SESSION_DEFAULTS;

    options.limit = limit;
    return options;
}

/* --- The line: places without connections -------------------------------- */

/* In front of the pool's own: while `out` is set there is no memory. */
static bool out_of_memory;

struct pooled *session_memory(void)
{
    return out_of_memory ? NULL : malloc(sizeof(struct pooled));
}

/* Comes, wants a place, stays, gives it back. */
struct user {
    struct coro coro;
    const char *name;
    double comes, stays;
    struct user *then_cancel; /* in the step in which its place is free */
    bool then_close;          /* ... or the session                     */
    struct endpoint key;
    struct acquire acquire;
    struct sleep sleep;
    struct cleanup giving;
    struct task task;
};
ASYNC_DECLARE(user);

static void give_back(void *arg)
{
    struct user *self = arg;

    say("%s gives its place back", self->name);
    session_release(self->acquire.pooled, false);
    if (self->then_cancel != NULL) {
        say("%s is cancelled", self->then_cancel->name);
        task_cancel(&self->then_cancel->task);
    }
    if (self->then_close) {
        say("the session is closed");
        session_shut(&world.session);
    }
}

ASYNC(user)
{
    BEGIN;
    if (self->comes > 0)
        AWAIT(sleep, .delay_ns = SECONDS(self->comes));
    say("%s comes", self->name);
    CATCH_AWAIT(acquire, .session = &world.session, .key = self->key);
    if (self->acquire.coro.error != 0) {
        say("%s ends with %s", self->name,
            error_name(self->acquire.coro.error));
        RERAISE(self->acquire.coro.error);
    }
    promise("acquire gives a place, in `pooled`");
    CHECK(self->acquire.pooled != NULL);
    promise("");
    DEFER(&self->giving, give_back, self);
    say("%s has a place, %zu in use", self->name, world.session.in_use);
    AWAIT(sleep, .delay_ns = SECONDS(self->stays));
    END;
}

enum { USERS = 4 };
static struct user users[USERS];

/* main: waits for all users; may cancel one, or close the session, at 1 s;
 * or leave the pool without memory from 0.5 s to 2.5 s. */
struct doorman {
    struct coro coro;
    struct user *cancels;
    bool closes, starves;
    int i;
    struct sleep sleep;
};
ASYNC_DECLARE(doorman);

ASYNC(doorman)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = SECONDS(.5));
    out_of_memory = self->starves;
    AWAIT(sleep, .delay_ns = SECONDS(.5));
    if (self->cancels != NULL) {
        say("%s is cancelled", self->cancels->name);
        task_cancel(&self->cancels->task);
    }
    if (self->closes) {
        say("the session is closed");
        session_shut(&world.session);
    }
    if (self->starves)
        AWAIT(sleep, .delay_ns = SECONDS(1.5));
    out_of_memory = false;
    for (self->i = 0; self->i < USERS; self->i++)
        if (users[self->i].name != NULL)
            CATCH_AWAIT_FUTURE(&users[self->i].task.future);
    END;
}

static void open_line(struct session_options options)
{
    memset(&world, 0, sizeof world);
    memset(users, 0, sizeof users);
    lab_open(&world.lab);
    session_open(&world.session, &world.lab.loop, options);
}

static struct user *come(int i, const char *name, double comes, double stays)
{
    struct user *user = &users[i];

    *user = (struct user){ CORO(user), .name = name, .comes = comes,
                           .stays = stays, .key = { .port = 80 } };
    strcpy(user->key.host, "x");
    task_create(&world.lab.loop, &user->task, name, &user->coro);
    return user;
}

static void run_line(struct doorman doorman)
{
    CHECK_CODE(0, lab_run(&world.lab, &doorman.coro));
    world.nobody_idle = list_empty(&world.session.idle);
    session_shut(&world.session);
    lab_close(&world.lab);
}

/* After the log was looked at: it tells more than a number. */
static void all_places_are_back(void)
{
    promise("every place is back, and nobody stands in line");
    CHECK_INT(0, world.session.in_use);
    CHECK(list_empty(&world.session.waiters));
    promise("a place that was never connected is no idle connection");
    CHECK(world.nobody_idle);
    promise("");
}

#define DOORMAN(...) (struct doorman){ CORO(doorman), __VA_ARGS__ }

TEST(a_free_place_is_taken_at_once__H01)
{
    scene("a pool of 2; A and B come");
    open_line(limited(2));
    come(0, "A", 0, 1);
    come(1, "B", 0, 1);
    run_line(DOORMAN(.i = 0));
    CHECK_LOG("0 A comes\n" "0 A has a place, 1 in use\n"
              "0 B comes\n" "0 B has a place, 2 in use\n"
              "1 A gives its place back\n" "1 B gives its place back\n");
    all_places_are_back();
}

TEST(at_the_limit_they_stand_in_line_oldest_first__H01_H05)
{
    scene("a pool of 1; A, B and C come, and each stays for 1 s");
    open_line(limited(1));
    come(0, "A", 0, 1);
    come(1, "B", 0, 1);
    come(2, "C", 0, 1);
    run_line(DOORMAN(.i = 0));
    CHECK_LOG("0 A comes\n" "0 A has a place, 1 in use\n"
              "0 B comes\n" "0 C comes\n"
              "1 A gives its place back\n" "1 B has a place, 1 in use\n"
              "2 B gives its place back\n" "2 C has a place, 1 in use\n"
              "3 C gives its place back\n");
    all_places_are_back();
}

TEST(who_stands_in_line_is_not_run_until_it_is_its_turn)
{
    scene("a pool of 1; A stays for 1000 s, B is in line");
    open_line(limited(1));
    come(0, "A", 0, 1000);
    come(1, "B", 0, 1);
    run_line(DOORMAN(.i = 0));
    CHECK_LOG("0 A comes\n" "0 A has a place, 1 in use\n" "0 B comes\n"
              "1000 A gives its place back\n" "1000 B has a place, 1 in use\n"
              "1001 B gives its place back\n");
    promise("B sleeps until it is given a place: a few steps for all");
    CHECK(world.lab.steps < 20);
    all_places_are_back();
}

TEST(no_newcomer_slips_in_before_the_first_in_line__H05)
{
    scene("a pool of 1; A stays for 1 s, B is in line, C comes as A leaves");
    open_line(limited(1));
    come(0, "A", 0, 1);
    come(1, "B", 0, 1);
    come(2, "C", 1, 1);
    run_line(DOORMAN(.i = 0));
    CHECK_LOG("0 A comes\n" "0 A has a place, 1 in use\n" "0 B comes\n"
              "1 A gives its place back\n" "1 C comes\n"
              "1 B has a place, 1 in use\n"
              "2 B gives its place back\n" "2 C has a place, 1 in use\n"
              "3 C gives its place back\n");
    all_places_are_back();
}

TEST(two_places_that_are_free_go_to_two__H05)
{
    scene("a pool of 2; A and B stay for 1 s, C and D stand in line");
    open_line(limited(2));
    come(0, "A", 0, 1);
    come(1, "B", 0, 1);
    come(2, "C", 0, 1);
    come(3, "D", 0, 1);
    run_line(DOORMAN(.i = 0));
    CHECK_LOG("0 A comes\n" "0 A has a place, 1 in use\n"
              "0 B comes\n" "0 B has a place, 2 in use\n"
              "0 C comes\n" "0 D comes\n"
              "1 A gives its place back\n" "1 B gives its place back\n"
              "1 C has a place, 2 in use\n" "1 D has a place, 2 in use\n"
              "2 C gives its place back\n" "2 D gives its place back\n");
    all_places_are_back();
}

TEST(without_a_limit_nobody_waits__H01)
{
    scene("a pool without a limit; A, B and C come");
    open_line(limited(0));
    come(0, "A", 0, 1);
    come(1, "B", 0, 1);
    come(2, "C", 0, 1);
    run_line(DOORMAN(.i = 0));
    CHECK_LOG("0 A comes\n" "0 A has a place, 1 in use\n"
              "0 B comes\n" "0 B has a place, 2 in use\n"
              "0 C comes\n" "0 C has a place, 3 in use\n"
              "1 A gives its place back\n" "1 B gives its place back\n"
              "1 C gives its place back\n");
    all_places_are_back();
}

TEST(who_is_cancelled_in_line_leaves_it__H06)
{
    scene("a pool of 1; A stays for 2 s, B and C are in line");
    open_line(limited(1));
    come(0, "A", 0, 2);
    come(1, "B", 0, 1);
    come(2, "C", 0, 1);
    run_line(DOORMAN(.cancels = &users[1]));
    CHECK_LOG("0 A comes\n" "0 A has a place, 1 in use\n"
              "0 B comes\n" "0 C comes\n"
              "1 B is cancelled\n" "1 B ends with E_CANCELLED\n"
              "2 A gives its place back\n" "2 C has a place, 1 in use\n"
              "3 C gives its place back\n");
    all_places_are_back();
}

TEST(a_place_given_and_not_seen_yet_goes_to_the_next__H07)
{
    scene("a pool of 1; A leaves, and in that step B, who is next, is "
          "cancelled");
    open_line(limited(1));
    come(0, "A", 0, 1)->then_cancel = &users[1];
    come(1, "B", 0, 1);
    come(2, "C", 0, 1);
    run_line(DOORMAN(.i = 0));
    CHECK_LOG("0 A comes\n" "0 A has a place, 1 in use\n"
              "0 B comes\n" "0 C comes\n"
              "1 A gives its place back\n" "1 B is cancelled\n"
              "1 B ends with E_CANCELLED\n" "1 C has a place, 1 in use\n"
              "2 C gives its place back\n");
    all_places_are_back();
}

/* Catches: an empty place that is given back as a connection. */
TEST(a_place_given_and_not_seen_is_given_back_as_it_is__H07)
{
    scene("a pool of 1; A leaves, and in that step B, who is next and last, "
          "is cancelled");
    open_line(limited(1));
    come(0, "A", 0, 1)->then_cancel = &users[1];
    come(1, "B", 0, 1);
    run_line(DOORMAN(.i = 0));
    CHECK_LOG("0 A comes\n" "0 A has a place, 1 in use\n" "0 B comes\n"
              "1 A gives its place back\n" "1 B is cancelled\n"
              "1 B ends with E_CANCELLED\n");
    all_places_are_back();
}

static struct session_options per_host(size_t limit, size_t limit_per_host)
{
    struct session_options options = limited(limit);

    options.limit_per_host = limit_per_host;
    return options;
}

TEST(a_host_at_its_own_limit_does_not_hold_up_another__H08)
{
    scene("a pool of 2, 1 a host; A and C want host x, B and D host y");
    open_line(per_host(2, 1));
    come(0, "A", 0, 3);
    strcpy(come(1, "B", 0, 1)->key.host, "y");
    come(2, "C", 0, 1);
    strcpy(come(3, "D", 0, 1)->key.host, "y");
    run_line(DOORMAN(.i = 0));
    CHECK_LOG("0 A comes\n" "0 A has a place, 1 in use\n"
              "0 B comes\n" "0 B has a place, 2 in use\n"
              "0 C comes\n" "0 D comes\n"
              "1 B gives its place back\n" "1 D has a place, 2 in use\n"
              "2 D gives its place back\n"
              "3 A gives its place back\n" "3 C has a place, 1 in use\n"
              "4 C gives its place back\n");
    all_places_are_back();
}

TEST(who_comes_to_another_host_passes_those_in_line__H08)
{
    scene("a pool of 2, 1 a host; A and B want host x, C wants host y");
    open_line(per_host(2, 1));
    come(0, "A", 0, 1);
    come(1, "B", 0, 1);
    strcpy(come(2, "C", 0, 1)->key.host, "y");
    run_line(DOORMAN(.i = 0));
    CHECK_LOG("0 A comes\n" "0 A has a place, 1 in use\n" "0 B comes\n"
              "0 C comes\n" "0 C has a place, 2 in use\n"
              "1 A gives its place back\n" "1 C gives its place back\n"
              "1 B has a place, 1 in use\n" "2 B gives its place back\n");
    all_places_are_back();
}

TEST(closing_wakes_those_in_line_and_refuses_who_comes_later__H23)
{
    scene("a pool of 1; A stays, B and D are in line, the session is closed, "
          "C comes");
    open_line(limited(1));
    come(0, "A", 0, 2);
    come(1, "B", 0, 1);
    come(2, "C", 3, 1);
    come(3, "D", 0, 1);
    run_line(DOORMAN(.closes = true));
    CHECK_LOG("0 A comes\n" "0 A has a place, 1 in use\n" "0 B comes\n"
              "0 D comes\n"
              "1 the session is closed\n" "1 B ends with E_CLOSED\n"
              "1 D ends with E_CLOSED\n" "2 A gives its place back\n"
              "3 C comes\n" "3 C ends with E_CLOSED\n");
    for (int i = 1; i < USERS; i++) {
        promise("%s's words: Session is closed", users[i].name);
        CHECK_STR("Session is closed", users[i].task.error.text);
    }
    all_places_are_back();
}

TEST(without_memory_who_waits_and_who_comes_hear_of_it)
{
    scene("a pool of 1; no memory from 0.5 s to 2.5 s; B is in line then, C "
          "comes, D comes later");
    open_line(limited(1));
    come(0, "A", 0, 1);
    come(1, "B", 0, 1);
    come(2, "C", 2, 1);
    come(3, "D", 3, 1);
    run_line(DOORMAN(.starves = true));
    CHECK_LOG("0 A comes\n" "0 A has a place, 1 in use\n" "0 B comes\n"
              "1 A gives its place back\n" "1 B ends with ENOMEM\n"
              "2 C comes\n" "2 C ends with ENOMEM\n"
              "3 D comes\n" "3 D has a place, 1 in use\n"
              "4 D gives its place back\n");
    all_places_are_back();
}

TEST(closed_as_it_is_given_a_place_it_gives_the_place_back__H23)
{
    scene("a pool of 1; A leaves and closes the session in the same step; B "
          "was next");
    open_line(limited(1));
    come(0, "A", 0, 1)->then_close = true;
    come(1, "B", 0, 1);
    run_line(DOORMAN(.i = 0));
    CHECK_LOG("0 A comes\n" "0 A has a place, 1 in use\n" "0 B comes\n"
              "1 A gives its place back\n" "1 the session is closed\n"
              "1 B ends with E_CLOSED\n");
    all_places_are_back();
}

/* --- With connections ---------------------------------------------------- */

static struct fetch *start(int i, const char *name, const char *url)
{
    struct fetch *fetch = &world.fetches[i];

    *fetch = (struct fetch){ CORO(fetch), .session = &world.session,
                             .name = name, .url = url };
    task_create(&world.lab.loop, &fetch->task, name, &fetch->coro);
    return fetch;
}

/* Runs a script as main, then closes the session and the world. */
static void run_world(struct coro *script)
{
    CHECK_CODE(0, lab_run(&world.lab, script));
    session_shut(&world.session);
    lab_close(&world.lab);
}

/* Starts `count` fetches of one URL and awaits them all. */
struct crowd {
    struct coro coro;
    int count, i;
    const char *url;
    bool quiet, one_by_one, read;
};
ASYNC_DECLARE(crowd);

ASYNC(crowd)
{
    static const char *const names[] = { "A", "B", "C", "D", "E", "F" };

    BEGIN;
    for (self->i = 0; self->i < self->count; self->i++) {
        start(self->i, self->quiet ? "x" : names[self->i], self->url)->quiet =
            self->quiet;
        world.fetches[self->i].read = self->read;
        if (self->one_by_one)
            AWAIT_FUTURE(&world.fetches[self->i].task.future);
    }
    for (self->i = 0; self->i < self->count; self->i++)
        AWAIT_FUTURE(&world.fetches[self->i].task.future);
    END;
}

TEST(at_most_limit_in_use_and_the_rest_in_order__H01_H05)
{
    struct crowd crowd = { CORO(crowd), .count = 5 };

    open_world(limited(2));
    crowd.url = world.slow;
    run_world(&crowd.coro);
    CHECK_LOG("1 A 200\n1 B 200\n2 C 200\n2 D 200\n3 E 200\n");
    CHECK_INT(2, world.session.opened);
    CHECK_INT(2, world.origin.connections);
    CHECK_INT(2, world.origin.peak);
}

TEST(the_default_is_a_hundred__H01)
{
    struct crowd crowd = { CORO(crowd), .count = 250, .quiet = true };

    open_world(SESSION_DEFAULTS);
    crowd.url = world.slow;
    run_world(&crowd.coro);
    CHECK_INT(100, world.origin.connections);
    CHECK_INT(100, world.origin.peak);
    CHECK_INT(250, world.origin.requests);
}

TEST(a_complete_response_gives_its_connection_back_read_or_not__H02)
{
    struct crowd unread = { CORO(crowd), .count = 3, .one_by_one = true };
    struct crowd read = { CORO(crowd), .count = 3, .one_by_one = true,
                          .read = true };

    open_world(SESSION_DEFAULTS);
    unread.url = world.root;
    run_world(&unread.coro);
    CHECK_INT(1, world.origin.connections);
    CHECK_INT(2, world.session.reused);
    open_world(SESSION_DEFAULTS);
    read.url = world.root;
    run_world(&read.coro);
    CHECK_INT(1, world.origin.connections);
    CHECK_LOG("0 A 200\n0 B 200\n0 C 200\n0 A 200\n0 B 200\n0 C 200\n");
}

TEST(leaving_with_the_body_missing_closes_the_connection__H03)
{
    struct crowd crowd = { CORO(crowd), .count = 3, .one_by_one = true };

    open_world(SESSION_DEFAULTS);
    crowd.url = world.big;
    run_world(&crowd.coro);
    CHECK_INT(3, world.origin.connections);
    CHECK_INT(0, world.session.reused);
    CHECK_LOG("0 A 200\n0 B 200\n0 C 200\n");
}

TEST(a_long_body_arrives_whole_and_its_connection_is_used_again)
{
    struct crowd crowd = { CORO(crowd), .count = 3, .one_by_one = true,
                           .read = true };

    open_world(SESSION_DEFAULTS);
    crowd.url = world.big;
    run_world(&crowd.coro);
    CHECK_INT(1, world.origin.connections);
    CHECK_INT(1000000, world.fetches[2].body);
    CHECK_LOG("0 A 200\n0 B 200\n0 C 200\n");
}

TEST(force_close_never_reuses__H04)
{
    struct session_options options = SESSION_DEFAULTS;
    struct crowd crowd = { CORO(crowd), .count = 4, .one_by_one = true };

    options.force_close = true;
    open_world(options);
    crowd.url = world.root;
    run_world(&crowd.coro);
    CHECK_INT(4, world.origin.connections);
    CHECK_LOG("0 A 200\n0 B 200\n0 C 200\n0 D 200\n");
}

/* Scripts: coroutines with the same frame. */
#define SCRIPT(name)                                                      \
    struct name { struct coro coro; int i; struct sleep sleep; };         \
    ASYNC_DECLARE(name);                                                  \
    ASYNC(name)
#define RUN(name) run_world(&(struct name){ CORO(name) }.coro)

SCRIPT(waiter_leaves)
{
    BEGIN;
    start(0, "A", world.slow);
    start(1, "B", world.slow);
    start(2, "C", world.slow);
    AWAIT(sleep, .delay_ns = MILLISECONDS(500));
    task_cancel(&world.fetches[1].task);
    CATCH_AWAIT_FUTURE(&world.fetches[1].task.future);
    say("B is out of the line: %s", error_name(task->outcome));
    AWAIT_FUTURE(&world.fetches[2].task.future);
    END;
}

TEST(a_cancelled_waiter_does_not_hold_up_the_others__H06)
{
    open_world(limited(1));
    RUN(waiter_leaves);
    CHECK_LOG("0.5 B is out of the line: E_CANCELLED\n"
              "1 A 200\n2 C 200\n");
}

SCRIPT(granted_leaves)
{
    BEGIN;
    start(0, "A", world.slow)->then_cancel = &world.fetches[1];
    start(1, "B", world.slow);
    start(2, "C", world.slow);
    CATCH_AWAIT_FUTURE(&world.fetches[1].task.future);
    say("B: %s", error_name(task->outcome));
    AWAIT_FUTURE(&world.fetches[2].task.future);
    END;
}

TEST(a_place_given_to_a_cancelled_waiter_goes_to_the_next__H07)
{
    open_world(limited(1));
    RUN(granted_leaves);
    CHECK_LOG("1 A 200\n1 B has the place and has not run: cancel\n"
              "1 B: E_CANCELLED\n2 C 200\n");
    CHECK_INT(0, world.session.in_use);
    promise("A's connection, which B was given, goes on to C");
    CHECK_INT(1, world.session.opened);
}

SCRIPT(many_rounds)
{
    BEGIN;
    for (self->i = 0; self->i < 40; self->i++) {
        start(0, "A", world.slow)->quiet = true;
        start(1, "B", world.slow)->quiet = true;
        AWAIT(sleep, .delay_ns = MILLISECONDS(self->i % 2 ? 500 : 1000));
        task_cancel(&world.fetches[1].task);
        start(2, "C", world.root)->quiet = true;
        CATCH_AWAIT_FUTURE(&world.fetches[1].task.future);
        AWAIT_FUTURE(&world.fetches[2].task.future);
        AWAIT_FUTURE(&world.fetches[0].task.future);
    }
    END;
}

TEST(no_place_is_lost_in_many_rounds_of_cancelled_waiters__H06_H07)
{
    open_world(limited(1));
    RUN(many_rounds);
    CHECK_INT(0, world.session.in_use);
    CHECK_LOG("");
}

SCRIPT(in_flight)
{
    BEGIN;
    start(0, "A", world.slow);
    AWAIT(sleep, .delay_ns = MILLISECONDS(500));
    task_cancel(&world.fetches[0].task);
    CATCH_AWAIT_FUTURE(&world.fetches[0].task.future);
    say("A: %s", error_name(task->outcome));
    start(1, "B", world.root);
    AWAIT_FUTURE(&world.fetches[1].task.future);
    END;
}

TEST(cancelling_a_request_in_flight_closes_its_connection__H10)
{
    open_world(limited(1));
    RUN(in_flight);
    CHECK_LOG("0.5 A: E_CANCELLED\n0.5 B 200\n");
    CHECK_INT(2, world.session.opened);
    CHECK_INT(0, world.session.in_use);
}

SCRIPT(closed_in_flight)
{
    BEGIN;
    start(0, "A", world.slow);
    start(1, "B", world.slow);
    start(2, "C", world.slow)->delay_ns = SECONDS(2);
    AWAIT(sleep, .delay_ns = MILLISECONDS(500));
    session_shut(&world.session);
    CATCH_AWAIT_FUTURE(&world.fetches[0].task.future);
    say("A, in flight: %s", error_name(task->outcome));
    CATCH_AWAIT_FUTURE(&world.fetches[1].task.future);
    say("B, in line: %s: %s", error_name(task->outcome), task->error.text);
    CATCH_AWAIT_FUTURE(&world.fetches[2].task.future);
    say("C, later: %s: %s", error_name(task->outcome), task->error.text);
    END;
}

TEST(closing_breaks_off_what_is_in_flight_and_refuses_what_comes__H23)
{
    open_world(limited(1));
    RUN(closed_in_flight);
    CHECK_LOG("0.5 A, in flight: E_DISCONNECTED\n"
              "0.5 B, in line: E_CLOSED: Session is closed\n"
              "2 C, later: E_CLOSED: Session is closed\n");
}

SCRIPT(closed_and_cancelled)
{
    BEGIN;
    start(0, "A", world.slow);
    start(1, "B", world.slow);
    AWAIT(sleep, .delay_ns = MILLISECONDS(500));
    session_shut(&world.session);
    task_cancel(&world.fetches[1].task);
    CATCH_AWAIT_FUTURE(&world.fetches[0].task.future);
    CATCH_AWAIT_FUTURE(&world.fetches[1].task.future);
    say("B: %s", error_name(task->outcome));
    END;
}

TEST(woken_with_nothing_and_cancelled_it_leaves_no_line_twice__H06_H23)
{
    open_world(limited(1));
    scene("A has the place, B is in line; closed at 0.5 s, and B cancelled");
    RUN(closed_and_cancelled);
    CHECK_LOG("0.5 B: E_CANCELLED\n");
    CHECK_INT(0, world.session.in_use);
}

SCRIPT(idle_expires)
{
    BEGIN;
    start(0, "A", world.root);
    AWAIT_FUTURE(&world.fetches[0].task.future);
    AWAIT(sleep, .delay_ns = SECONDS(14));
    start(1, "B", world.root);
    AWAIT_FUTURE(&world.fetches[1].task.future);
    say("opened %zu", world.session.opened);
    AWAIT(sleep, .delay_ns = SECONDS(16));
    say("open at the server: %zu", world.origin.open);
    start(2, "C", world.root);
    AWAIT_FUTURE(&world.fetches[2].task.future);
    say("opened %zu", world.session.opened);
    END;
}

TEST(an_idle_connection_is_closed_after_its_time__H09)
{
    open_world(SESSION_DEFAULTS);
    RUN(idle_expires);
    CHECK_LOG("0 A 200\n14 B 200\n14 opened 1\n"
              "30 open at the server: 0\n30 C 200\n30 opened 2\n");
}

SCRIPT(idle_since_a_fraction)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = SECONDS(.3));
    start(0, "A", world.root);
    AWAIT_FUTURE(&world.fetches[0].task.future);
    AWAIT(sleep, .delay_ns = SECONDS(15.5));
    say("open at the server: %zu", world.origin.open);
    AWAIT(sleep, .delay_ns = SECONDS(.5));
    say("open at the server: %zu", world.origin.open);
    END;
}

TEST(idle_connections_are_closed_at_a_whole_second__H17)
{
    open_world(SESSION_DEFAULTS);
    RUN(idle_since_a_fraction);
    CHECK_LOG("0.3 A 200\n" "15.8 open at the server: 1\n"
              "16.3 open at the server: 0\n");
}

/* --- A peer that does what the test says --------------------------------- */

/* Serves connections one after another: reads one request, sends `answer`,
 * does `then`; n times. */
enum then { KEEP, CLOSE, CLOSE_ON_REQUEST, STRAY };

struct peer {
    struct coro coro;
    struct address address;
    struct open_socket listener, socket;
    struct cleanup closing, closing_socket;
    int connections, requests;
    enum then then;
    char bytes[4096];
    union {
        struct sock_accept sock_accept;
        struct sock_recv sock_recv;
        struct sock_sendall sock_sendall;
    };
    struct task task;
};
ASYNC_DECLARE(peer);

static const char hello[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
static const char twice[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    "HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nstray";

ASYNC(peer)
{
    BEGIN;
    DEFER(&self->closing, close_socket, &self->listener);
    DEFER(&self->closing_socket, close_socket, &self->socket);
    for (;;) {
        AWAIT(sock_accept, .listener = self->listener.fd);
        self->socket = (struct open_socket){ task_loop(task),
                                             self->sock_accept.fd };
        self->connections++;
        for (;;) {
            AWAIT(sock_recv, .fd = self->socket.fd, .buffer = self->bytes,
                  .size = sizeof self->bytes);
            if (self->sock_recv.received == 0)
                break;
            self->requests++;
            if (self->then == CLOSE_ON_REQUEST && self->requests == 2)
                break;
            AWAIT(sock_sendall, .fd = self->socket.fd,
                  .data = self->then == STRAY ? twice : hello,
                  .size = self->then == STRAY ? sizeof twice - 1
                                              : sizeof hello - 1);
            if (self->then == CLOSE && self->requests == 1)
                break;
        }
        close_socket(&self->socket);
    }
    END;
}

static struct peer peer;

static void start_peer(enum then then, char url[static 64])
{
    struct error error;

    peer = (struct peer){ CORO(peer), .then = then };
    peer.listener.loop = peer.socket.loop = &world.lab.loop;
    peer.socket.fd = -1;
    CHECK_CODE(0, address_parse(&peer.address, "127.0.0.1", 0, &error));
    CHECK_CODE(0, net_listen(&world.lab.loop, &peer.address, 8,
                             &peer.listener.fd, &error));
    snprintf(url, 64, "http://127.0.0.1:%u/",
             ntohs(((struct sockaddr_in *)&peer.address.storage)->sin_port));
    task_create(&world.lab.loop, &peer.task, "peer", &peer.coro);
}

static const char *second_method;

SCRIPT(two_requests)
{
    BEGIN;
    start(0, "A", world.root);
    AWAIT_FUTURE(&world.fetches[0].task.future);
    AWAIT(sleep, .delay_ns = MILLISECONDS(50));
    start(1, "B", world.root)->method = second_method;
    CATCH_AWAIT_FUTURE(&world.fetches[1].task.future);
    if (task->outcome != 0)
        say("B: %s", error_name(task->outcome));
    END;
}

static void run_two(enum then then, const char *method)
{
    open_world(SESSION_DEFAULTS);
    start_peer(then, world.root);
    second_method = method;
    RUN(two_requests);
}

TEST(an_idle_connection_that_the_peer_closed_is_not_handed_out)
{
    run_two(CLOSE, "GET");
    CHECK_LOG("0 A 200\n0.05 B 200\n");
    CHECK_INT(2, peer.connections);
    CHECK_INT(2, peer.requests);
    CHECK_INT(0, world.session.retried);
}

TEST(an_idle_connection_with_stray_bytes_is_not_handed_out)
{
    run_two(STRAY, "GET");
    CHECK_LOG("0 A 200\n0.05 B 200\n");
    CHECK_INT(2, peer.connections);
}

TEST(a_get_on_a_connection_that_dies_unanswered_goes_once_more)
{
    run_two(CLOSE_ON_REQUEST, "GET");
    CHECK_LOG("0 A 200\n0.05 B 200\n");
    CHECK_INT(2, peer.connections);
    CHECK_INT(3, peer.requests);
    CHECK_INT(1, world.session.retried);
}

TEST(a_post_on_a_connection_that_dies_unanswered_is_not_sent_again)
{
    run_two(CLOSE_ON_REQUEST, "POST");
    CHECK_LOG("0 A 200\n0.05 B: E_DISCONNECTED\n");
    CHECK_INT(1, peer.connections);
    CHECK_INT(2, peer.requests);
    CHECK_INT(0, world.session.retried);
}

/* --- Redirects ----------------------------------------------------------- */

static char path_text[256];

SCRIPT(one_request)
{
    BEGIN;
    start(0, "A", path_text);
    CATCH_AWAIT_FUTURE(&world.fetches[0].task.future);
    if (task->outcome != 0)
        say("A: %s", error_name(task->outcome));
    END;
}

static void run_path(const char *path)
{
    open_world(SESSION_DEFAULTS);
    snprintf(path_text, sizeof path_text, "%s%s", world.root, path);
    RUN(one_request);
    CHECK_INT(0, world.session.in_use);
}

TEST(nine_redirects_are_followed_the_tenth_is_too_many__H22)
{
    run_path("redirect/9");
    CHECK_LOG("0 A 200\n");
    CHECK_INT(9, world.fetches[0].request.response.redirects);
    CHECK_INT(1, world.origin.connections);
    run_path("redirect/10");
    CHECK_LOG("0 A: E_REDIRECTS\n");
}

TEST(a_redirect_to_another_scheme_is_refused__H22)
{
    run_path("redirect-to/file:///etc/passwd");
    CHECK_LOG("0 A: E_SCHEME\n");
    run_path("redirect-to/python://x/");
    CHECK_LOG("0 A: E_SCHEME\n");
}

SCRIPT(credentials)
{
    static const struct request_field fields[] = {
        { "Authorization", "Basic c2VjcmV0" }, { "Cookie", "id=secret" },
        { "proxy-authorization", "Basic c2VjcmV0" },
        { "X-Harmless", "kept" }, { NULL, NULL }
    };

    BEGIN;
    start(0, "A", path_text)->fields = fields;
    AWAIT_FUTURE(&world.fetches[0].task.future);
    END;
}

TEST(credentials_stay_with_the_origin_they_were_given_for)
{
    char elsewhere[64];

    open_world(SESSION_DEFAULTS);
    start_peer(KEEP, elsewhere);
    snprintf(path_text, sizeof path_text, "%sredirect-to/%s", world.root,
             elsewhere);
    RUN(credentials);
    CHECK_LOG("0 A 200\n");
    CHECK_INT(1, peer.requests);
    CHECK(strstr(peer.bytes, "X-Harmless: kept") != NULL);
    CHECK(strstr(peer.bytes, "Authorization") == NULL);
    CHECK(strstr(peer.bytes, "Cookie") == NULL);
    CHECK(strstr(peer.bytes, "c2VjcmV0") == NULL);
}

/* --- Cancelled everywhere ------------------------------------------------ */

SCRIPT(in_the_body)
{
    BEGIN;
    start(0, "A", path_text)->read = true;
    while (world.fetches[0].body < 10000)
        AWAIT(sleep, .delay_ns = 0);
    task_cancel(&world.fetches[0].task);
    CATCH_AWAIT_FUTURE(&world.fetches[0].task.future);
    say("A: %s", error_name(task->outcome));
    start(1, "B", world.root);
    AWAIT_FUTURE(&world.fetches[1].task.future);
    END;
}

TEST(cancelled_in_the_middle_of_a_body_the_connection_is_closed__H03_H10)
{
    open_world(limited(1));
    snprintf(path_text, sizeof path_text, "%sbytes/15000000", world.root);
    RUN(in_the_body);
    CHECK_LOG("0 A: E_CANCELLED\n0 B 200\n");
    CHECK_INT(2, world.session.opened);
}

static int steps_before_cancel;

/* Lets A take k turns, then cancels it; the pool must be whole. */
SCRIPT(cancelled_after_k_turns)
{
    BEGIN;
    start(0, "A", world.slow)->quiet = true;
    for (self->i = 0; self->i < steps_before_cancel; self->i++)
        AWAIT(sleep, .delay_ns = 0);
    task_cancel(&world.fetches[0].task);
    CATCH_AWAIT_FUTURE(&world.fetches[0].task.future);
    start(1, "B", world.root)->quiet = true;
    AWAIT_FUTURE(&world.fetches[1].task.future);
    END;
}

TEST(cancel_at_every_suspension_leaves_the_pool_whole__H06_H10)
{
    for (int k = 0; k < 12; k++) {
        open_world(limited(1));
        steps_before_cancel = k;
        RUN(cancelled_after_k_turns);
        CHECK_INT(0, world.session.in_use);
        CHECK(world.session.opened <= 2);
    }
}

/* --- Why ----------------------------------------------------------------- */

static const struct cause causes[] = {
    { NULL, { "inside a switch" },
      "an AWAIT stands inside a switch of its own: AWAIT is a `case` of the "
      "body's switch, so write if/else around it", NULL },
    { NULL, { "uses a local of a function" },
      "a local of the body is used across an await: locals die there; what "
      "must live is a member of the frame, like self->granted", NULL },
    { NULL, { "null pointer of type 'struct loop'" },
      "the future that is awaited was never begun: future_init it when you "
      "join the line", NULL },
    { NULL, { "null pointer of type 'struct link'" },
      "somebody is taken out of the line who does not stand in it: whoever "
      "was given a place has left it already", "row \"on cancel\"" },
    { NULL, { "null pointer of type 'struct pooled'" },
      "a place is given back that nobody had: as long as you stand in line, "
      "self->pooled is NULL", "row \"on cancel\"" },
    { NULL, { "again and again" },
      "who waits asks again and again if there is room: stand in line, and "
      "await `granted`", "row \"result\"" },
    { NULL, { "null pointer", "happened in session_grant" },
      "a link of the line is followed after it was taken out: list_remove "
      "clears it; LIST_EACH knows the next one before", NULL },
    { NULL, { " on and on", "happened in acquire" },
      "who waits asks again and again if there is room, and nobody else "
      "runs: stand in line, and await `granted`", "row \"result\"" },
    { "who_is_cancelled*", { "acquire gives a place" },
      "a cancellation is taken for a plain return: RERAISE it as it is",
      "row \"on cancel\"" },
    { "without_memory*", { "acquire gives a place" },
      "session_take has no memory and gives NULL, and nobody looks: without "
      "a place, acquire raises ENOMEM", "row \"on error\"" },
    { "without_memory*", { "expected     1 s  B", "yours        2 s" },
      "who could not be given a place is not woken: without memory, too, out "
      "of the line, and `granted`",
      "row \"on error\"" },
    { "without_memory*", { NULL },
      "a place that session_take could not give is taken for one: NULL in "
      "`pooled`, in a session that is not closed, is ENOMEM",
      "row \"on error\"" },
    { NULL, { "acquire gives a place" },
      "acquire ends without a place: session_take it, or await `granted`, "
      "and then self->pooled has it", "row \"result\"" },
    { "a_free_place*", { "yours        0 s  A has a place, 2 in use" },
      "a place is counted twice: session_take counts it in in_use", NULL },
    { "a_free_place*", { "deadlock: " },
      "a place is free, and who comes waits all the same: take it at once, "
      "by session_take", "row \"result\"" },
    { "at_the_limit*", { "yours        0 s  B ends with" },
      "who finds no place free is sent away: stand in line, and await "
      "`granted`", "row \"result\"" },
    { "at_the_limit*", { "yours        0 s  B has a place" },
      "a place is taken without asking if there is room: at the limit, "
      "stand in line", "row \"result\"" },
    { "at_the_limit*", { "yours        1 s  B has a place, 2" },
      "one free place is given to more than one in line: ask room_for "
      "before each", NULL },
    { "at_the_limit*", { "yours        1 s  C has a place" },
      "the last who came is served first: list_add puts at the end, so the "
      "oldest is at the front", NULL },
    { "at_the_limit*", { "deadlock: ", "B has a place, 2 in use" },
      "a place is counted twice: session_take counts it in in_use", NULL },
    { "at_the_limit*", { "deadlock: ", "B gives its place back" },
      "who was given a place still stands in line, and the next place is "
      "his, too: list_remove him when you give it", NULL },
    { "at_the_limit*", { "deadlock: " },
      "a place is free and the first in line never hears of it: "
      "session_grant gives it to him and completes his `granted`", NULL },
    { "two_places*", { NULL },
      "session_grant gives one place and looks no further: go on as long as "
      "there is room", NULL },
    { "no_newcomer*", { NULL },
      "who is woken has to look for a place, and another may be quicker: "
      "give it in session_grant, by session_take, and then wake him", NULL },
    { "without_a_limit*", { NULL },
      "a limit of 0 is taken for no places; it means no limit: room_for "
      "knows", NULL },
    { "who_stands_in_line*", { NULL },
      "who waits wakes up now and then to look: stand in line, and await "
      "`granted`", "row \"result\"" },
    { "who_is_cancelled*", { "1 s  B has a place" },
      "a cancellation is taken for a place: CATCH_AWAIT_FUTURE leaves it in "
      "task->outcome, look there, and RERAISE", "row \"on cancel\"" },
    { "who_is_cancelled*", { "1 s  B ends with E_CLOSED" },
      "a cancellation is taken for something else: RERAISE it as it is",
      "row \"on cancel\"" },
    { "who_is_cancelled*", { "1 s  B ends with ENOMEM" },
      "a cancellation is taken for something else: RERAISE it as it is",
      "row \"on cancel\"" },
    { "who_is_cancelled*", { NULL },
      "who is cancelled stays in line, and is given a place that nobody "
      "will use: take yourself out before you leave", "row \"on cancel\"" },
    { NULL, { "world.nobody_idle" },
      "an empty place is given back as if it were a connection: it is "
      "reusable if it is connected, socket.fd is not -1",
      "row \"on cancel\"" },
    { "a_place_given*", { "session.opened" },
      "a connection in good order is thrown away as its place goes on: it "
      "is reusable if it is connected, socket.fd is not -1",
      "row \"on cancel\"" },
    { "a_place_given*", { NULL },
      "the place was given to a waiter who is cancelled before it runs, and "
      "is lost: if self->pooled is set, session_release it",
      "row \"on cancel\"" },
    { "who_comes_to_another*", { "yours        0 s  B has a place" },
      "a place is taken for a host that is at its own limit: ask room_for, "
      "which knows both limits", "row \"result\"" },
    { "a_host_at*", { "yours        1 s  C has a place, 2" },
      "a place is given to a host that is at its own limit: ask room_for "
      "with the waiter's key", NULL },
    { "who_comes_to_another*", { NULL },
      "who joins the line never asks if there is room for its own host: "
      "session_grant when you have joined, it passes over those who cannot",
      NULL },
    { "a_host_at*", { NULL },
      "the first in line, whose host is at its own limit, holds up the "
      "others: pass over him, and go on", NULL },
    { "closing_wakes*", { "expected     1 s  D", "yours        2 s" },
      "closing wakes the first in line, and the others wait for ever: when "
      "session->closed, session_grant goes through the whole line",
      "row \"on error\"" },
    { "closing_wakes*", { "yours        2 s" },
      "closing wakes nobody in line: when session->closed, session_grant "
      "takes all of them out and completes `granted`, with nothing",
      "row \"on error\"" },
    { "closing_wakes*", { "deadlock: " },
      "closing wakes nobody in line: when session->closed, session_grant "
      "takes all of them out and completes `granted`, with nothing",
      "row \"on error\"" },
    { "closing_wakes*", { "ends with E_CANCELLED" },
      "closing is taken for a cancellation: nobody cancelled who waits, the "
      "session is closed, E_CLOSED", "row \"on error\"" },
    { "closing_wakes*", { "yours        1 s  B" },
      "the session was closed while it stood in line, and nobody looks: "
      "after the await, a closed session is E_CLOSED", "row \"on error\"" },
    { "closing_wakes*", { "yours        3 s  C" },
      "a closed session still gives places: who comes later gets E_CLOSED",
      "row \"on error\"" },
    { "closing_wakes*", { "the words" },
      "the words are other than those of aiohttp: Session is closed",
      "row \"on error\"" },
    { "closed_as*", { NULL },
      "the session was closed as the place was given, and the place is "
      "kept: look at session->closed after the await, and give it back",
      "row \"on error\"" },
};

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(a_free_place_is_taken_at_once__H01),
        ENTRY(at_the_limit_they_stand_in_line_oldest_first__H01_H05),
        ENTRY(who_stands_in_line_is_not_run_until_it_is_its_turn),
        ENTRY(no_newcomer_slips_in_before_the_first_in_line__H05),
        ENTRY(two_places_that_are_free_go_to_two__H05),
        ENTRY(without_a_limit_nobody_waits__H01),
        ENTRY(who_is_cancelled_in_line_leaves_it__H06),
        ENTRY(a_place_given_and_not_seen_yet_goes_to_the_next__H07),
        ENTRY(a_place_given_and_not_seen_is_given_back_as_it_is__H07),
        ENTRY(a_host_at_its_own_limit_does_not_hold_up_another__H08),
        ENTRY(who_comes_to_another_host_passes_those_in_line__H08),
        ENTRY(closing_wakes_those_in_line_and_refuses_who_comes_later__H23),
        ENTRY(closed_as_it_is_given_a_place_it_gives_the_place_back__H23),
        ENTRY(without_memory_who_waits_and_who_comes_hear_of_it),
        ENTRY(
            woken_with_nothing_and_cancelled_it_leaves_no_line_twice__H06_H23
        ),
        ENTRY(at_most_limit_in_use_and_the_rest_in_order__H01_H05),
        ENTRY(the_default_is_a_hundred__H01),
        ENTRY(a_complete_response_gives_its_connection_back_read_or_not__H02),
        ENTRY(leaving_with_the_body_missing_closes_the_connection__H03),
        ENTRY(a_long_body_arrives_whole_and_its_connection_is_used_again),
        ENTRY(force_close_never_reuses__H04),
        ENTRY(a_cancelled_waiter_does_not_hold_up_the_others__H06),
        ENTRY(a_place_given_to_a_cancelled_waiter_goes_to_the_next__H07),
        ENTRY(no_place_is_lost_in_many_rounds_of_cancelled_waiters__H06_H07),
        ENTRY(cancelling_a_request_in_flight_closes_its_connection__H10),
        ENTRY(closing_breaks_off_what_is_in_flight_and_refuses_what_comes__H23),
        ENTRY(an_idle_connection_is_closed_after_its_time__H09),
        ENTRY(idle_connections_are_closed_at_a_whole_second__H17),
        ENTRY(an_idle_connection_that_the_peer_closed_is_not_handed_out),
        ENTRY(an_idle_connection_with_stray_bytes_is_not_handed_out),
        ENTRY(a_get_on_a_connection_that_dies_unanswered_goes_once_more),
        ENTRY(a_post_on_a_connection_that_dies_unanswered_is_not_sent_again),
        ENTRY(nine_redirects_are_followed_the_tenth_is_too_many__H22),
        ENTRY(a_redirect_to_another_scheme_is_refused__H22),
        ENTRY(credentials_stay_with_the_origin_they_were_given_for),
        ENTRY(
            cancelled_in_the_middle_of_a_body_the_connection_is_closed__H03_H10
        ),
        ENTRY(cancel_at_every_suspension_leaves_the_pool_whole__H06_H10),
    };

    return lesson_main(argc, argv, &(struct lesson){
        "09_session", tests, COUNT(tests), causes, COUNT(causes) });
}
