/* 10_timeout.c - promises of lesson 10: when time is up, who is cancelled,
 * who hears what, and that nobody else's cancellation is mistaken for it.
 *
 * Three parts: the scope (TO rows), wait_for (WF rows), a request's limits
 * (H rows) against peers that do as their script says. WF09 needs shield
 * and is lesson 14's.
 */
#include "10_timeout/client_timeout.h"

#include "assassin.h"
#include "check.h"
#include "stage/origin.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* ---- Somebody to be limited. ---- */

/* Sleeps (0: yields `yields` times instead), and says how it went. Cancelled,
 * it says goodbye for `goodbye` seconds, and then ends as told. */
struct kid {
    struct coro coro;
    const char *name;
    double seconds, goodbye;
    int yields;
    int fails;     /* ends with this code                         */
    bool swallows; /* a cancellation: and returns all the same    */
    int raises;    /* this, instead of going on with E_CANCELLED  */
    int value;     /* out: 42                                     */
    struct sleep sleep;
};
ASYNC_DECLARE(kid);

ASYNC(kid)
{
    BEGIN;
    say("%s begins", self->name);
    while (self->yields > 0) {
        self->yields--;
        YIELD();
    }
    if (self->seconds > 0) {
        CATCH_AWAIT(sleep, .delay_ns = SECONDS(self->seconds));
        if (self->sleep.coro.error != 0) {
            say("%s cancelled", self->name);
            if (self->goodbye > 0)
                AWAIT(sleep, .delay_ns = SECONDS(self->goodbye));
            say("%s cleaned up", self->name);
            if (self->raises != 0)
                RAISE(self->raises, "cleanup failed");
            if (!self->swallows)
                RERAISE(E_CANCELLED);
        }
    }
    if (self->fails != 0)
        RAISE(self->fails, "%s failed", self->name);
    self->value = 42;
    say("%s done", self->name);
    END;
}

#define KID(n, ...) (struct kid){ CORO(kid), .name = (n), __VA_ARGS__ }

/* ---- The scope. ---- */

/* A scope of `seconds` around a body, and a while after it in which nothing
 * may happen any more. */
struct scope {
    struct coro coro;
    const char *name;
    double seconds, after;
    struct coro *body;
    struct timeout timeout;
    struct sleep sleep;
};
ASYNC_DECLARE(scope);

ASYNC(scope)
{
    BEGIN;
    CATCH_AWAIT(timeout, .delay_ns = SECONDS(self->seconds),
                .body = self->body);
    say("%s over: %s%s, %u requests", self->name,
        error_name(self->timeout.coro.error), self->timeout.expired
        ? ", expired" : "", (unsigned)task->cancelling);
    if (self->timeout.coro.error == 0 && self->after > 0)
        AWAIT(sleep, .delay_ns = SECONDS(self->after));
    RERAISE(self->timeout.coro.error);
    END;
}

#define SCOPE(n, s, b) (struct scope){ CORO(scope), .name = (n),          \
    .seconds = (s), .body = &(b)->coro }

/* "K 5 s, goodbye 1 s" */
static const char *about(const struct kid *kid, char text[static 128])
{
    int n = kid->yields > 0 ? snprintf(text, 128, "K yields once")
        : snprintf(text, 128, "K %g s", kid->seconds);

    if (kid->goodbye > 0)
        n += snprintf(text + n, 128 - (size_t)n, ", goodbye %g s",
                      kid->goodbye);
    snprintf(text + n, 128 - (size_t)n, "%s%s%s",
             kid->fails != 0 ? ", then fails" : "",
             kid->swallows ? ", swallows a cancellation" : "",
             kid->raises != 0 ? ", its cleanup fails" : "");
    return text;
}

/* Runs main in a fresh loop and takes the census. */
static void run(int code, struct coro *main)
{
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(code, lab_run(&lab, main));
    lab_close(&lab);
}

static void run_scope(int code, double seconds, struct kid kid)
{
    struct scope scope = SCOPE("scope", seconds, &kid);
    char text[128];

    scene("timeout(%g s, %s)", seconds, about(&kid, text));
    run(code, &scope.coro);
}

TEST(when_time_is_up_the_body_is_cancelled_and_cleans_up__TO01)
{
    run_scope(E_TIMEOUT, 1, KID("K", .seconds = 5, .goodbye = .5));
    CHECK_LOG("0 K begins\n" "1 K cancelled\n" "1.5 K cleaned up\n"
              "1.5 scope over: E_TIMEOUT, expired, 0 requests\n");
}

TEST(the_words_say_how_long_it_had__TO01)
{
    struct kid kid = KID("K", .seconds = 5);
    struct scope scope = SCOPE("scope", .25, &kid);
    struct lab lab;

    scene("timeout(0.25 s, K 5 s)");
    lab_open(&lab);
    CHECK_CODE(E_TIMEOUT, lab_run(&lab, &scope.coro));
    CHECK_STR("timeout: not done within 0.250 s", lab.loop.main.error.text);
    lab_close(&lab);
}

TEST(in_a_task_of_its_own_that_one_is_cancelled__TO01)
{
    struct kid other = KID("M", .seconds = 3), kid = KID("K", .seconds = 5);
    struct scope scope = SCOPE("scope", 1, &kid);
    struct task task;
    struct lab lab;

    scene("in a task of its own: timeout(1 s, K 5 s); main: M 3 s");
    lab_open(&lab);
    task_create(&lab.loop, &task, "A", &scope.coro);
    CHECK_CODE(0, lab_run(&lab, &other.coro));
    CHECK_CODE(E_TIMEOUT, future_outcome(&task.future));
    lab_close(&lab);
    CHECK_LOG("0 K begins\n" "0 M begins\n"
              "1 K cancelled\n" "1 K cleaned up\n"
              "1 scope over: E_TIMEOUT, expired, 0 requests\n" "3 M done\n");
}

TEST(in_time_nothing_happens_then_or_later__TO02)
{
    struct kid kid = KID("K", .seconds = 1);
    struct scope scope = SCOPE("scope", 2, &kid);

    scene("timeout(2 s, K 1 s), then 5 s more of something else");
    scope.after = 5;
    run(0, &scope.coro);
    CHECK_LOG("0 K begins\n" "1 K done\n" "1 scope over: OK, 0 requests\n");
}

TEST(in_time_an_error_passes_as_it_is__TO02)
{
    run_scope(E_USER, 2, KID("K", .seconds = 1, .fails = E_USER));
    CHECK_LOG("0 K begins\n" "1 scope over: E_USER, 0 requests\n");
}

TEST(once_over_its_timer_is_gone__TO02)
{
    struct kid kid = KID("K", .seconds = 1);
    struct scope scope = SCOPE("scope", 1000, &kid);
    struct lab lab;

    scene("timeout(1000 s, K 1 s)");
    lab_open(&lab);
    CHECK_CODE(0, lab_run(&lab, &scope.coro));
    CHECK_INT(0, lab.loop.timers.count);
    lab_close(&lab);
}

TEST(zero_strikes_at_the_first_await_that_yields__TO03)
{
    run_scope(E_TIMEOUT, 0, KID("K", .yields = 1));
    CHECK_LOG("0 K begins\n" "0 scope over: E_TIMEOUT, expired, 0 requests\n");
}

TEST(less_than_zero_is_zero__TO03)
{
    run_scope(E_TIMEOUT, -3, KID("K", .seconds = 5));
    CHECK_LOG("0 K begins\n" "0 K cancelled\n" "0 K cleaned up\n"
              "0 scope over: E_TIMEOUT, expired, 0 requests\n");
}

TEST(zero_and_a_body_that_does_not_wait_is_in_time__TO03)
{
    struct kid kid = KID("K", .seconds = 0);
    struct scope scope = SCOPE("scope", 0, &kid);

    scene("timeout(0 s, K does not wait)");
    scope.after = 1;
    run(0, &scope.coro);
    CHECK_LOG("0 K begins\n" "0 K done\n" "0 scope over: OK, 0 requests\n");
}

static void run_nested(int code, double outer, double inner)
{
    struct kid kid = KID("K", .seconds = 5);
    struct scope in = SCOPE("inner", inner, &kid);
    struct scope out = SCOPE("outer", outer, &in);

    scene("outer timeout(%g s, inner timeout(%g s, K 5 s))", outer, inner);
    run(code, &out.coro);
}

TEST(the_inner_deadline_first_is_the_inner_timeout__TO04)
{
    run_nested(E_TIMEOUT, 2, 1);
    CHECK_LOG("0 K begins\n" "1 K cancelled\n" "1 K cleaned up\n"
              "1 inner over: E_TIMEOUT, expired, 0 requests\n"
              "1 outer over: E_TIMEOUT, 0 requests\n");
}

TEST(the_outer_deadline_first_passes_the_inner_scope__TO04)
{
    run_nested(E_TIMEOUT, 1, 2);
    CHECK_LOG("0 K begins\n" "1 K cancelled\n" "1 K cleaned up\n"
              "1 inner over: E_CANCELLED, 1 requests\n"
              "1 outer over: E_TIMEOUT, expired, 0 requests\n");
}

TEST(both_at_once_belong_to_the_outer__TO04)
{
    run_nested(E_TIMEOUT, 1, 1);
    CHECK_LOG("0 K begins\n" "1 K cancelled\n" "1 K cleaned up\n"
              "1 inner over: E_CANCELLED, expired, 1 requests\n"
              "1 outer over: E_TIMEOUT, expired, 0 requests\n");
}

/* A stranger who cancels a task at a certain time. */
struct stranger {
    struct timer timer;
    struct task *victim;
};

static void cancel_it(struct callback *callback)
{
    say("stranger cancels");
    task_cancel(CONTAINER(callback, struct stranger,
                          timer.callback)->victim);
}

static void stranger_at(struct stranger *stranger, struct loop *loop,
                        struct task *victim, double seconds)
{
    *stranger = (struct stranger){ .victim = victim };
    CHECK_INT(0, timer_start(loop, &stranger->timer, SECONDS(seconds),
                             cancel_it));
}

TEST(somebody_elses_cancellation_stays_one__TO05)
{
    struct kid kid = KID("K", .seconds = 5);
    struct scope scope = SCOPE("scope", 2, &kid);
    struct stranger stranger;
    struct lab lab;

    scene("timeout(2 s, K 5 s); a stranger cancels at 1 s");
    lab_open(&lab);
    stranger_at(&stranger, &lab.loop, &lab.loop.main, 1);
    CHECK_CODE(E_CANCELLED, lab_run(&lab, &scope.coro));
    lab_close(&lab);
    CHECK_LOG("0 K begins\n" "1 stranger cancels\n" "1 K cancelled\n"
              "1 K cleaned up\n" "1 scope over: E_CANCELLED, 1 requests\n");
}

/* main, which starts a scope, with a stranger before or after it in time's
 * order at the same instant. */
struct tie {
    struct coro coro;
    bool stranger_last;
    struct kid kid;
    struct scope scope;
    struct task task;
    struct stranger stranger;
};
ASYNC_DECLARE(tie);

ASYNC(tie)
{
    BEGIN;
    self->scope = SCOPE("scope", 1, &self->kid);
    task_create(task_loop(task), &self->task, "scope", &self->scope.coro);
    if (self->stranger_last)
        YIELD();
    stranger_at(&self->stranger, task_loop(task), &self->task, 1);
    CATCH_AWAIT_FUTURE(&self->task.future);
    say("task %s", error_name(task->outcome));
    END;
}

TEST(expiry_and_a_stranger_at_once_is_a_cancellation__TO06)
{
    struct tie tie = { CORO(tie), .kid = KID("K", .seconds = 5) };

    scene("timeout(1 s, K 5 s); a stranger cancels at 1 s, just before");
    run(0, &tie.coro);
    CHECK_LOG("0 K begins\n" "1 stranger cancels\n" "1 K cancelled\n"
              "1 K cleaned up\n"
              "1 scope over: E_CANCELLED, expired, 1 requests\n"
              "1 task E_CANCELLED\n");
}

TEST(whichever_of_the_two_was_first__TO06)
{
    struct tie tie = { CORO(tie), .stranger_last = true,
                       .kid = KID("K", .seconds = 5) };

    scene("timeout(1 s, K 5 s); a stranger cancels at 1 s, just after");
    run(0, &tie.coro);
    CHECK_LOG("0 K begins\n" "1 stranger cancels\n" "1 K cancelled\n"
              "1 K cleaned up\n"
              "1 scope over: E_CANCELLED, expired, 1 requests\n"
              "1 task E_CANCELLED\n");
}

TEST(a_body_that_swallows_it_is_no_timeout__TO07)
{
    run_scope(0, 1, KID("K", .seconds = 5, .swallows = true));
    CHECK_LOG("0 K begins\n" "1 K cancelled\n" "1 K cleaned up\n"
              "1 K done\n" "1 scope over: OK, expired, 0 requests\n");
}

TEST(an_error_of_its_cleanup_passes__TO07)
{
    run_scope(E_USER, 1, KID("K", .seconds = 5, .raises = E_USER));
    CHECK_LOG("0 K begins\n" "1 K cancelled\n" "1 K cleaned up\n"
              "1 scope over: E_USER, expired, 0 requests\n");
}

/* Asks itself to be cancelled, swallows it or not, then enters a scope. */
struct marked {
    struct coro coro;
    bool delivered;
    struct sleep sleep;
    struct scope scope;
};
ASYNC_DECLARE(marked);

ASYNC(marked)
{
    BEGIN;
    task_cancel(task);
    if (self->delivered) {
        CATCH_AWAIT(sleep, .delay_ns = 0);
        say("swallowed %s", error_name(self->sleep.coro.error));
    }
    CATCH_AWAIT_CORO(&self->scope.coro);
    RERAISE(self->scope.coro.error);
    END;
}

static void run_marked(int code, bool delivered, double seconds)
{
    struct kid kid = KID("K", .seconds = 5);
    struct marked marked = { CORO(marked), .delivered = delivered,
                             .scope = SCOPE("scope", seconds, &kid) };

    scene("a request from before, %s, then timeout(%g s, K 5 s)", delivered
          ? "swallowed" : "not delivered yet", seconds);
    run(code, &marked.coro);
}

TEST(a_request_from_before_does_not_count__TO09)
{
    run_marked(E_TIMEOUT, true, 1);
    CHECK_LOG("0 swallowed E_CANCELLED\n" "0 K begins\n" "1 K cancelled\n"
              "1 K cleaned up\n"
              "1 scope over: E_TIMEOUT, expired, 1 requests\n");
}

TEST(zero_takes_an_undelivered_request_for_its_own__TO10)
{
    run_marked(E_TIMEOUT, false, 0);
    CHECK_LOG("0 K begins\n" "0 K cancelled\n" "0 K cleaned up\n"
              "0 scope over: E_TIMEOUT, expired, 1 requests\n");
}

TEST(with_time_left_an_undelivered_request_stays_one__TO10)
{
    run_marked(E_CANCELLED, false, 1);
    CHECK_LOG("0 K begins\n" "0 K cancelled\n" "0 K cleaned up\n"
              "0 scope over: E_CANCELLED, 1 requests\n");
}

/* Moves the scope's deadline after `after` seconds, to `to`. */
struct mover {
    struct timer timer;
    struct timeout *timeout;
    double to;
};

static void move(struct callback *callback)
{
    struct mover *self = CONTAINER(callback, struct mover, timer.callback);
    struct error error;

    if (timeout_reschedule(self->timeout, SECONDS(self->to), &error) == 0)
        say("moved to %g", self->to);
    else
        say("%s, %s", error_name(error.code), error.text);
}

static void run_moved(int code, double seconds, double after, double to,
                      struct kid kid)
{
    struct scope scope = SCOPE("scope", seconds, &kid);
    struct mover mover = { .timeout = &scope.timeout, .to = to };
    struct lab lab;

    lab_open(&lab);
    scene("timeout %g s, moved at %g s to %g s", seconds, after, to);
    CHECK_INT(0, timer_start(&lab.loop, &mover.timer, SECONDS(after), move));
    CHECK_CODE(code, lab_run(&lab, &scope.coro));
    timer_stop(&lab.loop, &mover.timer);
    lab_close(&lab);
}

TEST(a_deadline_moved_later_strikes_then__TO08)
{
    run_moved(E_TIMEOUT, 2, 1, 4, KID("K", .seconds = 9));
    CHECK_LOG("0 K begins\n" "1 moved to 4\n" "4 K cancelled\n"
              "4 K cleaned up\n"
              "4 scope over: E_TIMEOUT, expired, 0 requests\n");
}

TEST(a_deadline_moved_into_the_past_strikes_now__TO08)
{
    run_moved(E_TIMEOUT, 5, 1, .5, KID("K", .seconds = 9));
    CHECK_LOG("0 K begins\n" "1 moved to 0.5\n" "1 K cancelled\n"
              "1 K cleaned up\n"
              "1 scope over: E_TIMEOUT, expired, 0 requests\n");
}

TEST(a_deadline_moved_away_never_strikes__TO08)
{
    run_moved(0, 2, 1, 9e9, KID("K", .seconds = 3));
    CHECK_LOG("0 K begins\n" "1 moved to 9e+09\n" "3 K done\n"
              "3 scope over: OK, 0 requests\n");
}

TEST(once_time_is_up_the_deadline_stays__TO08)
{
    run_moved(E_TIMEOUT, 1, 1.5, 4, KID("K", .seconds = 9, .goodbye = 1));
    CHECK_LOG("0 K begins\n" "1 K cancelled\n"
              "1.5 E_RUNTIME, timeout: expiring, its deadline stays\n"
              "2 K cleaned up\n"
              "2 scope over: E_TIMEOUT, expired, 0 requests\n");
}

TEST(before_and_after_there_is_no_deadline_to_move__TO08)
{
    struct kid kid = KID("K", .seconds = 1);
    struct scope scope = SCOPE("scope", 2, &kid);
    struct error error;

    scene("timeout(2 s, K 1 s), moved before and after");
    CHECK_CODE(E_RUNTIME, timeout_reschedule(&scope.timeout, 1, &error));
    CHECK_STR("timeout: created, its deadline stays", error.text);
    run(0, &scope.coro);
    CHECK_CODE(E_RUNTIME, timeout_reschedule(&scope.timeout, 1, &error));
    CHECK_STR("timeout: finished, its deadline stays", error.text);
    CHECK_LOG("0 K begins\n" "1 K done\n" "1 scope over: OK, 0 requests\n");
}

/* ---- wait_for. ---- */

/* main: starts a kid, waits for it with a limit, and then for its end. */
struct parent {
    struct coro coro;
    struct limit limit;
    bool starts_first; /* the kid is given a turn before we wait */
    bool settles;      /* ... and is waited for when it is over  */
    struct kid kid;
    struct task task;
    struct wait_for wait_for;
};
ASYNC_DECLARE(parent);

ASYNC(parent)
{
    BEGIN;
    task_create(task_loop(task), &self->task, "kid", &self->kid.coro);
    if (self->starts_first)
        YIELD();
    CATCH_AWAIT(wait_for, .future = &self->task.future,
                .timeout = self->limit);
    say("wait_for %s, value %d, %u", error_name(self->wait_for.coro.error),
        self->kid.value, (unsigned)task->cancelling);
    /* Not one that is done: its words would replace those of wait_for. */
    if (self->settles && !future_done(&self->task.future))
        CATCH_AWAIT_FUTURE(&self->task.future);
    RERAISE(self->wait_for.coro.error);
    END;
}

static void run_wait_for(int code, double seconds, struct kid kid)
{
    struct parent parent = { CORO(parent), .kid = kid,
                             .limit = WITHIN(SECONDS(seconds)) };
    char text[128];

    scene("wait_for(task kid, %g s); %s", seconds, about(&kid, text));
    run(code, &parent.coro);
}

TEST(wait_for_gives_the_result_in_time__WF01)
{
    run_wait_for(0, 2, KID("K", .seconds = 1));
    CHECK_LOG("0 K begins\n" "1 K done\n" "1 wait_for OK, value 42, 0\n");
}

TEST(wait_for_raises_the_error_in_time__WF01)
{
    struct parent parent = { CORO(parent), .limit = WITHIN(SECONDS(2)),
        .kid = KID("K", .seconds = 1, .fails = E_USER) };
    struct lab lab;

    scene("wait_for(task kid, 2 s); K 1 s, then fails");
    lab_open(&lab);
    CHECK_CODE(E_USER, lab_run(&lab, &parent.coro));
    CHECK_STR("K failed", lab.loop.main.error.text);
    lab_close(&lab);
}

TEST(wait_for_in_time_stops_its_timer__WF01)
{
    struct parent parent = { CORO(parent), .kid = KID("K", .seconds = 1),
                             .limit = WITHIN(SECONDS(1000)) };
    struct lab lab;

    scene("wait_for(task kid, 1000 s); K 1 s");
    lab_open(&lab);
    CHECK_CODE(0, lab_run(&lab, &parent.coro));
    CHECK_INT(0, lab.loop.timers.count);
    lab_close(&lab);
}

TEST(wait_for_waits_for_a_slow_cleanup__WF02)
{
    run_wait_for(E_TIMEOUT, 1, KID("K", .seconds = 5, .goodbye = 3));
    CHECK_LOG("0 K begins\n" "1 K cancelled\n" "4 K cleaned up\n"
              "4 wait_for E_TIMEOUT, value 0, 0\n");
}

TEST(a_late_result_beats_the_timeout__WF03)
{
    run_wait_for(0, 1, KID("K", .seconds = 5, .goodbye = 1,
                           .swallows = true));
    CHECK_LOG("0 K begins\n" "1 K cancelled\n" "2 K cleaned up\n"
              "2 K done\n" "2 wait_for OK, value 42, 0\n");
}

TEST(a_late_error_beats_the_timeout__WF04)
{
    run_wait_for(E_USER, 1, KID("K", .seconds = 5, .raises = E_USER));
    CHECK_LOG("0 K begins\n" "1 K cancelled\n" "1 K cleaned up\n"
              "1 wait_for E_USER, value 0, 0\n");
}

TEST(cancelling_the_caller_cancels_and_awaits_the_task__WF05)
{
    /* Time is up during the goodbye: that must not cut it short. */
    struct parent parent = { CORO(parent), .limit = WITHIN(SECONDS(2)),
        .kid = KID("K", .seconds = 5, .goodbye = 2) };
    struct stranger stranger;
    struct lab lab;

    scene("wait_for(task kid, 2 s); K 5 s, goodbye 2 s; a stranger cancels "
          "the caller at 1 s");
    lab_open(&lab);
    stranger_at(&stranger, &lab.loop, &lab.loop.main, 1);
    CHECK_CODE(E_CANCELLED, lab_run(&lab, &parent.coro));
    lab_close(&lab);
    CHECK_LOG("0 K begins\n" "1 stranger cancels\n" "1 K cancelled\n"
              "3 K cleaned up\n" "3 wait_for E_CANCELLED, value 0, 1\n");
}

TEST(a_cancelled_caller_gets_no_late_result__WF05)
{
    struct parent parent = { CORO(parent), .limit = WITHIN(SECONDS(9)),
        .kid = KID("K", .seconds = 5, .swallows = true) };
    struct stranger stranger;
    struct lab lab;

    scene("wait_for(task kid, 9 s); K 5 s, swallows a cancellation; a "
          "stranger cancels the caller at 1 s");
    lab_open(&lab);
    stranger_at(&stranger, &lab.loop, &lab.loop.main, 1);
    CHECK_CODE(E_CANCELLED, lab_run(&lab, &parent.coro));
    lab_close(&lab);
    CHECK_LOG("0 K begins\n" "1 stranger cancels\n" "1 K cancelled\n"
              "1 K cleaned up\n" "1 K done\n"
              "1 wait_for E_CANCELLED, value 42, 1\n");
}

/* Cancels main at the very end of the kid: main has not been told yet. */
struct witness {
    struct loop_hook hook;
    const struct task *watched;
};

static void cancel_at_its_end(struct loop_hook *hook, struct loop *loop,
                              const struct loop_event *event)
{
    if (event->kind == EVENT_TASK_DONE
        && event->task == CONTAINER(hook, struct witness, hook)->watched)
        task_cancel(&loop->main);
}

TEST(a_cancellation_that_meets_a_done_task_is_lost__WF06)
{
    struct parent parent = { CORO(parent), .limit = WITHIN(SECONDS(9)),
                             .kid = KID("K", .seconds = 1) };
    struct witness witness = { { cancel_at_its_end }, &parent.task };
    struct lab lab;

    scene("wait_for(task kid, 9 s); K 1 s; the caller is cancelled as K ends");
    lab_open(&lab);
    lab.loop.hook = &witness.hook;
    CHECK_CODE(0, lab_run(&lab, &parent.coro));
    lab_close(&lab);
    CHECK_LOG("0 K begins\n" "1 K done\n" "1 wait_for OK, value 42, 1\n");
}

TEST(a_limit_of_zero_never_starts_the_task__WF07)
{
    run_wait_for(E_TIMEOUT, 0, KID("K", .seconds = 1));
    CHECK_LOG("0 wait_for E_TIMEOUT, value 0, 0\n");
    run_wait_for(E_TIMEOUT, -1, KID("K", .seconds = 1));
    CHECK_LOG("0 wait_for E_TIMEOUT, value 0, 0\n");
}

TEST(a_limit_of_zero_gives_a_done_task_its_result__WF07)
{
    struct parent parent = { CORO(parent), .limit = WITHIN(0),
        .starts_first = true, .kid = KID("K", .seconds = 0) };

    scene("wait_for(task kid, 0 s); K is done already");
    run(0, &parent.coro);
    CHECK_LOG("0 K begins\n" "0 K done\n" "0 wait_for OK, value 42, 0\n");
}

TEST(a_limit_of_zero_waits_for_the_cleanup_too__WF07)
{
    struct parent parent = { CORO(parent), .limit = WITHIN(0),
        .starts_first = true,
        .kid = KID("K", .seconds = 1, .goodbye = 2) };

    scene("wait_for(task kid, 0 s); K 1 s, goodbye 2 s, has begun");
    run(E_TIMEOUT, &parent.coro);
    CHECK_LOG("0 K begins\n" "0 K cancelled\n" "2 K cleaned up\n"
              "2 wait_for E_TIMEOUT, value 0, 0\n");
}

TEST(without_a_limit_it_is_an_await__WF08)
{
    struct parent parent = { CORO(parent), .kid = KID("K", .seconds = 9) };
    struct lab lab;

    scene("wait_for(task kid); K 9 s");
    lab_open(&lab);
    CHECK_CODE(0, lab_run(&lab, &parent.coro));
    lab_close(&lab);
    CHECK_LOG("0 K begins\n" "9 K done\n" "9 wait_for OK, value 42, 0\n");
}

TEST(a_task_cancelled_by_a_third_party_is_no_timeout__WF10)
{
    struct parent parent = { CORO(parent), .limit = WITHIN(SECONDS(9)),
                             .kid = KID("K", .seconds = 5) };
    struct stranger stranger;
    struct lab lab;

    scene("wait_for(task kid, 9 s); K 5 s; a stranger cancels K at 1 s");
    lab_open(&lab);
    stranger_at(&stranger, &lab.loop, &parent.task, 1);
    CHECK_CODE(E_CANCELLED, lab_run(&lab, &parent.coro));
    lab_close(&lab);
    CHECK_LOG("0 K begins\n" "1 stranger cancels\n" "1 K cancelled\n"
              "1 K cleaned up\n" "1 wait_for E_CANCELLED, value 0, 0\n");
}

TEST(a_second_cancellation_does_not_wait_for_the_cleanup__WF11)
{
    struct parent parent = { CORO(parent), .limit = WITHIN(SECONDS(1)),
        .settles = true, .kid = KID("K", .seconds = 5, .goodbye = 3) };
    struct stranger stranger;
    struct lab lab;

    scene("wait_for(task kid, 1 s); K 5 s, goodbye 3 s; a stranger cancels "
          "the caller at 2 s");
    lab_open(&lab);
    stranger_at(&stranger, &lab.loop, &lab.loop.main, 2);
    CHECK_CODE(E_CANCELLED, lab_run(&lab, &parent.coro));
    lab_close(&lab);
    CHECK_LOG("0 K begins\n" "1 K cancelled\n" "2 stranger cancels\n"
              "2 wait_for E_CANCELLED, value 0, 1\n" "4 K cleaned up\n");
}

TEST(at_the_same_instant_an_older_sleep_wins__WF12)
{
    struct parent parent = { CORO(parent), .limit = WITHIN(SECONDS(1)),
        .starts_first = true, .kid = KID("K", .seconds = 1) };

    scene("wait_for(task kid, 1 s); K 1 s, begun before");
    run(0, &parent.coro);
    CHECK_LOG("0 K begins\n" "1 K done\n" "1 wait_for OK, value 42, 0\n");
}

TEST(at_the_same_instant_an_older_limit_wins__WF12)
{
    run_wait_for(E_TIMEOUT, 1, KID("K", .seconds = 1));
    CHECK_LOG("0 K begins\n" "1 K cancelled\n" "1 K cleaned up\n"
              "1 wait_for E_TIMEOUT, value 0, 0\n");
}

/* ---- A request's limits. ---- */

/* What a peer sends, each piece `after` seconds after the one before. */
struct piece {
    double after;
    const char *text;
};

/* Accepts once, reads the request, sends its script (ended by a NULL text),
 * and says when the client hangs up. */
struct peer {
    struct coro coro;
    const struct piece *script;
    struct open_socket listener, connection;
    struct cleanup closing, hanging_up;
    char url[8 + ADDRESS_TEXT];
    size_t i;
    char bytes[1024];
    struct task task;
    struct sleep sleep;
    union {
        struct sock_accept sock_accept;
        struct sock_recv sock_recv;
        struct sock_sendall sock_sendall;
    };
};
ASYNC_DECLARE(peer);

ASYNC(peer)
{
    BEGIN;
    DEFER(&self->closing, close_socket, &self->listener);
    AWAIT(sock_accept, .listener = self->listener.fd);
    self->connection = (struct open_socket){ task_loop(task),
                                             self->sock_accept.fd };
    DEFER(&self->hanging_up, close_socket, &self->connection);
    AWAIT(sock_recv, .fd = self->connection.fd, .buffer = self->bytes,
          .size = sizeof self->bytes);
    for (; self->script[self->i].text != NULL; self->i++) {
        if (self->script[self->i].after > 0)
            AWAIT(sleep, .delay_ns = SECONDS(self->script[self->i].after));
        TRY_AWAIT(sock_sendall, .fd = self->connection.fd,
                  .data = self->script[self->i].text,
                  .size = strlen(self->script[self->i].text));
    }
    TRY_AWAIT(sock_recv, .fd = self->connection.fd, .buffer = self->bytes,
              .size = sizeof self->bytes);
    say("peer: hung up");
    END;
}

static void peer_start(struct peer *peer, struct loop *loop,
                       const struct piece *script)
{
    struct address address;
    struct error error;

    *peer = (struct peer){ CORO(peer), .script = script,
                           .listener = { loop, -1 } };
    CHECK_INT(0, address_parse(&address, "127.0.0.1", 0, &error));
    CHECK_INT(0, net_listen(loop, &address, 8, &peer->listener.fd, &error));
    strcpy(peer->url, "http://");
    address_text(&address, peer->url + 7);
    strcat(peer->url, "/");
    task_create(loop, &peer->task, "peer", &peer->coro);
}

/* Somebody who has one place of the pool, for a while. */
struct holder {
    struct coro coro;
    struct session *session;
    double seconds;
    struct cleanup releasing;
    struct acquire acquire;
    struct sleep sleep;
    struct task task;
};
ASYNC_DECLARE(holder);

static void give_back(void *pooled)
{
    session_release(pooled, false);
}

ASYNC(holder)
{
    BEGIN;
    AWAIT(acquire, .session = self->session);
    DEFER(&self->releasing, give_back, self->acquire.pooled);
    AWAIT(sleep, .delay_ns = SECONDS(self->seconds));
    END;
}

/* main: one request in a pool of one, held by another for `held` seconds,
 * and the body to its end; says how each ended. */
struct client {
    struct coro coro;
    const char *url;
    double held, dawdles; /* dawdles: before it reads the body */
    struct client_timeout limits;
    const struct client_timeout *instead;
    struct session session;
    struct cleanup shutting;
    struct holder holder;
    struct cleanup closing;
    int code;
    struct sleep sleep;
    struct timed_request timed_request;
    struct timed_read timed_read;
};
ASYNC_DECLARE(client);

/* Without the URL, whose port is the kernel's choice. */
static void say_error(const char *what, const struct error *error)
{
    const char *end = strstr(error->text, "http://");

    say("%s %s, %.*s", what, error_name(error->code),
        end != NULL ? (int)(end - error->text) : (int)sizeof error->text,
        error->text);
    CHECK(error_is_timeout(error->code));
}

static void check_pool(void *client)
{
    struct client *self = client;

    CHECK_INT(self->held > 0 && !future_done(&self->holder.task.future),
              self->session.in_use);
    CHECK(list_empty(&self->session.waiters));
    say(list_empty(&self->session.idle) ? "closed" : "kept");
    session_shut(&self->session);
}

static void client_begin(struct client *self, struct loop *loop)
{
    struct session_options options = SESSION_DEFAULTS;

    options.limit = 1;
    session_open(&self->session, loop, options);
    if (self->held <= 0)
        return;
    self->holder = (struct holder){ CORO(holder), .seconds = self->held,
                                    .session = &self->session };
    task_create(loop, &self->holder.task, "holder", &self->holder.coro);
}

ASYNC(client)
{
    BEGIN;
    client_begin(self, task_loop(task));
    DEFER(&self->shutting, check_pool, self);
    if (self->held > 0)
        AWAIT(sleep, .delay_ns = 0);
    TRY_AWAIT(timed_request, .limits = self->limits,
              .instead = self->instead,
              .request = { .session = &self->session, .url = self->url });
    self->code = self->timed_request.coro.error;
    if (self->code != 0) {
        say_error("request", &task->error);
        RERAISE(self->code);
    }
    say("status %d", self->timed_request.request.response.status);
    DEFER(&self->closing, response_close,
          &self->timed_request.request.response);
    if (self->dawdles > 0)
        AWAIT(sleep, .delay_ns = SECONDS(self->dawdles));
    do {
        TRY_AWAIT(timed_read, .from = &self->timed_request);
        self->code = self->timed_read.coro.error;
        if (self->code != 0) {
            say_error("read", &task->error);
            RERAISE(self->code);
        }
        say("read %zu", self->timed_read.piece.len);
    } while (self->timed_read.piece.len > 0);
    END;
}

static const struct piece silence[] = { { 0, NULL } };

/* Against a peer with a script. */
static void run_client(int code, const struct piece *script, double held,
                       struct client_timeout limits,
                       const struct client_timeout *instead)
{
    struct client client = { CORO(client), .held = held, .limits = limits,
                             .instead = instead };
    struct peer peer;
    struct lab lab;

    scene("a request to a peer; the pool's one place is held for %g s", held);
    lab_open(&lab);
    peer_start(&peer, &lab.loop, script);
    client.url = peer.url;
    CHECK_CODE(code, lab_run(&lab, &client.coro));
    lab_close(&lab);
}

#define LIMITS(...) (struct client_timeout){ __VA_ARGS__ }

static const struct piece whole[] = {
    { 2, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" "abcd" }, { 0, NULL }
};
static const struct piece half[] = {
    { .6, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" }, { .1, "ab" },
    { 9, "cd" }, { 0, NULL }
};

TEST(total_covers_the_wait_for_the_head__H11)
{
    run_client(E_TIMEOUT, whole, 0, LIMITS(.total = SECONDS(1)), NULL);
    CHECK_LOG("1 request E_TIMEOUT, total timeout while "
              "reading the response head\n"
              "1 closed\n");
}

TEST(total_covers_the_body_from_the_requests_begin__H11)
{
    run_client(E_TIMEOUT, half, 0, LIMITS(.total = SECONDS(1)), NULL);
    CHECK_LOG("0.6 status 200\n" "0.7 read 2\n"
              "1 read E_TIMEOUT, total timeout while reading the body\n"
              "1 closed\n");
}

TEST(total_covers_the_wait_for_a_place__H11)
{
    run_client(E_TIMEOUT, silence, 3, LIMITS(.total = SECONDS(1)), NULL);
    CHECK_LOG("1 request E_TIMEOUT, total timeout while waiting for a "
              "connection\n" "1 closed\n");
}

TEST(within_total_a_request_is_a_request__H11)
{
    run_client(0, whole, 0, LIMITS(.total = SECONDS(3)), NULL);
    CHECK_LOG("2 status 200\n" "2 read 4\n" "2 read 0\n" "2 kept\n"
              "2 peer: hung up\n");
}

TEST(after_total_a_read_gives_what_is_there_and_does_not_wait__H11)
{
    struct client client = { CORO(client), .dawdles = 2,
                             .limits = LIMITS(.total = SECONDS(1)) };
    struct peer peer;
    struct lab lab;

    scene("a request with a total of 1 s; the client dawdles for 2 s");
    lab_open(&lab);
    peer_start(&peer, &lab.loop, half);
    client.url = peer.url;
    CHECK_CODE(E_TIMEOUT, lab_run(&lab, &client.coro));
    lab_close(&lab);
    CHECK_LOG("0.6 status 200\n" "2.6 read 2\n"
              "2.6 read E_TIMEOUT, total timeout while reading the body\n"
              "2.6 closed\n");
}

TEST(connect_counts_the_wait_for_a_place__H12)
{
    run_client(E_SERVER_TIMEOUT, silence, 3,
               LIMITS(.connect = SECONDS(1)), NULL);
    CHECK_LOG("1 request E_SERVER_TIMEOUT, Connection timeout to host \n"
              "1 closed\n");
}

TEST(connect_is_over_once_connected__H12)
{
    run_client(0, whole, .5, LIMITS(.connect = SECONDS(1)), NULL);
    CHECK_LOG("2.5 status 200\n" "2.5 read 4\n" "2.5 read 0\n" "2.5 kept\n"
              "2.5 peer: hung up\n");
}

/* A connect that stays in progress: in its place stands a socket whose
 * buffer is full, so that it never becomes writable. */
static int stuffed[2];

static int connect_for_ever(int fd, const struct sockaddr *address,
                            socklen_t length)
{
    (void)address;
    (void)length;
    CHECK(dup2(stuffed[0], fd) == fd);
    errno = EINPROGRESS;
    return -1;
}

static void run_stuck(int code, double held, struct client_timeout limits)
{
    struct client client = { CORO(client), .held = held, .limits = limits,
                             .url = "http://127.0.0.1:9/" };
    struct sys sys = sys_real;
    struct lab lab;
    char bytes[4096] = "";

    scene("a request whose connect never ends");
    socket_pair(stuffed);
    while (send(stuffed[0], bytes, sizeof bytes, MSG_NOSIGNAL) > 0)
        ;
    sys.connect = connect_for_ever;
    lab_open_with(&lab, (struct loop_options){ .virtual_time = true,
                                               .sys = &sys });
    CHECK_CODE(code, lab_run(&lab, &client.coro));
    lab_close(&lab);
    close(stuffed[0]);
    close(stuffed[1]);
}

TEST(total_covers_connecting__H11)
{
    run_stuck(E_TIMEOUT, 0, LIMITS(.total = SECONDS(1)));
    CHECK_LOG("1 request E_TIMEOUT, total timeout while connecting\n"
              "1 closed\n");
}

TEST(connect_counts_connecting__H12)
{
    run_stuck(E_SERVER_TIMEOUT, .3, LIMITS(.connect = SECONDS(1)));
    CHECK_LOG("1 request E_SERVER_TIMEOUT, Connection timeout to host \n"
              "1 closed\n");
}

TEST(sock_connect_is_connecting_alone__H13)
{
    run_stuck(E_SERVER_TIMEOUT, .5, LIMITS(.sock_connect = SECONDS(1)));
    CHECK_LOG("1.5 request E_SERVER_TIMEOUT, Connection timeout to host \n"
              "1.5 closed\n");
}

TEST(sock_connect_does_not_count_the_wait_for_a_place__H13)
{
    run_client(0, whole, .5, LIMITS(.sock_connect = SECONDS(.1)), NULL);
    CHECK_LOG("2.5 status 200\n" "2.5 read 4\n" "2.5 read 0\n" "2.5 kept\n"
              "2.5 peer: hung up\n");
}

TEST(whichever_limit_is_first_gives_its_name__H12)
{
    run_stuck(E_TIMEOUT, 0, LIMITS(.total = SECONDS(1),
        .connect = SECONDS(2), .sock_connect = SECONDS(3)));
    CHECK_LOG("1 request E_TIMEOUT, total timeout while connecting\n"
              "1 closed\n");
    run_stuck(E_SERVER_TIMEOUT, 0, LIMITS(.total = SECONDS(2),
        .connect = SECONDS(3), .sock_connect = SECONDS(1)));
    CHECK_LOG("1 request E_SERVER_TIMEOUT, Connection timeout to host \n"
              "1 closed\n");
}

TEST(sock_read_is_the_longest_silence_before_the_head__H14)
{
    run_client(E_SERVER_TIMEOUT, whole, 0,
               LIMITS(.sock_read = SECONDS(1)), NULL);
    CHECK_LOG("1 request E_SERVER_TIMEOUT, Timeout on reading data from "
              "socket\n" "1 closed\n");
}

TEST(sock_read_is_the_longest_silence_in_the_body__H14)
{
    run_client(E_SERVER_TIMEOUT, half, 0,
               LIMITS(.sock_read = SECONDS(1)), NULL);
    CHECK_LOG("0.6 status 200\n" "0.7 read 2\n"
              "1.7 read E_SERVER_TIMEOUT, Timeout on reading data from "
              "socket\n" "1.7 closed\n");
}

TEST(every_byte_starts_sock_read_anew__H14)
{
    static const struct piece drip[] = {
        { .8, "HTTP/1.1 200" }, { .8, " OK\r\nContent-Length: 4\r\n" },
        { .8, "\r\n" }, { .8, "ab" }, { .8, "cd" }, { 0, NULL }
    };

    run_client(0, drip, 0, LIMITS(.sock_read = SECONDS(1)), NULL);
    CHECK_LOG("2.4 status 200\n" "3.2 read 2\n" "4 read 2\n" "4 read 0\n"
              "4 kept\n" "4 peer: hung up\n");
}

TEST(a_drip_does_not_start_total_anew__H11)
{
    static const struct piece drip[] = {
        { .8, "HTTP/1.1 200" }, { .8, " OK\r\nContent-Length: 4\r\n" },
        { .8, "\r\n" }, { .8, "ab" }, { .8, "cd" }, { 0, NULL }
    };

    run_client(E_TIMEOUT, drip, 0, LIMITS(.total = SECONDS(3),
                                          .sock_read = SECONDS(1)), NULL);
    CHECK_LOG("2.4 status 200\n"
              "3 read E_TIMEOUT, total timeout while reading the body\n"
              "3 closed\n");
}

TEST(a_requests_limits_replace_the_sessions_as_a_whole__H15)
{
    const struct client_timeout own = LIMITS(.total = SECONDS(5));

    run_client(0, whole, .5, LIMITS(.connect = SECONDS(.1)), &own);
    CHECK_LOG("2.5 status 200\n" "2.5 read 4\n" "2.5 read 0\n" "2.5 kept\n"
              "2.5 peer: hung up\n");
}

TEST(and_so_may_be_shorter__H15)
{
    const struct client_timeout own = LIMITS(.total = SECONDS(1));

    run_client(E_TIMEOUT, whole, 0, CLIENT_TIMEOUT_DEFAULT, &own);
    CHECK_LOG("1 request E_TIMEOUT, total timeout while "
              "reading the response head\n"
              "1 closed\n");
}

TEST(zero_is_no_limit__H16)
{
    const struct client_timeout own = LIMITS(.total = 0);

    run_client(0, whole, 0, LIMITS(.total = SECONDS(1)), &own);
    CHECK_LOG("2 status 200\n" "2 read 4\n" "2 read 0\n" "2 kept\n"
              "2 peer: hung up\n");
}

/* A request that begins at 0.3 s. */
struct late_start {
    struct coro coro;
    struct sleep sleep;
    struct client client;
};
ASYNC_DECLARE(late_start);

ASYNC(late_start)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = SECONDS(.3));
    AWAIT_CORO(&self->client.coro);
    END;
}

static void run_late(double held, struct client_timeout limits)
{
    struct late_start late = { CORO(late_start), .client = { CORO(client),
        .held = held, .limits = limits } };
    struct peer peer;
    struct lab lab;

    lab_open(&lab);
    scene("a request from 0.3 s on to a peer that says nothing");
    peer_start(&peer, &lab.loop, silence);
    late.client.url = peer.url;
    lab_run(&lab, &late.coro);
    CHECK(error_is_timeout(late.client.code));
    lab_close(&lab);
}

TEST(total_from_5_s_on_ends_at_a_whole_second__H17)
{
    run_late(0, LIMITS(.total = SECONDS(5)));
    CHECK_LOG("6 request E_TIMEOUT, total timeout while "
              "reading the response head\n"
              "6 closed\n" "6 peer: hung up\n");
    run_late(0, LIMITS(.total = SECONDS(4.9)));
    CHECK_LOG("5.2 request E_TIMEOUT, total timeout while "
              "reading the response head\n"
              "5.2 closed\n" "5.2 peer: hung up\n");
    run_late(0, LIMITS(.total = SECONDS(5.7)));
    CHECK_LOG("6 request E_TIMEOUT, total timeout while "
              "reading the response head\n"
              "6 closed\n" "6 peer: hung up\n");
}

TEST(connect_over_5_s_ends_at_a_whole_second__H17)
{
    run_late(9, LIMITS(.connect = SECONDS(5.1)));
    CHECK_LOG("6 request E_SERVER_TIMEOUT, Connection timeout to host \n"
              "6 closed\n");
    run_late(9, LIMITS(.connect = SECONDS(5)));
    CHECK_LOG("5.3 request E_SERVER_TIMEOUT, Connection timeout to host \n"
              "5.3 closed\n");
}

TEST(sock_connect_over_5_s_ends_at_a_whole_second__H17)
{
    run_stuck(E_SERVER_TIMEOUT, .5, LIMITS(.sock_connect = SECONDS(5.1)));
    CHECK_LOG("6 request E_SERVER_TIMEOUT, Connection timeout to host \n"
              "6 closed\n");
}

TEST(sock_read_is_never_rounded__H17)
{
    run_late(0, LIMITS(.sock_read = SECONDS(6.5)));
    CHECK_LOG("6.8 request E_SERVER_TIMEOUT, Timeout on reading data from "
              "socket\n" "6.8 closed\n" "6.8 peer: hung up\n");
}

TEST(both_kinds_are_timeouts_and_others_are_not__H18)
{
    CHECK(error_is_timeout(E_TIMEOUT));
    CHECK(error_is_timeout(E_SERVER_TIMEOUT));
    CHECK(!error_is_timeout(E_CANCELLED));
    CHECK(!error_is_timeout(ETIMEDOUT));
    CHECK(!error_is_timeout(ECONNREFUSED));
    CHECK(!error_is_timeout(0));
}

TEST(what_the_origin_says_late_is_too_late__H11)
{
    struct client client = { CORO(client),
                             .limits = LIMITS(.total = SECONDS(.01)) };
    struct origin origin;
    struct error error;
    struct lab lab;
    char url[64];

    scene("a request with a total of 0.01 s to an origin that takes 0.5 s");
    lab_open(&lab);
    memset(&origin, 0, sizeof origin);
    CHECK_INT(0, origin_start(&origin, &lab.loop, "127.0.0.1", 0, &error));
    snprintf(url, sizeof url, "http://127.0.0.1:%u/delay/0.5", origin.port);
    client.url = url;
    CHECK_CODE(E_TIMEOUT, lab_run(&lab, &client.coro));
    lab_close(&lab);
    CHECK_LOG("0.01 request E_TIMEOUT, total timeout while "
              "reading the response head\n"
              "0.01 closed\n");
}

/* ---- Cancel, everywhere. ---- */

/* Runs main, struck at its k-th suspension; false if it has not so many. */
static bool cancel_at(int k, int otherwise, struct lab *lab,
                      struct coro *main)
{
    struct assassin assassin;
    int code;

    assassin_hire(&assassin, &lab->loop, &lab->loop.main, k);
    code = lab_run(lab, main);
    CHECK_CODE(assassin.struck ? E_CANCELLED : otherwise, code);
    CHECK_INT(0, lab->loop.timers.count);
    lab_close(lab);
    return assassin.struck;
}

static bool cancel_scope_at(int k)
{
    struct kid kid = KID("K", .seconds = 5, .goodbye = 1);
    struct scope scope = SCOPE("scope", 2, &kid);
    struct lab lab;

    scene("timeout(2 s, K 5 s, goodbye 1 s), cancelled in wait number %d", k);
    lab_open(&lab);
    return cancel_at(k, E_TIMEOUT, &lab, &scope.coro);
}

TEST(cancel_at_every_suspension)
{
    CHECK(cancel_scope_at(1));
    CHECK_LOG("0 K begins\n" "0 K cancelled\n" "1 K cleaned up\n"
              "1 scope over: E_CANCELLED, 1 requests\n");
    /* In the goodbye after our own timeout. */
    CHECK(cancel_scope_at(2));
    CHECK_LOG("0 K begins\n" "2 K cancelled\n"
              "2 scope over: E_CANCELLED, expired, 1 requests\n");
    CHECK(!cancel_scope_at(3));
    CHECK_LOG("0 K begins\n" "2 K cancelled\n" "3 K cleaned up\n"
              "3 scope over: E_TIMEOUT, expired, 0 requests\n");
}

static bool cancel_wait_for_at(int k)
{
    struct parent parent = { CORO(parent), .limit = WITHIN(SECONDS(2)),
        .settles = true, .kid = KID("K", .seconds = 5, .goodbye = 1) };
    struct lab lab;

    scene("wait_for(task kid, 2 s); K 5 s, goodbye 1 s; cancelled in wait "
          "number %d", k);
    lab_open(&lab);
    return cancel_at(k, E_TIMEOUT, &lab, &parent.coro);
}

TEST(cancel_wait_for_at_every_suspension)
{
    CHECK(cancel_wait_for_at(1));
    CHECK_LOG("0 K begins\n" "0 K cancelled\n" "1 K cleaned up\n"
              "1 wait_for E_CANCELLED, value 0, 1\n");
    CHECK(cancel_wait_for_at(2));
    CHECK_LOG("0 K begins\n" "2 K cancelled\n"
              "2 wait_for E_CANCELLED, value 0, 1\n" "3 K cleaned up\n");
    CHECK(!cancel_wait_for_at(3));
    CHECK_LOG("0 K begins\n" "2 K cancelled\n" "3 K cleaned up\n"
              "3 wait_for E_TIMEOUT, value 0, 0\n");
}

static bool cancel_request_at(int k)
{
    static const struct piece slow[] = {
        { 1, "HTTP/1.1 200 OK\r\n" }, { 1, "Content-Length: 4\r\n\r\n" },
        { 1, "ab" }, { 1, "cd" }, { 0, NULL }
    };
    struct client client = { CORO(client), .held = .5,
        .limits = LIMITS(.total = SECONDS(90), .connect = SECONDS(80),
                         .sock_connect = SECONDS(70),
                         .sock_read = SECONDS(60)) };
    struct peer peer;
    struct lab lab;

    scene("a request with four limits, cancelled in wait number %d", k);
    lab_open(&lab);
    peer_start(&peer, &lab.loop, slow);
    client.url = peer.url;
    return cancel_at(k, 0, &lab, &client.coro);
}

TEST(cancel_a_request_at_every_suspension__H10)
{
    int k = 1;

    while (cancel_request_at(k))
        k++;
    /* A yield, a place, the head in two, the body in two; connecting may
     * add one. */
    CHECK(k > 6);
}

/* ---- Why. ---- */

static const struct cause causes[] = {
    { NULL, { "inside a switch" },
      "an AWAIT stands inside a switch of its own: AWAIT is a `case` of the "
      "body's switch, so write if/else around it", NULL },
    { NULL, { "awaited again after it had ended" },
      "the body is awaited a second time: how it ended is in "
      "self->body->error, and RERAISE passes that on", NULL },
    { NULL, { "heap-use-after-free" },
      "the scope is over and its timer still runs: stop it, whatever the "
      "body did", "row \"who frees\"" },
    { NULL, { "null pointer of type 'struct task'" },
      "in a timer's callback no task runs, so there is no current one: the "
      "task to cancel is self->task, kept at our entry",
      "row \"on time out\"" },
    { NULL, { "again and again" },
      "the scope asks again and again if the body is done: await it, and "
      "let the timer's cancellation end the await", NULL },
    { NULL, { "deadlock: " },
      "the scope awaits what nobody will complete: the only thing to wait "
      "for is the body, and the timer ends that by task_cancel",
      "row \"on time out\"" },
    { "in_time_nothing*", { "E_CANCELLED" },
      "the timer runs on when the scope is over, and cancels somebody who "
      "has nothing to do with it: stop it, whatever the body did",
      "row \"who frees\"" },
    { "in_time_nothing*", { "E_TIMEOUT" },
      "a body that is done in time is told that its time was up: ask first "
      "if it has ended by a cancellation", "row \"result\"" },
    { "in_time*", { "timers left" },
      "an error of the body leaves past the timer_stop: CATCH_AWAIT_CORO "
      "the body, and be there however it ends", "row \"who frees\"" },
    { NULL, { "timers left" },
      "the scope is over and its timer still runs: stop it, whatever the "
      "body did", "row \"who frees\"" },
    { "in_time_an_error*", { "OK (0)" },
      "the error of the body is caught and never passed on: RERAISE "
      "self->body->error", "row \"on error\"" },
    { "when_time*", { "K done" },
      "nobody cancels the body when its time is up: the timer, which runs "
      "until the body has ended, calls task_cancel on the task that we run "
      "in", "row \"on time out\"" },
    { "when_time*", { "expired, 1 request" },
      "the timer's request is never taken back, or is made more than once: "
      "task_uncancel it when the body has ended, however (TRY_AWAIT_CORO lets "
      "a cancellation past you), or the task counts as cancelled for ever",
      "row \"on time out\"" },
    { "when_time*", { "over: E_TIMEOUT", "outcome is E_CANCELLED" },
      "the code is E_TIMEOUT and the words are the cancellation's: RAISE "
      "gives both, RERAISE passes on those that are there",
      "row \"on time out\"" },
    { "when_time*", { "over: E_CANCELLED, expired" },
      "our time was up, and the cancellation goes up as it came: if "
      "task_uncancel gives self->base or less, it was ours alone, and "
      "becomes E_TIMEOUT", "row \"on time out\"" },
    { "when_time*", { "outcome is OK (0)" },
      "the cancellation that came out of the body is lost: it was ours, so "
      "it becomes E_TIMEOUT", "row \"on time out\"" },
    { "when_time*", { "E_CANCELLED" },
      "nobody knows any more that the cancellation was ours: the timer's "
      "callback sets self->expired", "row \"on time out\"" },
    { "when_time*", { "outcome is" },
      "it ends with another error than the contract's: E_TIMEOUT",
      "row \"on time out\"" },
    { "in_time_nothing*", { "expected     0 s  K begins" },
      "nobody runs the body: CATCH_AWAIT_CORO(self->body)", "row \"input\"" },
    { "in_a_task*", { NULL },
      "another task is cancelled than the one that the scope runs in: that "
      "is self->task, kept at our entry", "row \"on time out\"" },
    { "the_words*", { NULL },
      "the words are other than those of the contract: \"timeout: not done "
      "within %.3f s\", in seconds", "row \"on time out\"" },
    { "somebody_elses*", { "E_TIMEOUT" },
      "every cancellation is taken for our own timeout, and nobody can "
      "cancel us any more: ask first if our time was up at all",
      "row \"on cancel\"" },
    { "somebody_elses*", { "0 requests" },
      "somebody else's request is taken back: task_uncancel only if our "
      "time was up", "row \"on cancel\"" },
    { "somebody_elses*", { "OK (0)" },
      "somebody else's cancellation is swallowed, and nobody can cancel us "
      "any more: what is not ours goes on as it came", "row \"on cancel\"" },
    { "expiry_and*", { NULL },
      "another request is overlooked when our time is up as well: "
      "task_uncancel ours when the body has ended, once, and compare what "
      "it gives with self->base, kept since our entry",
      "row \"on cancel\"" },
    { "whichever*", { NULL },
      "another request is overlooked when our time is up as well: compare "
      "what task_uncancel gives with self->base, kept since our entry",
      "row \"on cancel\"" },
    { "both_at_once*", { NULL },
      "another request is overlooked when our time is up as well: compare "
      "what task_uncancel gives with self->base, kept since our entry",
      "row \"on cancel\"" },
    { "a_body_that_swallows*", { "E_TIMEOUT" },
      "the body has ended well, after all, and its result is thrown away: "
      "only a cancellation that comes out of it becomes E_TIMEOUT",
      "row \"result\"" },
    { "an_error_of_its*", { "E_TIMEOUT" },
      "the error of the body's cleanup is thrown away: only a cancellation "
      "that comes out of it becomes E_TIMEOUT", "row \"on error\"" },
    { "a_body_that_swallows*", { "over: OK, 1 request" },
      "that time was up is forgotten because the body ended well: expired "
      "says it whatever came of it, and our request is taken back",
      "row \"result\"" },
    { "a_body_that_swallows*", { "expired, 1 request" },
      "our request is taken back only if the body ended by it: task_uncancel "
      "is due whenever our time was up, so ask for it first",
      "row \"result\"" },
    { "an_error_of_its*", { "expired, 1 request" },
      "our request is taken back only if the body ended by it: task_uncancel "
      "is due whenever our time was up, so ask for it first",
      "row \"on error\"" },
    { "a_request_from_before*", { NULL },
      "requests from before our entry are counted as well: compare what is "
      "left with self->base, not with 0", "row \"on cancel\"" },
};

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(in_time_nothing_happens_then_or_later__TO02),
        ENTRY(in_time_an_error_passes_as_it_is__TO02),
        ENTRY(once_over_its_timer_is_gone__TO02),
        ENTRY(when_time_is_up_the_body_is_cancelled_and_cleans_up__TO01),
        ENTRY(the_words_say_how_long_it_had__TO01),
        ENTRY(somebody_elses_cancellation_stays_one__TO05),
        ENTRY(a_body_that_swallows_it_is_no_timeout__TO07),
        ENTRY(an_error_of_its_cleanup_passes__TO07),
        ENTRY(expiry_and_a_stranger_at_once_is_a_cancellation__TO06),
        ENTRY(whichever_of_the_two_was_first__TO06),
        ENTRY(a_request_from_before_does_not_count__TO09),
        ENTRY(the_inner_deadline_first_is_the_inner_timeout__TO04),
        ENTRY(the_outer_deadline_first_passes_the_inner_scope__TO04),
        ENTRY(both_at_once_belong_to_the_outer__TO04),
        ENTRY(in_a_task_of_its_own_that_one_is_cancelled__TO01),
        ENTRY(zero_strikes_at_the_first_await_that_yields__TO03),
        ENTRY(less_than_zero_is_zero__TO03),
        ENTRY(zero_and_a_body_that_does_not_wait_is_in_time__TO03),
        ENTRY(cancel_at_every_suspension),
        ENTRY(a_deadline_moved_later_strikes_then__TO08),
        ENTRY(a_deadline_moved_into_the_past_strikes_now__TO08),
        ENTRY(a_deadline_moved_away_never_strikes__TO08),
        ENTRY(once_time_is_up_the_deadline_stays__TO08),
        ENTRY(before_and_after_there_is_no_deadline_to_move__TO08),
        ENTRY(zero_takes_an_undelivered_request_for_its_own__TO10),
        ENTRY(with_time_left_an_undelivered_request_stays_one__TO10),
        ENTRY(wait_for_gives_the_result_in_time__WF01),
        ENTRY(wait_for_raises_the_error_in_time__WF01),
        ENTRY(wait_for_in_time_stops_its_timer__WF01),
        ENTRY(wait_for_waits_for_a_slow_cleanup__WF02),
        ENTRY(a_late_result_beats_the_timeout__WF03),
        ENTRY(a_late_error_beats_the_timeout__WF04),
        ENTRY(cancelling_the_caller_cancels_and_awaits_the_task__WF05),
        ENTRY(a_cancelled_caller_gets_no_late_result__WF05),
        ENTRY(a_cancellation_that_meets_a_done_task_is_lost__WF06),
        ENTRY(a_limit_of_zero_never_starts_the_task__WF07),
        ENTRY(a_limit_of_zero_gives_a_done_task_its_result__WF07),
        ENTRY(a_limit_of_zero_waits_for_the_cleanup_too__WF07),
        ENTRY(without_a_limit_it_is_an_await__WF08),
        ENTRY(a_task_cancelled_by_a_third_party_is_no_timeout__WF10),
        ENTRY(a_second_cancellation_does_not_wait_for_the_cleanup__WF11),
        ENTRY(at_the_same_instant_an_older_sleep_wins__WF12),
        ENTRY(at_the_same_instant_an_older_limit_wins__WF12),
        ENTRY(total_covers_the_wait_for_the_head__H11),
        ENTRY(total_covers_the_body_from_the_requests_begin__H11),
        ENTRY(total_covers_the_wait_for_a_place__H11),
        ENTRY(within_total_a_request_is_a_request__H11),
        ENTRY(after_total_a_read_gives_what_is_there_and_does_not_wait__H11),
        ENTRY(connect_counts_the_wait_for_a_place__H12),
        ENTRY(connect_is_over_once_connected__H12),
        ENTRY(total_covers_connecting__H11),
        ENTRY(connect_counts_connecting__H12),
        ENTRY(sock_connect_is_connecting_alone__H13),
        ENTRY(sock_connect_does_not_count_the_wait_for_a_place__H13),
        ENTRY(whichever_limit_is_first_gives_its_name__H12),
        ENTRY(sock_read_is_the_longest_silence_before_the_head__H14),
        ENTRY(sock_read_is_the_longest_silence_in_the_body__H14),
        ENTRY(every_byte_starts_sock_read_anew__H14),
        ENTRY(a_drip_does_not_start_total_anew__H11),
        ENTRY(a_requests_limits_replace_the_sessions_as_a_whole__H15),
        ENTRY(and_so_may_be_shorter__H15),
        ENTRY(zero_is_no_limit__H16),
        ENTRY(total_from_5_s_on_ends_at_a_whole_second__H17),
        ENTRY(connect_over_5_s_ends_at_a_whole_second__H17),
        ENTRY(sock_connect_over_5_s_ends_at_a_whole_second__H17),
        ENTRY(sock_read_is_never_rounded__H17),
        ENTRY(both_kinds_are_timeouts_and_others_are_not__H18),
        ENTRY(what_the_origin_says_late_is_too_late__H11),
        ENTRY(cancel_wait_for_at_every_suspension),
        ENTRY(cancel_a_request_at_every_suspension__H10),
    };

    return lesson_main(argc, argv, &(struct lesson){
        "10_timeout", tests, COUNT(tests), causes, COUNT(causes) });
}
