/* 13_wait.c - promises of lesson 13: who is done, who is pending, and that
 * wait lets everybody be.
 *
 * Most tests run the one scenario that tells the modes apart: A is done at
 * 1 s, B fails at 2 s, C is done at 3 s.
 */
#include "13_wait/wait.h"

#include "09_session/session.h"
#include "assassin.h"
#include "check.h"

#include <string.h>

enum { KIDS = 3, NEVER = 1000 };

/* Sleeps (0: not at all), yields, fails or returns, and says which; says so
 * when it is cancelled, too. */
struct kid {
    struct coro coro;
    const char *name;
    double seconds;
    int yields;
    bool fails;
    struct cleanup saying;
    struct sleep sleep;
};
ASYNC_DECLARE(kid);

static void say_end(void *kid)
{
    struct kid *self = kid;

    say("%s %s", self->name, self->coro.error == 0 ? "done"
        : self->coro.error == E_CANCELLED ? "cancelled" : "failed");
}

ASYNC(kid)
{
    BEGIN;
    DEFER(&self->saying, say_end, self);
    if (self->seconds > 0)
        AWAIT(sleep, .delay_ns = SECONDS(self->seconds));
    while (self->yields > 0) {
        self->yields--;
        YIELD();
    }
    if (self->fails)
        RAISE(E_USER, "%s failed", self->name);
    END;
}

/* Three kids, whoever waits for them, and what the wait gave. */
struct family {
    struct kid kids[KIDS];
    struct task tasks[KIDS];
    struct future *futures[2 * KIDS];
    struct wait_slot slots[2 * KIDS];
    char words[96]; /* "A ok@1, B fails@2, C ok@3" */
};

static const char *const names[KIDS] = { "A", "B", "C" };

static void describe(struct family *family)
{
    size_t used = 0, room = sizeof family->words;

    for (int i = 0; i < KIDS; i++) {
        const struct kid *kid = &family->kids[i];

        used += (size_t)snprintf(family->words + used, room - used,
                                 "%s%s %s@%g", i == 0 ? "" : ", ", kid->name,
                                 kid->fails ? "fails" : "ok", kid->seconds);
        if (kid->yields > 0)
            used += (size_t)snprintf(family->words + used, room - used,
                                     "+%d turn%s", kid->yields,
                                     kid->yields > 1 ? "s" : "");
    }
}

static void start(struct family *family, struct loop *loop, struct kid a,
                  struct kid b, struct kid c)
{
    const struct kid kids[KIDS] = { a, b, c };

    *family = (struct family){ .words = "" };
    for (int i = 0; i < KIDS; i++) {
        family->kids[i] = kids[i];
        family->kids[i].coro.type = &kid_type;
        family->kids[i].name = names[i];
        family->futures[i] = task_create(loop, &family->tasks[i], names[i],
                                         &family->kids[i].coro);
    }
    describe(family);
}

/* "wait(A ok@1, B fails@2, C ok@3, FIRST_EXCEPTION, timeout 2 s)" */
static void set_scene(const struct family *family, enum wait_until until,
                      struct limit timeout)
{
    static const char *const modes[] = { "ALL_COMPLETED", "FIRST_COMPLETED",
                                         "FIRST_EXCEPTION" };
    char limit[32] = "";

    if (timeout.set)
        snprintf(limit, sizeof limit, ", timeout %g s",
                 (double)timeout.ns / 1e9);
    scene("wait(%s, %s%s)", family->words, modes[until], limit);
}

#define OK(s) (struct kid){ .seconds = (s) }
#define FAILS(s) (struct kid){ .seconds = (s), .fails = true }
#define YIELDS(s, n) (struct kid){ .seconds = (s), .yields = (n) }

static const char *name_of(struct future *future)
{
    return CONTAINER(future, struct task, future)->name;
}

/* Whom the list does not name any more: ", lost B". */
static void add_lost(char line[static 80], const struct wait *wait)
{
    for (size_t i = 0; i < wait->count; i++) {
        bool there = false;

        for (size_t j = 0; j < wait->count; j++)
            there = there || wait->futures[j] == wait->slots[i].future;
        if (!there)
            strcat(strcat(line, ", lost "), name_of(wait->slots[i].future));
    }
}

/* "wait over: done A B, pending C" */
static void say_halves(const struct wait *wait)
{
    char line[80] = "";

    for (size_t i = 0; i < wait->count; i++) {
        strcat(line, i == 0 ? (wait->done > 0 ? "done" : "pending")
               : i == wait->done ? ", pending" : "");
        strcat(strcat(line, " "), name_of(wait->futures[i]));
    }
    add_lost(line, wait);
    say("wait over: %s", line);
}

/* Whoever is done later, or a timer, must not find a way into a frame that
 * is over: it may be gone. */
static void check_let_go(const struct wait *wait)
{
    promise("wait is over: no timer of its own runs, no child calls it");
    if (wait->timer.slot != 0 || wait->timer.callback.next != NULL)
        check_fail(__FILE__, __LINE__, "its timer still runs");
    for (size_t i = 0; i < wait->count; i++)
        if (wait->slots[i].done.next != NULL)
            check_fail(__FILE__, __LINE__, "%s will call child_done in it",
                       name_of(wait->slots[i].future));
    promise("");
}

/* main: waits, says what came, and lives till nobody is pending. */
struct parent {
    struct coro coro;
    struct family *family;
    enum wait_until until;
    struct limit timeout;
    int i;
    struct wait wait;
};
ASYNC_DECLARE(parent);

ASYNC(parent)
{
    BEGIN;
    AWAIT(wait, .futures = self->family->futures, .count = KIDS,
          .slots = self->family->slots, .until = self->until,
          .timeout = self->timeout);
    say_halves(&self->wait);
    for (self->i = 0; self->i < KIDS; self->i++)
        CATCH_AWAIT_FUTURE(&self->family->tasks[self->i].future);
    END;
}

/* The scenario under one mode; the log is the verdict. */
static void run(struct kid a, struct kid b, struct kid c,
                enum wait_until until, struct limit timeout,
                const char *expected)
{
    struct family family;
    struct parent parent = { CORO(parent), .family = &family,
                             .until = until, .timeout = timeout };
    struct lab lab;

    lab_open(&lab);
    start(&family, &lab.loop, a, b, c);
    set_scene(&family, until, timeout);
    CHECK_CODE(0, lab_run(&lab, &parent.coro));
    CHECK_LOG(expected);
    lab_close(&lab);
}

static const struct limit none = { false, 0 };

static void look_at_all(struct family *family)
{
    for (int i = 0; i < KIDS; i++)
        future_look(&family->tasks[i].future);
}

TEST(all_completed_waits_for_the_last)
{
    run(OK(1), OK(2), OK(3), ALL_COMPLETED, none,
        "1 A done\n" "2 B done\n" "3 C done\n"
        "3 wait over: done A B C\n");
}

TEST(all_completed_waits_for_the_last_and_raises_nothing__W01)
{
    run(OK(1), FAILS(2), OK(3), ALL_COMPLETED, none,
        "1 A done\n" "2 B failed\n" "3 C done\n"
        "3 wait over: done A B C\n");
}

TEST(the_errors_stay_in_the_tasks__W01)
{
    struct family family;
    struct parent parent = { CORO(parent), .family = &family };
    struct lab lab;

    lab_open(&lab);
    start(&family, &lab.loop, OK(1), FAILS(2), OK(3));
    set_scene(&family, ALL_COMPLETED, none);
    CHECK_CODE(0, lab_run(&lab, &parent.coro));
    promise("A ended well, B with its own error");
    CHECK_CODE(0, future_outcome(&family.tasks[0].future));
    CHECK_CODE(E_USER, future_outcome(&family.tasks[1].future));
    CHECK_STR("B failed", family.tasks[1].error.text);
    lab_close(&lab);
}

/* Who ends first is not who is first in the list. */
TEST(both_halves_keep_their_old_order)
{
    run(FAILS(2), OK(4), OK(1), FIRST_EXCEPTION, none,
        "1 C done\n" "2 A failed\n"
        "2 wait over: done A C, pending B\n" "4 B done\n");
    run(OK(2), OK(3), OK(1), FIRST_COMPLETED, none,
        "1 C done\n" "1 wait over: done C, pending A B\n"
        "2 A done\n" "3 B done\n");
}

TEST(first_completed_returns_at_the_first_end__W02)
{
    run(OK(1), FAILS(2), OK(3), FIRST_COMPLETED, none,
        "1 A done\n" "1 wait over: done A, pending B C\n"
        "2 B failed\n" "3 C done\n");
}

TEST(a_failure_is_an_end_for_first_completed__W02)
{
    run(OK(3), FAILS(1), OK(2), FIRST_COMPLETED, none,
        "1 B failed\n" "1 wait over: done B, pending A C\n"
        "2 C done\n" "3 A done\n");
}

TEST(first_exception_returns_at_the_first_failure__W03)
{
    run(OK(1), FAILS(2), OK(3), FIRST_EXCEPTION, none,
        "1 A done\n" "2 B failed\n"
        "2 wait over: done A B, pending C\n" "3 C done\n");
}

TEST(first_exception_without_any_waits_for_all__W03)
{
    run(OK(1), OK(2), OK(3), FIRST_EXCEPTION, none,
        "1 A done\n" "2 B done\n" "3 C done\n"
        "3 wait over: done A B C\n");
}

/* Cancels `victim` at `seconds`: a third party. */
struct killer {
    struct coro coro;
    double seconds;
    struct task *victim;
    struct task task;
    struct sleep sleep;
};
ASYNC_DECLARE(killer);

ASYNC(killer)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = SECONDS(self->seconds));
    say("cancel %s", self->victim->name);
    task_cancel(self->victim);
    END;
}

static void kill_at(struct lab *lab, struct killer *killer, double seconds,
                    struct task *victim)
{
    *killer = (struct killer){ CORO(killer), .seconds = seconds,
                               .victim = victim };
    task_create(&lab->loop, &killer->task, "killer", &killer->coro);
}

static void run_with_b_cancelled(enum wait_until until, const char *expected)
{
    struct family family;
    struct parent parent = { CORO(parent), .family = &family,
                             .until = until };
    struct killer killer;
    struct lab lab;

    lab_open(&lab);
    start(&family, &lab.loop, OK(2), OK(NEVER), OK(3));
    set_scene(&family, until, none);
    kill_at(&lab, &killer, 1, &family.tasks[1]);
    CHECK_CODE(0, lab_run(&lab, &parent.coro));
    CHECK_LOG(expected);
    CHECK_INT(0, lab.loop.main.cancelling);
    lab_close(&lab);
}

TEST(a_cancelled_one_is_no_exception__W04)
{
    run_with_b_cancelled(FIRST_EXCEPTION,
        "1 cancel B\n" "1 B cancelled\n" "2 A done\n" "3 C done\n"
        "3 wait over: done A B C\n");
}

TEST(a_cancelled_one_is_an_end_for_first_completed__W02)
{
    run_with_b_cancelled(FIRST_COMPLETED,
        "1 cancel B\n" "1 B cancelled\n"
        "1 wait over: done B, pending A C\n" "2 A done\n"
        "3 C done\n");
}

TEST(a_timeout_raises_nothing_and_cancels_nobody__W05)
{
    run(OK(1), FAILS(2), OK(3), ALL_COMPLETED, WITHIN(SECONDS(1.5)),
        "1 A done\n" "1.5 wait over: done A, pending B C\n"
        "2 B failed\n" "3 C done\n");
}

TEST(a_timeout_may_find_nobody_done__W05)
{
    run(OK(1), OK(2), OK(3), FIRST_COMPLETED, WITHIN(SECONDS(0.5)),
        "0.5 wait over: pending A B C\n" "1 A done\n" "2 B done\n"
        "3 C done\n");
}

TEST(first_completed_may_return_several__W06)
{
    run(OK(1), OK(1), OK(3), FIRST_COMPLETED, none,
        "1 A done\n" "1 B done\n"
        "1 wait over: done A B, pending C\n" "3 C done\n");
}

/* A's end releases the waiter one turn later and we run one after that: B,
 * who ends one turn after A, is in; C, who takes three, is not. */
TEST(done_is_who_is_done_when_we_wake__W06)
{
    run(OK(1), YIELDS(1, 1), YIELDS(1, 4), FIRST_COMPLETED, none,
        "1 A done\n" "1 B done\n"
        "1 wait over: done A B, pending C\n" "1 C done\n");
}

/* A task that waits for A, B, C and no more. */
struct waiter {
    struct task task;
    struct wait wait;
};

static struct future *start_waiter(struct lab *lab, struct waiter *waiter,
                                   struct wait wait)
{
    waiter->wait = wait;
    waiter->wait.coro.type = &wait_type;
    return task_create(&lab->loop, &waiter->task, "waiter",
                       &waiter->wait.coro);
}

TEST(what_is_done_already_takes_two_turns_all_the_same__W07)
{
    struct family family;
    struct waiter waiter;
    struct lab lab;
    int turns;

    lab_open(&lab);
    start(&family, &lab.loop, OK(0), OK(0), OK(0));
    scene("A, B and C are done; then wait(A, B, C, ALL_COMPLETED)");
    for (int i = 0; i < KIDS; i++)
        lab_turns(&lab, family.futures[i]);
    start_waiter(&lab, &waiter, (struct wait){ .futures = family.futures,
                 .count = KIDS, .slots = family.slots });
    turns = lab_turns(&lab, &waiter.task.future);
    say_halves(&waiter.wait);
    CHECK_LOG("0 A done\n" "0 B done\n" "0 C done\n"
              "0 wait over: done A B C\n");
    promise("one turn to start, one for the callbacks, one to wake up");
    CHECK_INT(3, turns);
    lab_close(&lab);
}

/* A waiter to its end, which must let go of everything. */
static void run_waiter(struct lab *lab, struct waiter *waiter,
                       struct family *family, enum wait_until until,
                       struct limit timeout)
{
    set_scene(family, until, timeout);
    start_waiter(lab, waiter, (struct wait){ .futures = family->futures,
                 .count = KIDS, .slots = family->slots, .until = until,
                 .timeout = timeout });
    CHECK_CODE(0, loop_run_until(&lab->loop, &waiter->task.future));
}

TEST(in_time_the_timer_is_stopped__W05)
{
    struct family family;
    struct waiter waiter;
    struct lab lab;

    lab_open(&lab);
    start(&family, &lab.loop, OK(1), OK(2), OK(3));
    run_waiter(&lab, &waiter, &family, ALL_COMPLETED, WITHIN(SECONDS(60)));
    check_let_go(&waiter.wait);
    CHECK_INT(SECONDS(3), loop_now(&lab.loop));
    lab_close(&lab);
}

static int outcome_of_wait(struct wait wait)
{
    struct waiter waiter;
    struct lab lab;
    int code;

    lab_open(&lab);
    start_waiter(&lab, &waiter, wait);
    CHECK_INT(1, lab_turns(&lab, &waiter.task.future));
    code = future_outcome(&waiter.task.future);
    CHECK(waiter.task.error.text[0] != '\0');
    lab_close(&lab);
    return code;
}

TEST(no_futures_are_a_value_error__W08)
{
    struct family family;

    CHECK_CODE(E_VALUE, outcome_of_wait((struct wait){
        .futures = family.futures, .slots = family.slots }));
    CHECK_CODE(E_VALUE, outcome_of_wait((struct wait){
        .futures = family.futures, .slots = family.slots,
        .timeout = WITHIN(SECONDS(1)) }));
}

TEST(an_unknown_mode_is_a_value_error__W08)
{
    struct future done, *futures[] = { &done };
    struct wait_slot slots[1];
    struct lab lab;

    lab_open(&lab);
    future_init(&done, &lab.loop, FUTURE_PLAIN);
    lab_close(&lab);
    CHECK_CODE(E_VALUE, outcome_of_wait((struct wait){ .futures = futures,
        .count = 1, .slots = slots, .until = (enum wait_until)7 }));
}

TEST(duplicates_collapse__W09)
{
    struct family family;
    struct waiter waiter;
    struct lab lab;

    lab_open(&lab);
    start(&family, &lab.loop, OK(0), FAILS(0), OK(0));
    family.futures[0] = family.futures[1] = &family.tasks[1].future;
    family.futures[2] = &family.tasks[0].future;
    family.futures[3] = &family.tasks[1].future;
    family.futures[4] = &family.tasks[0].future;
    start_waiter(&lab, &waiter, (struct wait){ .futures = family.futures,
                 .count = 5, .slots = family.slots });
    scene("wait(B, B, A, B, A, ALL_COMPLETED)");
    lab_turns(&lab, &waiter.task.future);
    say_halves(&waiter.wait);
    CHECK_LOG("0 A done\n" "0 B failed\n" "0 C done\n"
              "0 wait over: done B A\n");
    CHECK_INT(2, waiter.wait.count);
    look_at_all(&family);
    lab_close(&lab);
}

/* Runs until nothing can happen any more. */
static void run_dry(struct lab *lab)
{
    for (int turns = 0; loop_turn(&lab->loop, true); turns++)
        CHECK(turns < 1000);
}

/* Waits for three, a minute at most, and is cancelled at 1.5 s. */
static void run_cancelled(struct lab *lab, struct waiter *waiter,
                          struct family *family, struct killer *killer)
{
    lab_open(lab);
    start(family, &lab->loop, OK(1), OK(2), OK(3));
    set_scene(family, ALL_COMPLETED, WITHIN(SECONDS(60)));
    start_waiter(lab, waiter, (struct wait){ .futures = family->futures,
                 .count = KIDS, .slots = family->slots,
                 .timeout = WITHIN(SECONDS(60)) });
    kill_at(lab, killer, 1.5, &waiter->task);
    CHECK_CODE(0, loop_run_until(&lab->loop, &waiter->task.future));
    say("wait over: %s", waiter->task.future.state == FUTURE_CANCELLED
        ? "cancelled" : "as if nobody had cancelled it");
}

TEST(cancelling_the_waiter_cancels_nobody_else__W10)
{
    struct family family;
    struct waiter waiter;
    struct killer killer;
    struct lab lab;

    run_cancelled(&lab, &waiter, &family, &killer);
    run_dry(&lab);
    CHECK_LOG("1 A done\n" "1.5 cancel waiter\n"
              "1.5 wait over: cancelled\n" "2 B done\n" "3 C done\n");
    for (int i = 0; i < KIDS; i++)
        CHECK_INT(0, family.tasks[i].cancelling);
    lab_close(&lab);
}

/* Whoever is done later finds nobody listening in a frame that may be gone:
 * the slots are ours again. */
TEST(cancelled_it_lets_go_of_all)
{
    struct family family;
    struct waiter waiter;
    struct killer killer;
    struct lab lab;

    run_cancelled(&lab, &waiter, &family, &killer);
    check_let_go(&waiter.wait);
    memset(family.slots, 0xa5, sizeof family.slots);
    memset(&waiter.wait, 0xa5, sizeof waiter.wait);
    run_dry(&lab);
    lab_close(&lab);
    CHECK_LOG("1 A done\n" "1.5 cancel waiter\n"
              "1.5 wait over: cancelled\n" "2 B done\n" "3 C done\n");
}

TEST(after_a_wait_its_slots_are_free__W10)
{
    struct family family;
    struct waiter waiter;
    struct lab lab;

    lab_open(&lab);
    start(&family, &lab.loop, OK(1), OK(1), OK(3));
    run_waiter(&lab, &waiter, &family, FIRST_COMPLETED, WITHIN(SECONDS(2)));
    check_let_go(&waiter.wait);
    CHECK_INT(2, waiter.wait.done);
    memset(family.slots, 0xa5, sizeof family.slots);
    memset(&waiter.wait, 0xa5, sizeof waiter.wait);
    run_dry(&lab);
    lab_close(&lab);
    CHECK_LOG("1 A done\n" "1 B done\n" "3 C done\n");
}

TEST(a_timeout_of_zero_lets_them_start__W11)
{
    run(OK(0), OK(2), OK(3), ALL_COMPLETED, WITHIN(0),
        "0 A done\n" "0 wait over: done A, pending B C\n"
        "2 B done\n" "3 C done\n");
}

TEST(a_negative_timeout_is_zero__W11)
{
    run(OK(0), OK(2), OK(3), ALL_COMPLETED, WITHIN(SECONDS(-5)),
        "0 A done\n" "0 wait over: done A, pending B C\n"
        "2 B done\n" "3 C done\n");
}

TEST(even_those_created_in_the_same_step__W11)
{
    struct family family;
    struct parent parent = { CORO(parent), .family = &family,
                             .timeout = WITHIN(0) };
    struct task task;
    struct lab lab;

    lab_open(&lab);
    task_create(&lab.loop, &task, "parent", &parent.coro);
    start(&family, &lab.loop, OK(0), OK(2), OK(3));
    set_scene(&family, ALL_COMPLETED, parent.timeout);
    run_dry(&lab);
    CHECK_LOG("0 A done\n" "0 wait over: done A, pending B C\n"
              "2 B done\n" "3 C done\n");
    lab_close(&lab);
}

/* Kids fail, and nobody looks into them but, perhaps, wait itself. What is
 * reported when the loop is closed? */
static void fail_unseen(enum wait_until until, struct kid a, struct kid b,
                        struct kid c, const char *report)
{
    struct family family;
    struct waiter waiter;
    struct lab lab;

    lab_open(&lab);
    start(&family, &lab.loop, a, b, c);
    run_waiter(&lab, &waiter, &family, until, none);
    run_dry(&lab);
    promise("the loop, when it is closed, reports of failures unseen:");
    lab_close_reporting(&lab, report);
}

static const char unseen[] =
    "task B failed and nobody looked: B failed\n";

TEST(first_exception_has_looked_at_the_failure__W12)
{
    fail_unseen(FIRST_EXCEPTION, OK(1), FAILS(2), OK(3), "");
}

/* B fails when A's failure has released us, before we run. */
TEST(and_at_one_whose_callback_was_on_its_way__W12)
{
    const struct kid late = { .seconds = 1, .yields = 1, .fails = true };

    fail_unseen(FIRST_EXCEPTION, FAILS(1), late, OK(3), "");
}

TEST(but_not_if_the_last_one_failed__W12)
{
    fail_unseen(FIRST_EXCEPTION, OK(1), FAILS(2), OK(1), unseen);
}

TEST(the_other_modes_look_at_nothing__W12)
{
    fail_unseen(ALL_COMPLETED, OK(1), FAILS(2), OK(3), unseen);
    fail_unseen(FIRST_COMPLETED, OK(3), FAILS(2), OK(3), unseen);
}

/* while pending: done, pending = await wait(pending, FIRST_COMPLETED) */
struct drain {
    struct coro coro;
    struct family *family;
    struct future **pending;
    size_t left;
    struct wait wait;
};
ASYNC_DECLARE(drain);

ASYNC(drain)
{
    BEGIN;
    self->pending = self->family->futures;
    self->left = KIDS;
    while (self->left > 0) {
        AWAIT(wait, .futures = self->pending, .count = self->left,
              .slots = self->family->slots, .until = FIRST_COMPLETED);
        say_halves(&self->wait);
        self->pending += self->wait.done;
        self->left = self->wait.count - self->wait.done;
    }
    look_at_all(self->family);
    END;
}

static void run_drain(struct kid a, struct kid b, struct kid c,
                      const char *expected)
{
    struct family family;
    struct drain drain = { CORO(drain), .family = &family };
    struct lab lab;

    lab_open(&lab);
    start(&family, &lab.loop, a, b, c);
    scene("while pending: wait(%s, FIRST_COMPLETED)", family.words);
    CHECK_CODE(0, lab_run(&lab, &drain.coro));
    CHECK_LOG(expected);
    lab_close(&lab);
}

TEST(a_draining_loop_meets_each_once_in_order_of_completion__W13)
{
    run_drain(OK(5), FAILS(1), OK(3),
        "1 B failed\n" "1 wait over: done B, pending A C\n"
        "3 C done\n" "3 wait over: done C, pending A\n"
        "5 A done\n" "5 wait over: done A\n");
}

TEST(a_draining_loop_may_meet_two_at_once__W13)
{
    run_drain(OK(2), OK(1), OK(2),
        "1 B done\n" "1 wait over: done B, pending A C\n"
        "2 A done\n" "2 C done\n" "2 wait over: done A C\n");
}

/* B's end and the timeout at the same instant: B's own timer was set before
 * wait's, or, as when we wait in the step that created B, after it. */
static void run_tie(bool kids_first, const char *expected)
{
    struct family family;
    struct parent parent = { CORO(parent), .family = &family,
                             .timeout = WITHIN(SECONDS(3)) };
    struct task task;
    struct lab lab;

    lab_open(&lab);
    start(&family, &lab.loop, OK(1), OK(3), OK(5));
    if (!kids_first)
        CHECK(loop_call_cancel(&lab.loop, &family.tasks[1].wakeup));
    task_create(&lab.loop, &task, "parent", &parent.coro);
    if (!kids_first)
        loop_call_soon(&lab.loop, &family.tasks[1].wakeup);
    set_scene(&family, ALL_COMPLETED, parent.timeout);
    run_dry(&lab);
    CHECK_LOG(expected);
    CHECK_CODE(0, future_outcome(&task.future));
    lab_close(&lab);
}

TEST(at_the_same_instant_the_older_timer_is_first__W14)
{
    run_tie(true, "1 A done\n" "3 B done\n"
            "3 wait over: done A B, pending C\n" "5 C done\n");
}

TEST(at_the_same_instant_the_younger_timer_is_late__W14)
{
    run_tie(false, "1 A done\n" "3 wait over: done A, pending B C\n"
            "3 B done\n" "5 C done\n");
}

/* The notebook's cell 11 without a network: cancel the pending ones, leave
 * the session, and they have ended before we say so. */
struct leave {
    struct coro coro;
    struct family *family;
    struct session session;
    struct wait wait;
    struct session_close session_close;
};
ASYNC_DECLARE(leave);

ASYNC(leave)
{
    BEGIN;
    session_open(&self->session, task_loop(task), SESSION_DEFAULTS);
    AWAIT(wait, .futures = self->family->futures, .count = KIDS,
          .slots = self->family->slots, .until = FIRST_EXCEPTION);
    say_halves(&self->wait);
    for (size_t i = self->wait.done; i < self->wait.count; i++) {
        CHECK(future_cancel(self->wait.futures[i]));
        CHECK(self->wait.futures[i]->state == FUTURE_PENDING);
    }
    AWAIT(session_close, .session = &self->session);
    say("finished");
    END;
}

TEST(leaving_the_session_gives_the_cancelled_their_turn__H24)
{
    struct family family;
    struct leave leave = { CORO(leave), .family = &family };
    struct lab lab;

    lab_open(&lab);
    start(&family, &lab.loop, FAILS(1), OK(3), OK(5));
    set_scene(&family, FIRST_EXCEPTION, none);
    CHECK_CODE(0, lab_run(&lab, &leave.coro));
    CHECK_LOG("1 A failed\n" "1 wait over: done A, pending B C\n"
              "1 B cancelled\n" "1 C cancelled\n" "1 finished\n");
    lab_close(&lab);
}

/* --- Cancelled anywhere -------------------------------------------------- */

/* Drains, and does not leave before the kids have: a well-behaved caller,
 * whose cleanup waits too. */
struct careful {
    struct coro coro;
    struct family *family;
    struct cleanup first;
    struct async_cleanup second;
    struct drain drain;
    struct settle {
        struct coro coro;
        struct family *family;
        struct wait wait;
    } settle;
};
ASYNC_DECLARE(careful);
ASYNC_DECLARE(settle);

ASYNC(settle)
{
    BEGIN;
    for (int i = 0; i < KIDS; i++)
        task_cancel(&self->family->tasks[i]);
    CATCH_AWAIT(wait, .futures = self->family->futures, .count = KIDS,
                .slots = self->family->slots);
    say("kids ended");
    RERAISE(self->wait.coro.error);
    END;
}

static void say_words(void *words)
{
    say("%s", (const char *)words);
}

ASYNC(careful)
{
    static char last[] = "careful ended";

    BEGIN;
    DEFER(&self->first, say_words, last);
    DEFER_AWAIT(&self->second, CALL(settle, .family = self->family));
    AWAIT(drain, .family = self->family);
    END;
}

/* True if the victim suspended that often. */
static bool cancel_at(int k, const char *expected)
{
    struct family family;
    struct careful careful = { CORO(careful), .family = &family };
    struct assassin assassin;
    struct lab lab;

    lab_open(&lab);
    assassin_hire(&assassin, &lab.loop, &lab.loop.main, k);
    start(&family, &lab.loop, OK(1), OK(2), OK(3));
    scene("while pending: wait(%s, FIRST_COMPLETED); main cancelled when it "
          "suspends for time %d", family.words, k);
    CHECK_CODE(k <= 4 ? E_CANCELLED : 0, lab_run(&lab, &careful.coro));
    CHECK_LOG(expected);
    for (int i = 0; i < KIDS; i++)
        CHECK(future_done(&family.tasks[i].future));
    lab_close(&lab);
    return assassin.struck;
}

TEST(cancel_at_every_suspension)
{
    CHECK(cancel_at(1, "0 A cancelled\n" "0 B cancelled\n"
                    "0 C cancelled\n" "0 kids ended\n"
                    "0 careful ended\n"));
    CHECK(cancel_at(2, "1 A done\n" "1 wait over: done A, pending B C\n"
                    "1 B cancelled\n" "1 C cancelled\n" "1 kids ended\n"
                    "1 careful ended\n"));
    CHECK(cancel_at(3, "1 A done\n" "1 wait over: done A, pending B C\n"
                    "2 B done\n" "2 wait over: done B, pending C\n"
                    "2 C cancelled\n" "2 kids ended\n"
                    "2 careful ended\n"));
    /* In the cleanup's own wait. */
    CHECK(cancel_at(4, "1 A done\n" "1 wait over: done A, pending B C\n"
                    "2 B done\n" "2 wait over: done B, pending C\n"
                    "3 C done\n" "3 wait over: done C\n" "3 kids ended\n"
                    "3 careful ended\n"));
    CHECK(!cancel_at(5, "1 A done\n" "1 wait over: done A, pending B C\n"
                     "2 B done\n" "2 wait over: done B, pending C\n"
                     "3 C done\n" "3 wait over: done C\n"
                     "3 kids ended\n" "3 careful ended\n"));
}

/* What a broken promise looks like, and what breaks it. The general ones
 * last. */
static const struct cause causes[] = {
    { "all_completed_waits_for_the_last*", { "yours        0 s  wait over" },
      "wait does not wait: await the waiter, then sort", "row \"result\"" },
    { "all_completed_waits_for_the_last", { "yours        1 s  wait over" },
      "any end releases the waiter, whatever `until` says: the first end is "
      "enough only for FIRST_COMPLETED", "row \"result\"" },
    { "all_completed_waits_for_the_last", { "yours        2 s  wait over" },
      "the count is one off: child_done has counted this end in `left` "
      "already, so the last one finds 0", NULL },
    { "all_completed_waits_for_the_last", { "wait over: pending A B C" },
      "nobody sets self->done: it is how many of futures[] are done, and "
      "they come first", "row \"result\"" },
    { "first_exception_returns*", { "wait over: done A, pending B C" },
      "one that failed does not count as done: done is who has ended, "
      "however it ended; future_done", "row \"result\"" },
    { "a_timeout_raises*", { "yours      1.5 s  wait over: pending A B C" },
      "time is up, and nobody has been sorted: who is done by then comes "
      "first, and self->done counts them, as always",
      "row \"on timeout\"" },
    { "a_timeout_may*", { "yours      0.5 s  wait over: done" },
      "one is called done though nobody is: ask each, future_done, whatever "
      "`until` says", "row \"result\"" },
    { "first_completed_returns*", { "yours        1 s  wait over: done A B" },
      "all are called done: self->done is how many of futures[] are done, "
      "and the pending ones come behind them", "row \"result\"" },
    { "first_completed_returns*", { "yours        1 s  wait over: done A\n" },
      "the pending ones are missing: self->count is how many distinct ones "
      "there are, done or not, and they all stay in futures[]",
      "row \"result\"" },
    { "all_completed_*", { "2 s  wait over" },
      "a failure ends the wait under ALL_COMPLETED, too: it does so only "
      "under FIRST_EXCEPTION", "row \"input\"" },
    { "first_exception_returns*", { "yours        1 s  wait over" },
      "a child that ended well releases the waiter under FIRST_EXCEPTION: "
      "the first end is enough only for FIRST_COMPLETED", "row \"input\"" },
    { "first_exception_without*", { "E_DEADLOCK" },
      "under FIRST_EXCEPTION if nobody fails, nobody releases the waiter: "
      "the last child always does (left is 0)", "row \"input\"" },
    { "first_exception_without*", { "yours        1 s  wait over" },
      "under FIRST_EXCEPTION a child that ended well releases the waiter",
      "row \"input\"" },
    { "first_*", { "expected     1 s  wait over", "yours        2 s" },
      "it waits for the last one whatever `until` says: under "
      "FIRST_COMPLETED the first end releases the waiter", "row \"input\"" },
    { "first_exception_returns*", { "expected     2 s  wait over",
                                    "yours        3 s" },
      "it waits for the last one whatever `until` says: errors are looked "
      "at when it is over, not in child_done, when one fails",
      "row \"input\"" },
    { "first_completed_returns*", { "the run's outcome is E_USER" },
      "the children are awaited one after the other, each to its end, and "
      "their errors come up: await the waiter alone, and let child_done "
      "release it", "row \"on error\"" },
    { NULL, { "the run's outcome is E_USER" },
      "the error of a child becomes the error of wait: a task's error is "
      "for whoever looks at the task; AWAIT_FUTURE of a child and "
      "task_collect would raise it here", "row \"on error\"" },
    { "first_*", { "yours        1 s  B cancelled" },
      "wait cancels the pending ones before it returns: it never does, that "
      "is the caller's choice", "row \"result\"" },
    { NULL, { ", lost" },
      "the list is overwritten while it is still read: futures[] loses some "
      "and has others twice; slots[i].future still has them all, in order",
      "row \"result\"" },
    { NULL, { "wait over: done C B A" },
      "the done ones stand in the order in which they ended, or backwards: "
      "go through the slots in their order, and ask each future_done",
      "row \"result\"" },
    { "both_halves*", { "done C A" },
      "the done ones stand in the order in which they ended: go through the "
      "slots in their order, and ask each future_done", "row \"result\"" },
    { NULL, { "pending C B" },
      "the pending ones stand backwards: they keep the order of the list, "
      "as the done ones do", "row \"result\"" },
    { "both_halves*", { "pending B A" },
      "the pending ones have changed places: swapping loses the old order; "
      "two passes over the slots keep it", "row \"result\"" },
    { "a_cancelled_one_is_no*", { "yours        1 s  wait over" },
      "a cancelled child releases FIRST_EXCEPTION: cancelled is not failed; "
      "future_error is not NULL for both, the state tells them apart",
      NULL },
    { "a_cancelled_one_is_an*", { "yours        2 s" },
      "a cancelled child releases nobody: for FIRST_COMPLETED every end "
      "counts, however it ended", "row \"input\"" },
    { "a_failure_is_an_end*", { "yours        2 s" },
      "a failed child releases nobody: for FIRST_COMPLETED every end counts, "
      "however it ended", "row \"input\"" },
    { "a_timeout_*", { "E_TIMEOUT" },
      "time is up, and wait raises: a timeout is an ordinary return of wait, "
      "with who is done by then (wait_for is the one that raises)",
      "row \"on timeout\"" },
    { "a_timeout_*", { "cancelled" },
      "time is up, and wait cancels the pending ones: nobody is cancelled, "
      "they run on (wait_for is the one that cancels)",
      "row \"on timeout\"" },
    { "done_is_who_is_done*", { "done A, pending B C" },
      "the halves were made before we woke: by the child that released us. "
      "Others may have ended since; sort after the await",
      "row \"result\"" },
    { "first_completed_may*", { "done A, pending B C" },
      "the halves were made before we woke: by the child that released us. "
      "Others may have ended since; sort after the await",
      "row \"result\"" },
    { "in_time_the_timer*", { "its timer still runs" },
      "the timer is never stopped when the children are in time: it will "
      "fire into a frame that is over; timer_stop on every way out",
      "row \"on cancel\"" },
    { "after_a_wait*", { "its timer still runs" },
      "the timer is never stopped when the children are in time: it will "
      "fire into a frame that is over; timer_stop on every way out",
      "row \"on cancel\"" },
    { "after_a_wait*", { "will call child_done" },
      "a child that is still pending keeps its callback: it will call into a "
      "frame that is over; future_remove_callback for every slot",
      "row \"who frees\"" },
    { "cancelling_the_waiter*", { "yours", "B cancelled" },
      "wait hands its own cancellation down to the children (gather does): "
      "they run on", "row \"on cancel\"" },
    { "cancelling_the_waiter*", { "as if nobody had cancelled it" },
      "the cancellation is caught and not passed on: after CATCH_AWAIT_FUTURE "
      "look at task->outcome, tidy up, and RERAISE it",
      "row \"on cancel\"" },
    { "cancelled_it_lets_go*", { "its timer still runs" },
      "a cancellation leaves at AWAIT_FUTURE, past the tidying up: "
      "CATCH_AWAIT_FUTURE, tidy up, then RERAISE", "row \"on cancel\"" },
    { "cancelled_it_lets_go*", { "will call child_done" },
      "a cancellation leaves before the callbacks are taken back: "
      "CATCH_AWAIT_FUTURE, tidy up, then RERAISE", "row \"on cancel\"" },
    { "first_exception_has*", { "B failed and nobody looked" },
      "the failure that ended the wait was never looked at: future_look or "
      "future_outcome, when it releases the waiter", NULL },
    { "and_at_one*", { "B failed and nobody looked" },
      "a callback that was on its way is thrown away: when you take it back "
      "and its child is done, do what it would have done", NULL },
    { "but_not_if*", { "nothing more" },
      "the last child's failure counts as looked at: under FIRST_EXCEPTION "
      "only one that ends the wait early does", NULL },
    { "the_other_modes*", { "nothing more" },
      "wait looks at failures for the caller: only FIRST_EXCEPTION does, and "
      "only at the one that ends it", NULL },
    { "what_is_done_already*", { "turns is" },
      "there is a short cut for children that are done: they come by "
      "callback, like all others", NULL },
    { NULL, { "yours        0 s  wait over: pending A B C" },
      "a timeout of 0 does not wait at all: it is a timer like any other, "
      "and the children get a turn before it fires", NULL },
    { NULL, { "is running" },
      "wait asks in a loop instead of waiting: time stands still meanwhile; "
      "park on the waiter with CATCH_AWAIT_FUTURE", "row \"result\"" },
    { "first_*", { "pointer to nowhere" },
      "a local does not survive an await: what was set before it is garbage "
      "after it; set it after the await, or make it a member", NULL },
    { "all_completed*", { "pointer to nowhere" },
      "a local does not survive an await: what was set before it is garbage "
      "after it; set it after the await, or make it a member", NULL },
    { NULL, { "undefined behaviour" },
      "futures[] holds what is no future: a local does not survive an await, "
      "what was set before it is garbage after it", NULL },
    { NULL, { "E_DEADLOCK" },
      "nobody releases the waiter: of these ends one should have, see the "
      "lines above", "row \"input\"" },
    { NULL, { "pointer to nowhere" },
      "somebody calls into memory that is no longer what it was: a callback "
      "or the timer is left behind, or a local was used across an await",
      "row \"who frees\"" },
};

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(all_completed_waits_for_the_last),
        ENTRY(first_completed_returns_at_the_first_end__W02),
        ENTRY(first_exception_returns_at_the_first_failure__W03),
        ENTRY(first_exception_without_any_waits_for_all__W03),
        ENTRY(both_halves_keep_their_old_order),
        ENTRY(all_completed_waits_for_the_last_and_raises_nothing__W01),
        ENTRY(a_failure_is_an_end_for_first_completed__W02),
        ENTRY(the_errors_stay_in_the_tasks__W01),
        ENTRY(a_cancelled_one_is_no_exception__W04),
        ENTRY(a_cancelled_one_is_an_end_for_first_completed__W02),
        ENTRY(a_timeout_raises_nothing_and_cancels_nobody__W05),
        ENTRY(a_timeout_may_find_nobody_done__W05),
        ENTRY(first_completed_may_return_several__W06),
        ENTRY(done_is_who_is_done_when_we_wake__W06),
        ENTRY(in_time_the_timer_is_stopped__W05),
        ENTRY(after_a_wait_its_slots_are_free__W10),
        ENTRY(cancelling_the_waiter_cancels_nobody_else__W10),
        ENTRY(cancelled_it_lets_go_of_all),
        ENTRY(a_draining_loop_meets_each_once_in_order_of_completion__W13),
        ENTRY(a_draining_loop_may_meet_two_at_once__W13),
        ENTRY(first_exception_has_looked_at_the_failure__W12),
        ENTRY(and_at_one_whose_callback_was_on_its_way__W12),
        ENTRY(but_not_if_the_last_one_failed__W12),
        ENTRY(the_other_modes_look_at_nothing__W12),
        ENTRY(what_is_done_already_takes_two_turns_all_the_same__W07),
        ENTRY(a_timeout_of_zero_lets_them_start__W11),
        ENTRY(a_negative_timeout_is_zero__W11),
        ENTRY(even_those_created_in_the_same_step__W11),
        ENTRY(at_the_same_instant_the_older_timer_is_first__W14),
        ENTRY(at_the_same_instant_the_younger_timer_is_late__W14),
        ENTRY(duplicates_collapse__W09),
        ENTRY(no_futures_are_a_value_error__W08),
        ENTRY(an_unknown_mode_is_a_value_error__W08),
        ENTRY(leaving_the_session_gives_the_cancelled_their_turn__H24),
        ENTRY(cancel_at_every_suspension),
    };

    return lesson_main(argc, argv, &(struct lesson){
        "13_wait", tests, COUNT(tests), causes, COUNT(causes) });
}
