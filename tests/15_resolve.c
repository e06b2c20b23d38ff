/* 15_resolve.c - promises of lesson 15: the loop goes on while a thread
 * looks a name up; who is cancelled goes at once; nothing is freed twice or
 * never; a session asks once for all.
 *
 * The system's getaddrinfo is played by a script. A name "slowN.example" is
 * found when gate N is opened, and not before: whoever opens it waits until
 * the thread has told the loop, so that the virtual clock cannot run ahead
 * of the thread, and each run is the same.
 */
#include "15_resolve/resolve.h"
#include "15_resolve/shared_resolver.h"

#include "10_timeout/client_timeout.h"
#include "assassin.h"
#include "check.h"
#include "verdict.h"
#include "stage/origin.h"
#include "sys.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- The script. ---- */

enum { GATES = 5, ADDRESSES = 10 };

static const struct entry {
    const char *host;
    int failure, number; /* EAI_..., errno */
    const char *addresses[ADDRESSES];
} entries[] = {
    { "two.example", 0, 0, { "10.0.0.1", "fd00::2" } },
    { "many.example", 0, 0, { "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4",
        "10.0.0.5", "10.0.0.6", "10.0.0.7", "10.0.0.8", "10.0.0.9",
        "10.0.0.10" } },
    { "strange.example", 0, 0, { "?" } },
    { "nowhere.example", EAI_NONAME, 0, { NULL } },
    { "a-host-whose-name-is-longer-than-its-error.example", EAI_NONAME, 0,
        { NULL } },
    { "later.example", EAI_AGAIN, 0, { NULL } },
    { "broken.example", EAI_SYSTEM, EIO, { NULL } },
    { "slow0.example", 0, 0, { "127.0.0.1" } },
    { "slow1.example", 0, 0, { "127.0.0.1" } },
    { "slow2.example", 0, 0, { "127.0.0.1" } },
    { "slow3.example", 0, 0, { "127.0.0.2", "127.0.0.1" } },
    { "slow4.example", EAI_NONAME, 0, { NULL } },
};

static int gates[GATES][2];
static atomic_int asked, freed, asking, most, on_the_loop;
static pthread_t loop_thread;

struct found {
    struct addrinfo info;
    struct sockaddr_storage storage;
};

static struct addrinfo *one(const char *text, struct addrinfo *next)
{
    struct found *found = calloc(1, sizeof *found);
    struct address address;
    struct error error;

    CHECK(found != NULL);
    found->info.ai_next = next;
    found->info.ai_addr = (struct sockaddr *)&found->storage;
    if (strcmp(text, "?") == 0) {
        found->info.ai_family = AF_UNIX;
        return &found->info;
    }
    CHECK_CODE(0, address_parse(&address, text, 0, &error));
    found->storage = address.storage;
    found->info.ai_family = address.storage.ss_family;
    found->info.ai_addrlen = address.length;
    return &found->info;
}

static void wait_for_gate(const char *host)
{
    char byte;

    if (strncmp(host, "slow", 4) == 0)
        while (read(gates[host[4] - '0'][0], &byte, 1) == -1
               && errno == EINTR)
            continue;
}

static int play(const char *host, const char *service,
                const struct addrinfo *hints, struct addrinfo **list)
{
    const struct entry *entry = entries;
    int now = atomic_fetch_add(&asking, 1) + 1, before = most;
    size_t n = 0;

    while (now > before
           && !atomic_compare_exchange_weak(&most, &before, now))
        continue;
    asked++;
    on_the_loop += pthread_equal(pthread_self(), loop_thread) != 0;
    CHECK(service == NULL && hints->ai_socktype == SOCK_STREAM);
    wait_for_gate(host);
    while (strcmp(entry->host, host) != 0)
        entry++;
    for (*list = NULL; n < ADDRESSES && entry->addresses[n] != NULL;)
        n++;
    while (n > 0)
        *list = one(entry->addresses[--n], *list);
    asking--;
    errno = entry->number;
    return entry->failure;
}

static void unplay(struct addrinfo *list)
{
    struct addrinfo *next;

    CHECK(list != NULL);
    on_the_loop -= pthread_equal(pthread_self(), loop_thread) == 0;
    freed++;
    for (; list != NULL; list = next) {
        next = list->ai_next;
        free(CONTAINER(list, struct found, info));
    }
}

/* ---- A world. ---- */

/* Real time for a thread to come, before the verdict is that none will: an
 * eighth of it if there is none (any more). */
#define PATIENCE SECONDS(2)

static struct world {
    struct lab lab;
    struct sys sys;
    struct executor executor;
    nlink_t threads; /* before the executor's */
} world;

/* Linux: a process has a folder for each thread. Elsewhere 0. */
static nlink_t count_threads(void)
{
    struct stat task;

    return stat("/proc/self/task", &task) == 0 ? task.st_nlink : 0;
}

static bool nobody_will_come(void)
{
    return world.threads > 0 && count_threads() <= world.threads;
}

static int64_t clock_of_patience(void)
{
    return patient_now(nobody_will_come());
}

static void open_world(size_t limit)
{
    struct error error;

    memset(&world, 0, sizeof world);
    world.threads = count_threads();
    for (int i = 0; i < GATES; i++)
        CHECK_INT(0, pipe(gates[i]));
    loop_thread = pthread_self();
    asked = freed = asking = most = on_the_loop = 0;
    world.sys = sys_real;
    world.sys.now = clock_of_patience;
    world.sys.getaddrinfo = play;
    world.sys.freeaddrinfo = unplay;
    lab_open_with(&world.lab, (struct loop_options){
        .virtual_time = true, .patience_ns = PATIENCE / PATIENT,
        .sys = &world.sys });
    CHECK_CODE(0, executor_open(&world.executor, &world.lab.loop, limit,
                                &error));
}

static void open_gate(int gate)
{
    CHECK_INT(1, write(gates[gate][1], "", 1));
}

/* executor_settle on a busy machine, where a thread may be late: that is no
 * hang. After PATIENCE it is. */
static void settle(void)
{
    struct pollfd readable = { .fd = world.executor.pipe[0],
                               .events = POLLIN };

    for (int64_t ms = 0; ms < PATIENCE / MILLISECONDS(1); ms += 50) {
        if (world.executor.running == 0 || poll(&readable, 1, 50) == 1
            || nobody_will_come())
            break;
        check_progress();
    }
    executor_settle(&world.executor);
}

/* Whoever still looks a name up may: all gates are open now. */
static void close_world(void)
{
    for (int i = 0; i < GATES; i++)
        close(gates[i][1]);
    settle();
    executor_close(&world.executor);
    for (int i = 0; i < GATES; i++)
        close(gates[i][0]);
    lab_close(&world.lab);
    promise("getaddrinfo is called in another thread, and what it gave is "
            "freed in the loop's");
    CHECK_INT(0, on_the_loop);
    promise("%s", "");
}

static void run_world(int code, struct coro *main)
{
    CHECK_CODE(code, lab_run(&world.lab, main));
    close_world();
}

/* Opens a gate `after` seconds, and waits until the loop can know. */
struct opener {
    struct coro coro;
    double after;
    int gate;
    struct sleep sleep;
    struct task task;
};
ASYNC_DECLARE(opener);

ASYNC(opener)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = SECONDS(self->after));
    open_gate(self->gate);
    settle();
    END;
}

static void open_later(struct opener *opener, int gate, double after)
{
    *opener = (struct opener){ CORO(opener), .gate = gate, .after = after };
    task_create(&world.lab.loop, &opener->task, "opener", &opener->coro);
}

/* Looks up, and says how that ended. */
struct finder {
    struct coro coro;
    const char *name, *host;
    unsigned port;
    double within; /* 0: without a limit */
    struct resolve resolve;
    struct timeout timeout;
    struct task task;
};
ASYNC_DECLARE(finder);

#define FINDER(n, h, p) (struct finder){ CORO(finder), .name = (n),        \
    .host = (h), .port = (p) }

static void say_found(const struct finder *self, const struct error *error)
{
    char line[512] = "", text[ADDRESS_TEXT];

    if (self->resolve.coro.error != 0) {
        say("%s %s, %s", self->name, error_name(error->code), error->text);
        return;
    }
    for (size_t i = 0; i < self->resolve.count; i++) {
        strcat(line, " ");
        strcat(line, address_text(&self->resolve.found[i], text));
    }
    say("%s%s", self->name, line);
}

ASYNC(finder)
{
    BEGIN;
    self->resolve = (struct resolve){ CORO(resolve), .host = self->host,
        .executor = &world.executor, .port = self->port };
    if (self->within > 0)
        CATCH_AWAIT(timeout, .delay_ns = SECONDS(self->within),
                    .body = &self->resolve.coro);
    else
        CATCH_AWAIT_CORO(&self->resolve.coro);
    say_found(self, &task->error);
    RERAISE(self->coro.callee->error);
    END;
}

static struct finder *find(struct finder *finder, const char *name,
                           const char *host)
{
    *finder = FINDER(name, host, 80);
    task_create(&world.lab.loop, &finder->task, name, &finder->coro);
    return finder;
}

static void run_finder(int code, const char *host, unsigned port)
{
    struct finder finder = FINDER("A", host, port);

    open_world(EXECUTOR_LIMIT);
    scene("resolve %s, port %u", host, port);
    run_world(code, &finder.coro);
}

#define SCRIPT(name) struct name { struct coro coro; int i;               \
    struct finder finders[GATES]; struct opener openers[GATES];           \
    struct sleep sleep; };                                                \
    ASYNC_DECLARE(name); ASYNC(name)

#define RUN(name) do { static struct name name;                           \
    memset(&name, 0, sizeof name); name.coro.type = &name##_type;         \
    run_world(0, &name.coro); } while (0)

/* ---- resolve. ---- */

TEST(a_numeric_host_is_its_own_address_and_starts_no_thread)
{
    run_finder(0, "127.0.0.1", 80);
    CHECK_LOG("0 A 127.0.0.1:80\n");
    CHECK_INT(0, world.executor.started);
    promise("it does not suspend: the task is over in its first step");
    CHECK_INT(1, world.lab.steps);
    promise("%s", "");
    run_finder(0, "::1", 8080);
    CHECK_LOG("0 A [::1]:8080\n");
    CHECK_INT(0, asked);
}

TEST(a_name_has_the_addresses_that_getaddrinfo_says_in_its_order)
{
    run_finder(0, "two.example", 8080);
    CHECK_LOG("0 A 10.0.0.1:8080 [fd00::2]:8080\n");
    CHECK_INT(1, world.executor.started);
    CHECK_INT(1, freed);
}

TEST(of_many_addresses_the_first_eight_count)
{
    run_finder(0, "many.example", 1);
    CHECK_LOG("0 A 10.0.0.1:1 10.0.0.2:1 10.0.0.3:1 10.0.0.4:1 10.0.0.5:1 "
              "10.0.0.6:1 10.0.0.7:1 10.0.0.8:1\n");
    CHECK_INT(1, freed);
}

TEST(an_unknown_name_is_one_clear_line__H19)
{
    char expected[128];

    run_finder(EHOSTUNREACH, "nowhere.example", 80);
    snprintf(expected, sizeof expected, "0 A EHOSTUNREACH, resolve "
             "nowhere.example: %s\n", gai_strerror(EAI_NONAME));
    CHECK_LOG(expected);
    CHECK_INT(0, freed);
}

TEST(a_long_name_gives_way_to_the_cause)
{
    struct finder finder = FINDER("A", "a-host-whose-name-is-longer-than-its"
                                  "-error.example", 80);
    const char *cause = gai_strerror(EAI_NONAME), *text;

    open_world(1);
    CHECK_CODE(EHOSTUNREACH, lab_run(&world.lab, &finder.coro));
    text = world.lab.loop.main.error.text;
    CHECK_STR(cause, text + strlen(text) - strlen(cause));
    CHECK(strncmp(text, "resolve a-host", 14) == 0);
    close_world();
}

TEST(a_failure_that_may_pass_has_a_code_of_its_own)
{
    run_finder(EAGAIN, "later.example", 80);
}

TEST(when_the_system_fails_its_errno_is_told)
{
    run_finder(EIO, "broken.example", 80);
    CHECK_LOG("0 A errno, resolve broken.example: Input/output error\n");
}

TEST(addresses_that_we_do_not_speak_are_none)
{
    run_finder(EHOSTUNREACH, "strange.example", 80);
    CHECK_LOG("0 A EHOSTUNREACH, resolve strange.example: no address that we "
              "speak\n");
    CHECK_INT(1, freed);
}

TEST(what_is_no_host_and_no_port_is_refused_at_once)
{
    run_finder(E_VALUE, "", 80);
    run_finder(E_VALUE, "two.example", 65536);
    CHECK_INT(0, asked);
}

SCRIPT(ticking)
{
    BEGIN;
    find(&self->finders[0], "A", "slow0.example");
    open_later(&self->openers[0], 0, 1.75);
    for (self->i = 0; self->i < 4; self->i++) {
        AWAIT(sleep, .delay_ns = SECONDS(.5));
        say("tick");
    }
    END;
}

TEST(everybody_else_goes_on_while_a_name_is_looked_up)
{
    open_world(EXECUTOR_LIMIT);
    scene("resolve slow0.example, found at 1.75 s; a tick each 0.5 s");
    RUN(ticking);
    CHECK_LOG("0.5 tick\n" "1 tick\n" "1.5 tick\n"
              "1.75 A 127.0.0.1:80\n" "2 tick\n");
}

SCRIPT(side_by_side)
{
    BEGIN;
    find(&self->finders[0], "A", "slow0.example");
    find(&self->finders[1], "B", "slow1.example");
    open_later(&self->openers[0], 0, 2);
    open_later(&self->openers[1], 1, 1);
    AWAIT(sleep, .delay_ns = SECONDS(3));
    END;
}

TEST(lookups_run_side_by_side_and_end_as_they_are_found)
{
    open_world(EXECUTOR_LIMIT);
    RUN(side_by_side);
    CHECK_LOG("1 B 127.0.0.1:80\n" "2 A 127.0.0.1:80\n");
}

/* The machine's own. */
TEST(localhost_has_an_address_of_this_machine)
{
    struct finder finder = FINDER("A", "localhost", 80);
    struct addrinfo *list;
    struct error error;
    char text[ADDRESS_TEXT];

    if (getaddrinfo("localhost", NULL, NULL, &list) != 0)
        SKIP("this machine does not know localhost");
    freeaddrinfo(list);
    lab_open(&world.lab);
    CHECK_CODE(0, executor_open(&world.executor, &world.lab.loop, 1, &error));
    CHECK_CODE(0, lab_run(&world.lab, &finder.coro));
    address_text(&finder.resolve.found[0], text);
    CHECK(strncmp(text, "127.", 4) == 0 || strcmp(text, "[::1]:80") == 0);
    executor_close(&world.executor);
    lab_close(&world.lab);
}

/* ---- Cancelled. ---- */

SCRIPT(too_long)
{
    BEGIN;
    self->finders[0] = FINDER("A", "slow0.example", 80);
    self->finders[0].within = .2;
    CATCH_AWAIT_CORO(&self->finders[0].coro);
    say("told: %s", error_name(self->finders[0].coro.error));
    CHECK_INT(0, freed);
    END;
}

TEST(a_lookup_that_takes_too_long_is_given_up_at_once_and_freed_later)
{
    open_world(EXECUTOR_LIMIT);
    scene("resolve slow0.example within 0.2 s; found when all is over");
    RUN(too_long);
    CHECK_LOG("0.2 A E_TIMEOUT, timeout: not done within 0.200 s\n"
              "0.2 told: E_TIMEOUT\n");
    CHECK_INT(1, asked);
    promise("what the thread found after all is freed when it has ended");
    CHECK_INT(1, freed);
}

SCRIPT(late_while_running)
{
    BEGIN;
    find(&self->finders[0], "A", "slow0.example");
    open_later(&self->openers[0], 0, 2);
    AWAIT(sleep, .delay_ns = SECONDS(1));
    task_cancel(&self->finders[0].task);
    AWAIT(sleep, .delay_ns = SECONDS(2));
    say("running %zu, freed %d, watches %zu", world.executor.running,
        (int)freed, world.lab.loop.poller.count);
    END;
}

TEST(a_late_result_is_freed_as_soon_as_it_comes_and_nothing_is_watched)
{
    open_world(EXECUTOR_LIMIT);
    scene("A looks up slow0.example, cancelled at 1 s, found at 2 s");
    RUN(late_while_running);
    CHECK_LOG("1 A E_CANCELLED, cancelled\n"
              "3 running 0, freed 1, watches 0\n");
}

static int turns, opened_at;

/* A is cancelled after `turns` turns; found after `opened_at` of them. */
SCRIPT(cancelled_after)
{
    BEGIN;
    find(&self->finders[0], "A", "slow0.example");
    for (self->i = 0; self->i < turns; self->i++) {
        if (self->i == opened_at) {
            open_gate(0);
            settle();
        }
        AWAIT(sleep, .delay_ns = 0);
    }
    task_cancel(&self->finders[0].task);
    CATCH_AWAIT_FUTURE(&self->finders[0].task.future);
    say("%s", error_name(task->outcome));
    END;
}

TEST(cancelled_in_any_turn_the_result_is_freed_once)
{
    opened_at = 2;
    for (turns = 0; turns < 9; turns++) {
        open_world(1);
        scene("found in turn %d, cancelled in turn %d", opened_at, turns);
        RUN(cancelled_after);
        CHECK_INT(turns > 0, asked);
        CHECK_INT(turns > 0, freed);
        if (turns == 0)
            CHECK_LOG("0 E_CANCELLED\n");
        else if (turns <= 4)
            CHECK_LOG("0 A E_CANCELLED, cancelled\n" "0 E_CANCELLED\n");
        else
            CHECK_LOG("0 A 127.0.0.1:80\n" "0 OK\n");
    }
}

static bool cancel_at(int k, const char *host)
{
    struct finder finder = FINDER("A", host, 80);
    struct assassin assassin;

    open_world(1);
    assassin_hire(&assassin, &world.lab.loop, &world.lab.loop.main, k);
    scene("resolve %s, cancelled at suspension %d", host, k);
    CHECK_CODE(assassin.struck || k == 1 ? E_CANCELLED : 0,
               lab_run(&world.lab, &finder.coro));
    close_world();
    CHECK_INT(asked, freed);
    return assassin.struck;
}

TEST(cancel_at_every_suspension)
{
    CHECK(cancel_at(1, "two.example"));
    CHECK_LOG("0 A E_CANCELLED, cancelled\n");
    CHECK(!cancel_at(2, "two.example"));
    CHECK_LOG("0 A 10.0.0.1:80 [fd00::2]:80\n");
}

/* ---- The executor. ---- */

SCRIPT(five)
{
    static const char *const names[] = { "A", "B", "C", "D" };
    static const char *const hosts[] = { "slow0.example", "slow1.example",
        "slow2.example", "slow3.example" };

    BEGIN;
    for (self->i = 0; self->i < 4; self->i++)
        find(&self->finders[self->i], names[self->i], hosts[self->i]);
    for (self->i = 0; self->i < 4; self->i++) {
        AWAIT(sleep, .delay_ns = SECONDS(1));
        say("running %zu", world.executor.running);
        open_gate(self->i);
        settle();
    }
    CATCH_AWAIT_FUTURE(&self->finders[3].task.future);
    END;
}

TEST(at_most_limit_threads_at_once_and_the_rest_in_order)
{
    open_world(2);
    scene("four lookups, two threads; one is found each second");
    RUN(five);
    CHECK_LOG("1 running 2\n" "1 A 127.0.0.1:80\n"
              "2 running 2\n" "2 B 127.0.0.1:80\n"
              "3 running 2\n" "3 C 127.0.0.1:80\n"
              "4 running 1\n" "4 D 127.0.0.2:80 127.0.0.1:80\n");
    CHECK_INT(4, world.executor.started);
    CHECK(most <= 2);
}

SCRIPT(cancelled_in_line)
{
    BEGIN;
    find(&self->finders[0], "A", "slow0.example");
    find(&self->finders[1], "B", "slow1.example");
    find(&self->finders[2], "C", "slow2.example");
    AWAIT(sleep, .delay_ns = SECONDS(1));
    task_cancel(&self->finders[1].task);
    open_later(&self->openers[0], 0, 1);
    open_later(&self->openers[2], 2, 2);
    AWAIT(sleep, .delay_ns = SECONDS(5));
    END;
}

TEST(cancelled_in_line_it_never_begins_and_holds_nobody_up)
{
    open_world(1);
    scene("A, B and C look up, one thread; B is cancelled at 1 s");
    RUN(cancelled_in_line);
    CHECK_LOG("1 B E_CANCELLED, cancelled\n" "2 A 127.0.0.1:80\n"
              "3 C 127.0.0.1:80\n");
    CHECK_INT(2, asked);
}

/* Work of our own. */
struct sum {
    int a, b, result, discarded;
    bool waits, sigint_blocked, in_the_loops_thread;
};

static void add(void *arg)
{
    struct sum *sum = arg;
    sigset_t blocked;
    char byte;

    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    sum->sigint_blocked = sigismember(&blocked, SIGINT) == 1;
    sum->in_the_loops_thread = pthread_equal(pthread_self(), loop_thread);
    while (sum->waits && read(gates[0][0], &byte, 1) == -1)
        continue;
    sum->result = sum->a + sum->b;
}

static void discard(void *arg)
{
    ((struct sum *)arg)->discarded++;
}

struct adder {
    struct coro coro;
    struct sum sum;
    struct in_thread in_thread;
    struct task task;
};
ASYNC_DECLARE(adder);

ASYNC(adder)
{
    BEGIN;
    CATCH_AWAIT(in_thread, .executor = &world.executor, .work = add,
                .discard = discard, .arg = &self->sum);
    if (self->in_thread.coro.error == 0)
        say("%d", self->sum.result);
    else
        say("%s: %s", error_name(task->error.code), task->error.text);
    RERAISE(self->in_thread.coro.error);
    END;
}

TEST(work_runs_in_a_thread_and_its_argument_comes_back)
{
    struct adder adder = { CORO(adder), .sum = { .a = 40, .b = 2 } };

    open_world(1);
    run_world(0, &adder.coro);
    CHECK_LOG("0 42\n");
    promise("the work is done in another thread than the loop's");
    CHECK(!adder.sum.in_the_loops_thread);
    promise("%s", "");
    CHECK_INT(0, adder.sum.discarded);
}

TEST(a_thread_takes_no_signals)
{
    struct adder adder = { CORO(adder) };
    sigset_t blocked;

    open_world(1);
    run_world(0, &adder.coro);
    CHECK(adder.sum.sigint_blocked);
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    promise("the loop's thread takes them still");
    CHECK_INT(0, sigismember(&blocked, SIGINT));
}

struct leaves_line {
    struct coro coro;
    struct adder at_work, in_line;
};
ASYNC_DECLARE(leaves_line);

ASYNC(leaves_line)
{
    struct loop *loop = task_loop(task);

    BEGIN;
    self->at_work = self->in_line = (struct adder){ CORO(adder),
        .sum = { .a = 40, .b = 2, .waits = true } };
    task_create(loop, &self->at_work.task, "work", &self->at_work.coro);
    task_create(loop, &self->in_line.task, "line", &self->in_line.coro);
    YIELD();
    task_cancel(&self->in_line.task);
    CATCH_AWAIT_FUTURE(&self->in_line.task.future);
    open_gate(0);
    CATCH_AWAIT_FUTURE(&self->at_work.task.future);
    END;
}

TEST(cancelled_in_line_its_argument_is_discarded_once)
{
    struct leaves_line leaves = { CORO(leaves_line) };

    open_world(1);
    scene("one works, one waits in line and is cancelled");
    run_world(0, &leaves.coro);
    CHECK_INT(0, leaves.at_work.sum.discarded);
    promise("who never began is discarded at once, and only once");
    CHECK_INT(1, leaves.in_line.sum.discarded);
}

struct closing {
    struct coro coro;
    struct adder at_work, in_line, late;
};
ASYNC_DECLARE(closing);

ASYNC(closing)
{
    struct loop *loop = task_loop(task);

    BEGIN;
    self->at_work = self->in_line = self->late = (struct adder){ CORO(adder),
        .sum = { .a = 40, .b = 2, .waits = true } };
    task_create(loop, &self->at_work.task, "work", &self->at_work.coro);
    task_create(loop, &self->in_line.task, "line", &self->in_line.coro);
    YIELD();
    open_gate(0);
    executor_close(&world.executor);
    say("closed, running %zu", world.executor.running);
    CATCH_AWAIT_FUTURE(&self->at_work.task.future);
    CATCH_AWAIT_FUTURE(&self->in_line.task.future);
    CATCH_AWAIT_CORO(&self->late.coro);
    END;
}

TEST(closing_waits_for_what_runs_and_refuses_the_rest)
{
    struct closing closing = { CORO(closing) };

    open_world(1);
    scene("one works, one waits in line, the executor closes, one comes late");
    run_world(0, &closing.coro);
    CHECK_LOG("0 closed, running 0\n"
              "0 E_CLOSED: in_thread: the executor is closed\n" "0 42\n"
              "0 E_CLOSED: in_thread: the executor is closed\n");
    CHECK_INT(0, closing.at_work.sum.discarded);
    CHECK_INT(1, closing.in_line.sum.discarded);
    CHECK_INT(1, closing.late.sum.discarded);
}

/* The end of main cancels the rest (row L11), and the threads are waited
 * for when the executor is closed. */
struct leaves {
    struct coro coro;
    struct finder finder;
};
ASYNC_DECLARE(leaves);

ASYNC(leaves)
{
    BEGIN;
    find(&self->finder, "A", "slow0.example");
    YIELD();
    END;
}

TEST(main_may_end_while_a_thread_works__L11)
{
    struct leaves leaves = { CORO(leaves) };

    open_world(1);
    run_world(0, &leaves.coro);
    CHECK_LOG("0 A E_CANCELLED, cancelled\n");
    CHECK_INT(1, freed);
}

enum { FEW = 24, CROWD = 100 };

struct crowd {
    struct coro coro;
    int count, i, found;
    struct finder finders[CROWD];
};
ASYNC_DECLARE(crowd);

/* Half of them is cancelled while threads come and go. */
ASYNC(crowd)
{
    BEGIN;
    for (self->i = 0; self->i < self->count; self->i++)
        find(&self->finders[self->i], "-", "two.example");
    for (self->i = 0; self->i < self->count; self->i++) {
        if (self->i % 2 == 1)
            task_cancel(&self->finders[self->i].task);
        CATCH_AWAIT_FUTURE(&self->finders[self->i].task.future);
        self->found += task->outcome == 0;
        CHECK(task->outcome == 0 || self->i % 2 == 1);
    }
    END;
}

TEST(in_a_crowd_nothing_is_lost_and_nothing_freed_twice)
{
    static struct crowd crowd;

    crowd = (struct crowd){ CORO(crowd), .count = CROWD };
    open_world(8);
    scene("100 lookups, eight threads, every second one cancelled");
    run_world(0, &crowd.coro);
    CHECK(crowd.found >= CROWD / 2);
    CHECK_INT(asked, freed);
    CHECK(most <= 8);
}

/* In place of libc's: who detaches a thread instead of joining it does not
 * know when it has ended, nor do we. */
int pthread_detach(pthread_t thread)
{
    (void)thread;
    return 0;
}

/* A thread that nobody joins keeps its stack, also when it has ended. */
static size_t stacks_mapped(void)
{
    FILE *statm = fopen("/proc/self/statm", "r");
    unsigned long pages = 0;
    pthread_attr_t usual;
    size_t stack;
    bool told;

    if (statm == NULL)
        return 0;
    told = fscanf(statm, "%lu", &pages) == 1;
    fclose(statm);
    CHECK_INT(0, pthread_attr_init(&usual));
    CHECK_INT(0, pthread_attr_getstacksize(&usual, &stack));
    pthread_attr_destroy(&usual);
    return told ? pages * (size_t)sysconf(_SC_PAGESIZE) / stack : 0;
}

TEST(a_thread_that_has_ended_leaves_nothing_behind)
{
    static struct crowd crowd;
    size_t before;

    crowd = (struct crowd){ CORO(crowd), .count = FEW };
    open_world(1);
    scene("%d lookups, one after the other", FEW);
    before = stacks_mapped();
    run_world(0, &crowd.coro);
    promise("each thread is joined: only then is its stack free again");
    CHECK(stacks_mapped() < before + FEW / 2);
    promise("%s", "");
}

/* ---- A session that knows names. ---- */

static struct web {
    struct origin origin;
    struct shared_resolver resolver;
    struct session session;
    char url[5][64]; /* of slow0..4.example */
} web;

static void open_web(void)
{
    struct session_options options = SESSION_DEFAULTS;
    struct error error;

    open_world(EXECUTOR_LIMIT);
    memset(&web, 0, sizeof web);
    CHECK_CODE(0, origin_start(&web.origin, &world.lab.loop, "127.0.0.1", 0,
                               &error));
    shared_resolver_open(&web.resolver, &world.executor);
    options.resolver = &web.resolver.resolver;
    session_open(&web.session, &world.lab.loop, options);
    for (int i = 0; i < 5; i++)
        snprintf(web.url[i], sizeof web.url[i], "http://slow%d.example:%u/",
                 i, web.origin.port);
}

struct fetch {
    struct coro coro;
    const char *name, *url;
    struct client_timeout limits;
    struct timed_request timed_request;
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
    if (at != NULL)
        strcpy(at, "PORT");
    say("%s %s, %s", name, error_name(error->code), text);
}

ASYNC(fetch)
{
    BEGIN;
    CATCH_AWAIT(timed_request, .limits = self->limits,
                .request = { .session = &web.session, .url = self->url });
    if (self->timed_request.coro.error != 0) {
        say_error(self->name, &task->error);
        RERAISE(self->timed_request.coro.error);
    }
    say("%s %d", self->name, self->timed_request.request.response.status);
    response_close(&self->timed_request.request.response);
    END;
}

static struct fetch fetches[8];

static void get(int i, const char *name, const char *url)
{
    fetches[i].coro = (struct coro){ .type = &fetch_type };
    fetches[i].name = name;
    fetches[i].url = url;
    task_create(&world.lab.loop, &fetches[i].task, name, &fetches[i].coro);
}

/* RUN for a world with a web. */
#define RUN_WEB(n) do { static struct n n;                                \
    memset(&n, 0, sizeof n); n.coro.type = &n##_type;                     \
    CHECK_CODE(0, lab_run(&world.lab, &n.coro));                          \
    CHECK_INT(0, web.session.in_use);                                     \
    session_shut(&web.session);                                           \
    CHECK(list_empty(&web.resolver.lookups));                             \
    close_world(); } while (0)

SCRIPT(three_at_once)
{
    BEGIN;
    get(0, "A", web.url[0]);
    get(1, "B", web.url[0]);
    get(2, "C", web.url[0]);
    AWAIT(sleep, .delay_ns = SECONDS(1));
    task_cancel(&fetches[0].task);
    CATCH_AWAIT_FUTURE(&fetches[0].task.future);
    memset(&fetches[0], 0, sizeof fetches[0]); /* its frame is gone */
    open_later(&self->openers[0], 0, 1);
    CATCH_AWAIT_FUTURE(&fetches[1].task.future);
    CATCH_AWAIT_FUTURE(&fetches[2].task.future);
    END;
}

TEST(requests_for_one_host_share_a_lookup_and_one_may_leave__H27)
{
    open_web();
    scene("A, B, C of one host; A is cancelled at 1 s, it is found at 2 s");
    RUN_WEB(three_at_once);
    CHECK_LOG("1 A E_CANCELLED, cancelled\n" "2 B 200\n" "2 C 200\n");
    CHECK_INT(1, asked);
    CHECK_INT(1, web.resolver.asked);
    CHECK_INT(2, web.session.opened);
}

SCRIPT(one_after_another)
{
    BEGIN;
    get(0, "A", web.url[0]);
    open_later(&self->openers[0], 0, 1);
    AWAIT_FUTURE(&fetches[0].task.future);
    get(1, "B", web.url[1]);
    memcpy(web.url[1], "http://SLOW0.EXAMPLE", 20);
    AWAIT_FUTURE(&fetches[1].task.future);
    END;
}

TEST(a_warm_connection_needs_no_lookup_and_hosts_have_no_case__H02)
{
    open_web();
    RUN_WEB(one_after_another);
    CHECK_LOG("1 A 200\n" "1 B 200\n");
    CHECK_INT(1, asked);
    CHECK_INT(1, web.session.reused);
}

SCRIPT(two_addresses)
{
    BEGIN;
    get(0, "A", web.url[3]);
    open_later(&self->openers[0], 3, 1);
    AWAIT_FUTURE(&fetches[0].task.future);
    END;
}

TEST(where_nobody_answers_the_next_address_is_dialled)
{
    open_web();
    scene("GET from 127.0.0.2, where nobody listens, and 127.0.0.1");
    RUN_WEB(two_addresses);
    CHECK_LOG("1 A 200\n");
    CHECK_INT(1, web.session.opened);
}

SCRIPT(unknown)
{
    BEGIN;
    get(0, "A", web.url[4]);
    open_later(&self->openers[0], 4, 1);
    CATCH_AWAIT_FUTURE(&fetches[0].task.future);
    get(1, "B", web.url[2]);
    open_later(&self->openers[1], 2, 1);
    AWAIT_FUTURE(&fetches[1].task.future);
    END;
}

TEST(an_unknown_host_is_the_requests_error_and_its_place_is_free__H19)
{
    char expected[128];

    open_web();
    RUN_WEB(unknown);
    snprintf(expected, sizeof expected, "1 A EHOSTUNREACH, resolve "
             "slow4.example: %s\n2 B 200\n", gai_strerror(EAI_NONAME));
    CHECK_LOG(expected);
}

SCRIPT(limits)
{
    BEGIN;
    fetches[0].limits = (struct client_timeout){ .connect = SECONDS(1) };
    get(0, "A", web.url[0]);
    fetches[1].limits = (struct client_timeout){ .total = SECONDS(2) };
    get(1, "B", web.url[0]);
    fetches[2].limits = (struct client_timeout){ .sock_connect = SECONDS(.1) };
    get(2, "C", web.url[0]);
    open_later(&self->openers[0], 0, 3);
    for (self->i = 0; self->i < 3; self->i++)
        CATCH_AWAIT_FUTURE(&fetches[self->i].task.future);
    END;
}

TEST(connect_and_total_count_the_lookup__H11_H12_H13)
{
    open_web();
    scene("a lookup of 3 s; connect 1 s, total 2 s, sock_connect 0.1 s");
    RUN_WEB(limits);
    CHECK_LOG("1 A E_SERVER_TIMEOUT, Connection timeout to host "
              "http://slow0.example:PORT\n"
              "2 B E_TIMEOUT, total timeout while looking up the host\n"
              "3 C 200\n");
    CHECK_INT(1, asked);
    CHECK_INT(1, web.session.opened);
}

SCRIPT(closed_meanwhile)
{
    BEGIN;
    get(0, "A", web.url[0]);
    open_later(&self->openers[0], 0, 2);
    AWAIT(sleep, .delay_ns = SECONDS(1));
    session_shut(&web.session);
    CATCH_AWAIT_FUTURE(&fetches[0].task.future);
    END;
}

TEST(a_session_closed_during_a_lookup_dials_nobody__H23)
{
    open_web();
    RUN_WEB(closed_meanwhile);
    CHECK_LOG("2 A E_CLOSED, Session is closed\n");
    CHECK_INT(0, web.origin.connections);
}

SCRIPT(main_ends)
{
    BEGIN;
    get(0, "A", web.url[0]);
    AWAIT(sleep, .delay_ns = SECONDS(1));
    END;
}

TEST(when_main_ends_the_lookup_is_cancelled_with_the_rest__L11)
{
    open_web();
    RUN_WEB(main_ends);
    CHECK_LOG("1 A E_CANCELLED, cancelled\n");
    CHECK_INT(asked, freed);
}

static int k;

SCRIPT(a_request_cancelled)
{
    BEGIN;
    get(0, "A", web.url[0]);
    for (self->i = 0; self->i < k; self->i++) {
        if (self->i == 2)
            open_later(&self->openers[0], 0, 0);
        AWAIT(sleep, .delay_ns = 0);
    }
    task_cancel(&fetches[0].task);
    CATCH_AWAIT_FUTURE(&fetches[0].task.future);
    END;
}

TEST(cancel_a_request_at_every_turn_of_its_lookup__H10)
{
    for (k = 0; k < 16; k++) {
        open_web();
        scene("GET slow0.example, found in turn 4, cancelled in turn %d", k);
        RUN_WEB(a_request_cancelled);
        if (k == 0)
            CHECK_LOG("");
        else if (k < 8)
            CHECK_LOG("0 A E_CANCELLED, cancelled\n");
        CHECK_INT(asked, freed);
    }
}

#define NOT_YOURS "the thread frees, or still uses, the job that the loop " \
    "has just been told of: from the write on it is the loop's"
/* How a future that is set in the wrong thread shows depends on the hour. */
#define NOT_THE_THREADS "the thread wakes who waits: it works and writes, " \
    "and no more; the waiter is the loop's, who may have gone, and finish " \
    "wakes him"

static const struct cause causes[] = {
    { "work_runs*", { "memory that was freed", " in run\n" }, NOT_YOURS,
      "row \"who frees\"" },
    { "work_runs*", { "memory that was freed", "happened in run" }, NOT_YOURS,
      "row \"who frees\"" },
    { NULL, { "memory that was freed", "happened in finish" },
      "finish uses the job after it was freed: take what you need, and free "
      "it last", "row \"who frees\"" },
    { NULL, { "memory that was freed", "happened in collect",
              "in finish\n" },
      "finish frees the job, and collect still uses it: join and count off "
      "first, finish last", "row \"who frees\"" },
    { NULL, { "past the end of", "happened in run" },
      "more is written than the job's address: that has sizeof job bytes, "
      "sizeof *job is the job itself", "row \"result\"" },
    { "work_runs*", { "yours        0 s  0" },
      "nobody does the work: run calls job->work(job->arg), and then tells "
      "the loop", "row \"input\"" },
    { "work_runs*", { "null pointer of type 'struct job'" },
      "the job itself is written, and not its address: write(..., &job, "
      "sizeof job)", "row \"result\"" },
    { "work_runs*", { "never freed" },
      "the job is never freed: finish is the last who needs it",
      "row \"who frees\"" },
    { "work_runs*", { "discarded is" },
      "the argument is discarded though somebody waits for it: that is for "
      "a job whose waiter is NULL", "row \"who frees\"" },
    { "work_runs*", { "deadlock: ", "sockets watched", "waits for a future" },
      "the loop hears something and does not know what: the thread writes "
      "the job's address, sizeof job bytes, and collect reads as many",
      "row \"result\"" },
    { "work_runs*", { "E_DEADLOCK" },
      "finish wakes nobody: if somebody waits, future_set_result his `done`",
      "row \"result\"" },
    { "work_runs*", { "sleeps in a system call", "happened in collect" },
      "collect waits for what has not come, and the loop with it: read what "
      "is there (the pipe says EAGAIN after that), and return",
      "row \"result\"" },
    { "work_runs*", { "sleeps in a system call" },
      "executor_close waits for a thread that it takes for one at work: "
      "each thread's last act is to write its job's address into the pipe, "
      "and collect counts each off executor->running", "row \"result\"" },
    { "work_runs*", { "another thread than the loop's" },
      "the work is done in the loop's thread: run, which is all that the "
      "other one does, calls job->work", "row \"input\"" },
    { NULL, { "type 'struct in_thread'", "happened in run" }, NOT_THE_THREADS,
      "row \"on cancel\"" },
    { "cancelled_in_any_turn*", { "yours        0 s  A 127.0.0.1" },
      NOT_THE_THREADS, "row \"on cancel\"" },
    { "closing*", { "yours        0 s  42" }, NOT_THE_THREADS,
      "row \"on cancel\"" },
    { NULL, { "type 'struct in_thread'", "happened in finish" },
      "finish does not look whether anybody waits: job->waiter may be NULL, "
      "and then the argument is discarded", "row \"on cancel\"" },
    { NULL, { "on_the_loop is" },
      "what is no longer needed is given back in the wrong thread: discard "
      "is the loop's to call, in finish or let_go", "row \"who frees\"" },
    { "a_lookup_that_takes*", { "main sleeps in a system call" },
      "let_go waits for the thread, and the loop with it: job->waiter = NULL, "
      "return at once, and collect does the rest", "row \"on cancel\"" },
    { "a_lookup_that_takes*", { "sleeps in a system call" },
      "the thread works on a job that is gone, or was itself broken off, and "
      "tells nobody: while it works, only job->waiter = NULL; collect frees "
      "it when it has ended",
      "row \"on cancel\"" },
    { "a_lookup_that_takes*", { "memory that was freed", "query_free" },
      "the argument is discarded while the thread still works on it: "
      "job->waiter = NULL, and finish discards when the thread has ended",
      "row \"on cancel\"" },
    { "a_lookup_that_takes*", { "memory that was freed" },
      "the thread works on a job that is gone: while it works, only "
      "job->waiter = NULL; collect frees it when it has ended",
      "row \"on cancel\"" },
    { "a_lookup_that_takes*", { "freed is 0" },
      "nobody waits any more, and nobody discards: let_go sets job->waiter "
      "to NULL, and finish, which finds that, calls discard",
      "row \"on cancel\"" },
    { NULL, { "sleeps in a system call" },
      "the loop waits for a thread that is still at work: join only one that "
      "has told you that it is done; work first, the write comes last",
      "row \"result\"" },
    { "cancelled_in_any_turn*", { "freed is 0" },
      "the job was over in the turn of the cancellation, and its result is "
      "lost: if self->job is NULL it is yours to discard",
      "row \"on cancel\"" },
    { "cancelled_in_any_turn*", { "memory that was freed" },
      "the waiter keeps the address of a job that finish has freed: "
      "waiter->job = NULL there", "row \"on cancel\"" },
    { "cancelled_in_any_turn*", { "null pointer of type 'struct job'" },
      "self->job is NULL when the job was over in the turn of the "
      "cancellation: look before you follow it, and discard the result",
      "row \"on cancel\"" },
    { "cancelled_in_line*", { "never freed" },
      "a job that will never begin is taken out of the line and not freed",
      "row \"who frees\"" },
    { "closing*", { "discarded is 2" },
      "what was refused is discarded twice, by finish and by who waits: "
      "finish discards only if nobody waits", "row \"who frees\"" },
    { "cancelled_in_line*", { "memory that was freed" },
      "a job is freed while it stands in the line: list_remove it first",
      "row \"on cancel\"" },
    { "cancelled_in_line_its*", { "discarded is 0" },
      "who never began is taken out of the line and not discarded",
      "row \"on cancel\"" },
    { "closing*", { "yours        0 s  0" },
      "the waiter is not told that its work never began: "
      "waiter->refused = refused", "row \"on error\"" },
    { "a_thread_that_has*", { "each thread is joined" },
      "nobody joins the threads: pthread_join frees their stacks, and makes "
      "what they wrote visible here", "row \"result\"" },
};

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        /* The heart of the exercise comes first. */
        ENTRY(work_runs_in_a_thread_and_its_argument_comes_back),
        ENTRY(everybody_else_goes_on_while_a_name_is_looked_up),
        ENTRY(
            a_lookup_that_takes_too_long_is_given_up_at_once_and_freed_later
        ),
        ENTRY(cancelled_in_line_its_argument_is_discarded_once),
        ENTRY(cancelled_in_line_it_never_begins_and_holds_nobody_up),
        ENTRY(closing_waits_for_what_runs_and_refuses_the_rest),
        ENTRY(cancelled_in_any_turn_the_result_is_freed_once),
        ENTRY(a_thread_that_has_ended_leaves_nothing_behind),
        ENTRY(a_numeric_host_is_its_own_address_and_starts_no_thread),
        ENTRY(a_name_has_the_addresses_that_getaddrinfo_says_in_its_order),
        ENTRY(of_many_addresses_the_first_eight_count),
        ENTRY(an_unknown_name_is_one_clear_line__H19),
        ENTRY(a_long_name_gives_way_to_the_cause),
        ENTRY(a_failure_that_may_pass_has_a_code_of_its_own),
        ENTRY(when_the_system_fails_its_errno_is_told),
        ENTRY(addresses_that_we_do_not_speak_are_none),
        ENTRY(what_is_no_host_and_no_port_is_refused_at_once),
        ENTRY(lookups_run_side_by_side_and_end_as_they_are_found),
        ENTRY(localhost_has_an_address_of_this_machine),
        ENTRY(
            a_late_result_is_freed_as_soon_as_it_comes_and_nothing_is_watched
        ),
        ENTRY(cancel_at_every_suspension),
        ENTRY(at_most_limit_threads_at_once_and_the_rest_in_order),
        ENTRY(a_thread_takes_no_signals),
        ENTRY(main_may_end_while_a_thread_works__L11),
        ENTRY(in_a_crowd_nothing_is_lost_and_nothing_freed_twice),
        ENTRY(requests_for_one_host_share_a_lookup_and_one_may_leave__H27),
        ENTRY(a_warm_connection_needs_no_lookup_and_hosts_have_no_case__H02),
        ENTRY(where_nobody_answers_the_next_address_is_dialled),
        ENTRY(
            an_unknown_host_is_the_requests_error_and_its_place_is_free__H19
        ),
        ENTRY(connect_and_total_count_the_lookup__H11_H12_H13),
        ENTRY(a_session_closed_during_a_lookup_dials_nobody__H23),
        ENTRY(when_main_ends_the_lookup_is_cancelled_with_the_rest__L11),
        ENTRY(cancel_a_request_at_every_turn_of_its_lookup__H10),
    };

    return lesson_main(argc, argv, &(struct lesson){
        "15_resolve", tests, COUNT(tests), causes, COUNT(causes) });
}
