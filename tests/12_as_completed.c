/* 12_as_completed.c - as_completed and next_completed, judged from outside.
 *
 * Children that sleep and then return or fail; a consumer that takes their
 * results turn by turn and says what each turn gave.
 */
#include "check.h"

#include "11_gather/fetch_status.h"
#include "12_as_completed/as_completed.h"
#include "stage/origin.h"

#include <stdlib.h>
#include <string.h>

enum { MAX = 4 };

static const struct limit for_ever = { .set = false };

struct child {
    struct coro coro;
    const char *name;
    double after; /* seconds until it returns or fails */
    bool fails;
    int cleanups;
    struct cleanup counting;
    struct sleep sleep;
};
ASYNC_DECLARE(child);

static void count_cleanup(void *child)
{
    ((struct child *)child)->cleanups++;
}

ASYNC(child)
{
    BEGIN;
    DEFER(&self->counting, count_cleanup, self);
    CATCH_AWAIT(sleep, .delay_ns = SECONDS(self->after));
    say("%s %s", self->name, self->sleep.coro.error != 0 ? "cancelled"
        : self->fails ? "fails" : "done");
    if (self->sleep.coro.error != 0)
        RERAISE(E_CANCELLED);
    if (self->fails)
        RAISE(E_VALUE, "%s", self->name);
    END;
}

/* The children and their tasks; outlives whoever consumes the results. */
struct family {
    struct child children[MAX];
    struct task tasks[MAX];
    struct future *futures[MAX];
    size_t n;
};

static void start_children(struct family *family, struct loop *loop)
{
    for (size_t i = 0; i < family->n; i++) {
        struct child *child = &family->children[i];

        child->coro = (struct coro){ .type = &child_type };
        family->futures[i] = task_create(loop, &family->tasks[i],
                                         child->name, &child->coro);
    }
}

/* "as_completed(a ok@3, b fails@1, timeout 2 s)" and more */
static void set_scene(const struct family *family, struct limit timeout,
                      const char *more)
{
    char line[200] = "", limit[40] = "";
    size_t used = 0;

    for (size_t i = 0; i < family->n; i++) {
        const struct child *child = &family->children[i];

        used += (size_t)snprintf(line + used, sizeof line - used,
                                 "%s%s %s@%g", i == 0 ? "" : ", ",
                                 child->name, child->fails ? "fails" : "ok",
                                 child->after);
    }
    if (timeout.set)
        snprintf(limit, sizeof limit, ", timeout %g s",
                 (double)timeout.ns / 1e9);
    scene("as_completed(%s%s)%s", family->n == 0 ? "nobody" : line, limit,
          more);
}

/* async for: says "got NAME", or what the turn raised. */
struct consumer {
    struct coro coro;
    struct family *family;
    struct limit timeout;
    double pause; /* seconds between asking for results         */
    size_t turns; /* leaves the loop after so many; 0: never    */
    double stay;  /* seconds, after the last turn               */
    struct completed slots[MAX];
    struct as_completed it;
    struct cleanup closing;
    struct next_completed next_completed;
    struct sleep sleep;
    size_t taken;
    struct task task;
};
ASYNC_DECLARE(consumer);

static const char *name_of(const struct future *future)
{
    const struct task *task = (const void *)future; /* its first member */

    return task->name;
}

static void say_turn(const struct next_completed *next)
{
    if (next->coro.error == 0)
        say("got %s", name_of(next->future));
    else if (next->future != NULL)
        say("%s of %s", error_name(next->coro.error), name_of(next->future));
    else
        say("%s", error_name(next->coro.error));
}

ASYNC(consumer)
{
    BEGIN;
    CHECK_INT(0, as_completed(&self->it, task_loop(task), self->slots,
                              self->family->futures, self->family->n,
                              self->timeout));
    DEFER(&self->closing, as_completed_close, &self->it);
    while (self->it.turns > 0) {
        if (self->pause > 0)
            AWAIT(sleep, .delay_ns = SECONDS(self->pause));
        CATCH_AWAIT(next_completed, .from = &self->it);
        say_turn(&self->next_completed);
        if (task->cancelling > 0)
            RERAISE(self->next_completed.coro.error);
        self->taken++;
        if (self->taken == self->turns)
            break;
    }
    say("over");
    if (self->stay > 0)
        AWAIT(sleep, .delay_ns = SECONDS(self->stay));
    END;
}

/* The consumer as main, with the family beside it, and what they say. */
static void run(struct consumer *consumer, struct family *family,
                const char *log)
{
    char more[40] = "";
    struct lab lab;

    lab_open(&lab);
    if (consumer->pause > 0)
        snprintf(more, sizeof more, ", asked every %g s", consumer->pause);
    set_scene(family, consumer->timeout, more);
    start_children(family, &lab.loop);
    consumer->family = family;
    CHECK_CODE(0, lab_run(&lab, &consumer->coro));
    CHECK_LOG(log);
    promise("every timeout was told to somebody");
    CHECK_INT(0, consumer->it.timed_out);
    promise("");
    lab_close(&lab);
}

/* --- The order ----------------------------------------------------------- */

TEST(results_come_in_the_order_of_completion__A01)
{
    struct family family = { .n = 4, .children = {
        { .name = "a", .after = 3 }, { .name = "b", .after = 1 },
        { .name = "c", .after = 4 }, { .name = "d", .after = 2 } } };
    struct consumer consumer = { CORO(consumer), .timeout = for_ever };

    run(&consumer, &family,
        "1 b done\n1 got b\n"
        "2 d done\n2 got d\n"
        "3 a done\n3 got a\n"
        "4 c done\n4 got c\n"
        "4 over\n");
}

TEST(a_slow_consumer_gets_them_in_that_order_too__A01)
{
    struct family family = { .n = 3, .children = {
        { .name = "a", .after = 2 }, { .name = "b", .after = 1 },
        { .name = "c", .after = 3 } } };
    struct consumer consumer = { CORO(consumer), .timeout = for_ever,
        .pause = 5 };

    run(&consumer, &family,
        "1 b done\n2 a done\n3 c done\n"
        "5 got b\n10 got a\n15 got c\n15 over\n");
}

TEST(what_is_done_already_comes_in_argument_order__A06)
{
    struct family family = { .n = 3, .children = {
        { .name = "a", .after = 3 }, { .name = "b", .after = 1 },
        { .name = "c", .after = 2 } } };
    struct consumer consumer = { CORO(consumer), .timeout = for_ever,
        .family = &family };
    struct lab lab;

    lab_open(&lab);
    set_scene(&family, for_ever, ", when all are done");
    start_children(&family, &lab.loop);
    loop_run_until(&lab.loop, family.futures[0]);
    CHECK_CODE(0, lab_run(&lab, &consumer.coro));
    CHECK_LOG("1 b done\n2 c done\n3 a done\n"
              "3 got a\n3 got b\n3 got c\n3 over\n");
    lab_close(&lab);
}

TEST(a_failure_is_raised_at_its_turn_and_the_next_turn_comes__A04)
{
    struct family family = { .n = 3, .children = {
        { .name = "a", .after = 3 }, { .name = "b", .after = 2,
                                       .fails = true },
        { .name = "c", .after = 1 } } };
    struct consumer consumer = { CORO(consumer), .timeout = for_ever };

    run(&consumer, &family,
        "1 c done\n1 got c\n"
        "2 b fails\n2 E_VALUE of b\n"
        "3 a done\n3 got a\n3 over\n");
}

/* Cancels a future after a while. */
struct stranger {
    struct coro coro;
    double after;
    struct future *future;
    struct task task;
    struct sleep sleep;
};
ASYNC_DECLARE(stranger);

ASYNC(stranger)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = SECONDS(self->after));
    say("cancel: %s", future_cancel(self->future) ? "yes" : "no");
    END;
}

static void start_stranger(struct lab *lab, struct stranger *stranger,
                           double after, struct future *future)
{
    *stranger = (struct stranger){ CORO(stranger), .after = after,
        .future = future };
    task_create(&lab->loop, &stranger->task, "stranger", &stranger->coro);
}

TEST(a_child_cancelled_by_a_stranger_raises_at_its_turn__A04)
{
    struct family family = { .n = 3, .children = {
        { .name = "a", .after = 3 }, { .name = "b", .after = 9 },
        { .name = "c", .after = 1 } } };
    struct consumer consumer = { CORO(consumer), .timeout = for_ever,
        .family = &family };
    struct stranger stranger;
    struct lab lab;

    lab_open(&lab);
    start_children(&family, &lab.loop);
    set_scene(&family, for_ever, ", b cancelled at 2 s");
    start_stranger(&lab, &stranger, 2, family.futures[1]);
    CHECK_CODE(0, lab_run(&lab, &consumer.coro));
    CHECK_INT(0, lab.loop.main.cancelling);
    CHECK_LOG("1 c done\n1 got c\n"
              "2 cancel: yes\n2 b cancelled\n2 E_CANCELLED of b\n"
              "3 a done\n3 got a\n3 over\n");
    lab_close(&lab);
}

/* --- Duplicates, nothing ------------------------------------------------- */

TEST(the_same_one_twice_is_one_turn__A05)
{
    struct family family = { .n = 2, .children = {
        { .name = "a", .after = 2 }, { .name = "b", .after = 1 } } };
    struct consumer consumer = { CORO(consumer), .family = &family };
    struct lab lab;

    /* A caller's stack is not zero. */
    memset(consumer.slots, 0xA5, sizeof consumer.slots);
    lab_open(&lab);
    scene("as_completed(a ok@2, a again, a again, b ok@1)");
    start_children(&family, &lab.loop);
    family.futures[3] = family.futures[1];
    family.futures[1] = family.futures[2] = family.futures[0];
    family.n = 4;
    CHECK_CODE(0, lab_run(&lab, &consumer.coro));
    CHECK_LOG("1 b done\n1 got b\n2 a done\n2 got a\n2 over\n");
    promise("one turn for each of two");
    CHECK_INT(2, consumer.taken);
    lab_close(&lab);
}

TEST(after_a_close_it_can_be_begun_again)
{
    struct family family = { .n = 2, .children = {
        { .name = "a", .after = 2 }, { .name = "b", .after = 1 } } };
    struct consumer consumer = { CORO(consumer), .family = &family };
    struct lab lab;

    lab_open(&lab);
    set_scene(&family, for_ever, ", closed, and begun again");
    start_children(&family, &lab.loop);
    CHECK_INT(0, as_completed(&consumer.it, &lab.loop, consumer.slots,
                              family.futures, 2, for_ever));
    as_completed_close(&consumer.it);
    CHECK_CODE(0, lab_run(&lab, &consumer.coro));
    CHECK_LOG("1 b done\n1 got b\n2 a done\n2 got a\n2 over\n");
    lab_close(&lab);
}

TEST(of_nothing_there_is_no_turn_and_no_timer__A05)
{
    struct family family = { .n = 0 };
    struct consumer consumer = { CORO(consumer),
        .timeout = WITHIN(SECONDS(5)), .family = &family };
    struct lab lab;

    lab_open(&lab);
    set_scene(&family, consumer.timeout, "");
    CHECK_CODE(0, lab_run(&lab, &consumer.coro));
    CHECK_LOG("0 over\n");
    promise("it never waits");
    CHECK_INT(1, lab.steps);
    promise("and sets no timer");
    CHECK_INT(0, as_completed(&consumer.it, &lab.loop, consumer.slots,
                              family.futures, 0, WITHIN(SECONDS(5))));
    CHECK_INT(0, lab.loop.timers.count);
    lab_close(&lab);
}

/* --- Time is up ---------------------------------------------------------- */

TEST(time_is_up_once_for_each_that_is_not_done_and_they_run_on__A02)
{
    struct family family = { .n = 3, .children = {
        { .name = "a", .after = 4 }, { .name = "b", .after = 3 },
        { .name = "c", .after = 1 } } };
    struct consumer consumer = { CORO(consumer), .stay = 5,
        .timeout = WITHIN(SECONDS(2)) };

    run(&consumer, &family,
        "1 c done\n1 got c\n"
        "2 E_TIMEOUT\n2 E_TIMEOUT\n2 over\n"
        "3 b done\n4 a done\n");
}

TEST(the_timeout_counts_from_the_beginning_not_from_each_turn__A02)
{
    struct family family = { .n = 3, .children = {
        { .name = "a", .after = 1 }, { .name = "b", .after = 2 },
        { .name = "c", .after = 3 } } };
    struct consumer consumer = { CORO(consumer), .stay = 5,
        .timeout = WITHIN(SECONDS(2.5)) };

    run(&consumer, &family,
        "1 a done\n1 got a\n2 b done\n2 got b\n"
        "2.5 E_TIMEOUT\n2.5 over\n3 c done\n");
}

TEST(results_that_came_in_time_are_given_before_the_timeouts__A03)
{
    struct family family = { .n = 4, .children = {
        { .name = "a", .after = 9 }, { .name = "b", .after = 2 },
        { .name = "c", .after = 1 }, { .name = "d", .after = 5 } } };
    struct consumer consumer = { CORO(consumer), .pause = 4, .stay = 1,
        .timeout = WITHIN(SECONDS(3)) };

    run(&consumer, &family,
        "1 c done\n2 b done\n"
        "4 got c\n"
        "5 d done\n"  /* too late, though nobody has asked yet */
        "8 got b\n"
        "9 a done\n"
        "12 E_TIMEOUT\n16 E_TIMEOUT\n16 over\n");
}

TEST(with_no_time_at_all_what_is_done_is_given__A08)
{
    struct family family = { .n = 3, .children = {
        { .name = "a", .after = 2 }, { .name = "b", .after = 1 },
        { .name = "c", .after = 9 } } };
    struct consumer consumer = { CORO(consumer), .timeout = WITHIN(0),
        .family = &family };
    struct lab lab;

    lab_open(&lab);
    set_scene(&family, consumer.timeout, ", when a and b are done");
    start_children(&family, &lab.loop);
    loop_run_until(&lab.loop, family.futures[0]);
    CHECK_CODE(0, lab_run(&lab, &consumer.coro));
    CHECK_LOG("1 b done\n2 a done\n"
              "2 got a\n2 got b\n2 E_TIMEOUT\n2 over\n"
              "2 c cancelled\n"); /* by the end of the run */
    lab_close(&lab);
}

TEST(when_all_are_done_the_timer_is_gone__A02)
{
    struct family family = { .n = 1, .children = {
        { .name = "a", .after = 1 } } };
    struct consumer consumer = { CORO(consumer), .family = &family,
        .timeout = WITHIN(SECONDS(60)) };
    struct lab lab;

    lab_open(&lab);
    set_scene(&family, consumer.timeout, "");
    start_children(&family, &lab.loop);
    CHECK_INT(0, as_completed(&consumer.it, &lab.loop, consumer.slots,
                              family.futures, 1, consumer.timeout));
    loop_run_until(&lab.loop, family.futures[0]);
    CHECK_LOG("1 a done\n");
    promise("a, the last, is done: its timer is stopped");
    CHECK_INT(0, lab.loop.timers.count);
    as_completed_close(&consumer.it);
    lab_close(&lab);
}

/* --- Leaving ------------------------------------------------------------- */

TEST(leaving_early_leaves_the_others_running_and_nothing_behind__A07)
{
    struct family family = { .n = 3, .children = {
        { .name = "a", .after = 3 }, { .name = "b", .after = 1 },
        { .name = "c", .after = 2 } } };
    struct consumer *consumer = malloc(sizeof *consumer);
    struct task *task = malloc(sizeof *task);
    struct lab lab;

    CHECK(consumer != NULL && task != NULL);
    lab_open(&lab);
    start_children(&family, &lab.loop);
    *consumer = (struct consumer){ CORO(consumer), .family = &family,
        .turns = 1, .timeout = WITHIN(SECONDS(60)) };
    set_scene(&family, consumer->timeout, ", left after one, and its memory "
              "freed");
    loop_run_until(&lab.loop, task_create(&lab.loop, task, "consumer",
                                          &consumer->coro));
    free(consumer);
    free(task);
    while (loop_turn(&lab.loop, true))
        continue;
    CHECK_LOG("1 b done\n1 got b\n1 over\n2 c done\n3 a done\n");
    promise("no timer was left");
    CHECK_INT(SECONDS(3), lab.loop.now_ns);
    lab_close(&lab);
}

/* Catches: errors that are looked at as they come, whoever asks. */
TEST(a_failure_that_nobody_took_is_reported__F10)
{
    struct family family = { .n = 3, .children = {
        { .name = "a", .after = 1 }, { .name = "b", .after = 2,
                                       .fails = true },
        { .name = "c", .after = 3 } } };
    struct consumer consumer = { CORO(consumer), .family = &family,
                                 .turns = 1, .pause = 2.5, .stay = 1 };
    struct lab lab;

    lab_open(&lab);
    start_children(&family, &lab.loop);
    set_scene(&family, consumer.timeout, ", left after one, at 2.5 s");
    CHECK_CODE(0, lab_run(&lab, &consumer.coro));
    CHECK_LOG("1 a done\n2 b fails\n2.5 got a\n2.5 over\n3 c done\n");
    promise("b's failure is reported, for nobody took its turn");
    lab_close_reporting(&lab, "task b failed and nobody looked: b\n");
}

TEST(close_takes_back_what_is_on_its_way__A07)
{
    struct completed *slots = calloc(2, sizeof *slots);
    struct as_completed *it = calloc(1, sizeof *it);
    struct future a, b, *list[2] = { &a, &b };
    struct lab lab;

    CHECK(slots != NULL && it != NULL);
    lab_open(&lab);
    scene("as_completed(future a, future b); a gets its result; close");
    as_completed_close(it); /* never begun */
    future_init(&a, &lab.loop, FUTURE_PLAIN);
    future_init(&b, &lab.loop, FUTURE_PLAIN);
    CHECK_INT(0, as_completed(it, &lab.loop, slots, list, 2,
                              WITHIN(SECONDS(1))));
    future_set_result(&a); /* its callback is in the ready queue */
    as_completed_close(it);
    as_completed_close(it);
    free(slots);
    free(it);
    loop_turn(&lab.loop, false);
    future_set_result(&b);
    loop_turn(&lab.loop, false);
    CHECK_INT(0, lab.loop.timers.count);
    lab_close(&lab);
}

TEST(cancelling_the_consumer_cancels_no_child__A11)
{
    struct family family = { .n = 3, .children = {
        { .name = "a", .after = 4 }, { .name = "b", .after = 1 },
        { .name = "c", .after = 3 } } };
    struct consumer consumer = { CORO(consumer), .family = &family,
        .timeout = WITHIN(SECONDS(60)) };
    struct stranger stranger;
    struct lab lab;

    lab_open(&lab);
    start_children(&family, &lab.loop);
    task_create(&lab.loop, &consumer.task, "consumer", &consumer.coro);
    start_stranger(&lab, &stranger, 2, &consumer.task.future);
    set_scene(&family, consumer.timeout, ", who asks cancelled at 2 s");
    while (loop_turn(&lab.loop, true))
        continue;
    CHECK_LOG("1 b done\n1 got b\n"
              "2 cancel: yes\n2 E_CANCELLED\n"
              "3 c done\n4 a done\n");
    CHECK_INT(FUTURE_CANCELLED, consumer.task.future.state);
    lab_close(&lab);
}

/* --- Several who ask ----------------------------------------------------- */

/* One turn, in a task of its own. */
struct asker {
    struct coro coro;
    const char *name;
    struct as_completed *from;
    bool all; /* as long as there are turns */
    struct future *first; /* to be awaited before */
    struct task task;
    struct next_completed next_completed;
};
ASYNC_DECLARE(asker);

ASYNC(asker)
{
    BEGIN;
    if (self->first != NULL)
        AWAIT_FUTURE(self->first);
    do {
        CATCH_AWAIT(next_completed, .from = self->from);
        say("%s gets %s", self->name, self->next_completed.coro.error == 0
            ? name_of(self->next_completed.future)
            : error_name(self->next_completed.coro.error));
    } while (self->all && self->from->turns > 0
             && self->next_completed.coro.error == 0);
    RERAISE(self->next_completed.coro.error);
    END;
}

/* a is done at 2 s, b at 1 s, c at 3 s; askers x, y, z. */
struct play {
    struct lab lab;
    struct family family;
    struct consumer consumer;
    struct asker askers[3];
};

static void open_play(struct play *play, size_t n, bool all,
                       struct limit timeout)
{
    static const char *const names[] = { "x", "y", "z" };

    *play = (struct play){ .family = { .n = 3, .children = {
        { .name = "a", .after = 2 }, { .name = "b", .after = 1 },
        { .name = "c", .after = 3 } } } };
    lab_open(&play->lab);
    set_scene(&play->family, timeout, n == 3 ? "; x, y and z ask"
              : "; x and y ask");
    start_children(&play->family, &play->lab.loop);
    CHECK_INT(0, as_completed(&play->consumer.it, &play->lab.loop,
        play->consumer.slots, play->family.futures, 3, timeout));
    for (size_t i = 0; i < n; i++) {
        play->askers[i] = (struct asker){ CORO(asker), .name = names[i],
            .from = &play->consumer.it, .all = all };
        task_create(&play->lab.loop, &play->askers[i].task, names[i],
                    &play->askers[i].coro);
    }
}

static void run_dry(struct play *play)
{
    while (loop_turn(&play->lab.loop, true))
        continue;
    as_completed_close(&play->consumer.it);
}

TEST(who_waits_first_gets_the_first__A09)
{
    struct play play;

    open_play(&play, 3, false, for_ever);
    run_dry(&play);
    CHECK_LOG("1 b done\n1 x gets b\n"
              "2 a done\n2 y gets a\n"
              "3 c done\n3 z gets c\n");
    CHECK_INT(0, play.consumer.it.turns);
    lab_close(&play.lab);
}

TEST(all_who_wait_are_told_that_time_is_up__A02_A09)
{
    struct play play;

    open_play(&play, 3, false, WITHIN(SECONDS(1.5)));
    run_dry(&play);
    CHECK_LOG("1 b done\n1 x gets b\n"
              "1.5 y gets E_TIMEOUT\n1.5 z gets E_TIMEOUT\n"
              "2 a done\n3 c done\n");
    for (int i = 1; i < 3; i++)
        CHECK_CODE(E_TIMEOUT, future_outcome(&play.askers[i].task.future));
    lab_close(&play.lab);
}

TEST(two_may_share_the_turns_and_none_waits_in_vain__A09)
{
    struct play play;

    open_play(&play, 2, true, for_ever);
    run_dry(&play);
    CHECK_LOG("1 b done\n1 x gets b\n"
              "2 a done\n2 y gets a\n"
              "3 c done\n3 x gets c\n");
    for (int i = 0; i < 2; i++)
        CHECK_CODE(0, future_outcome(&play.askers[i].task.future));
    lab_close(&play.lab);
}

TEST(a_turn_that_was_cancelled_can_be_asked_for_again__A11)
{
    struct stranger stranger;
    struct play play;

    open_play(&play, 3, false, for_ever);
    start_stranger(&play.lab, &stranger, 0.5, &play.askers[0].task.future);
    loop_run_until(&play.lab.loop, &play.askers[0].task.future);
    memset(&play.askers[0], 0xee, sizeof play.askers[0]); /* it is gone */
    run_dry(&play);
    CHECK_LOG("0.5 cancel: yes\n0.5 x gets E_CANCELLED\n"
              "1 b done\n1 y gets b\n"
              "2 a done\n2 z gets a\n"
              "3 c done\n");
    CHECK_INT(1, play.consumer.it.turns);
    play.askers[0] = (struct asker){ CORO(asker), .name = "x",
        .from = &play.consumer.it };
    CHECK_CODE(0, lab_run(&play.lab, &play.askers[0].coro));
    CHECK_LOG("3 x gets c\n");
    lab_close(&play.lab);
}

/* x is woken with b's result and cancelled in the same turn (row T18): the
 * result is still there, and y must not sleep on it. */
TEST(a_result_for_somebody_cancelled_goes_to_the_next__A11)
{
    struct play play;

    open_play(&play, 2, false, for_ever);
    while (!future_done(play.family.futures[1]))
        loop_turn(&play.lab.loop, true);
    loop_turn(&play.lab.loop, false); /* b's callback wakes x */
    CHECK(task_cancel(&play.askers[0].task));
    run_dry(&play);
    CHECK_CODE(E_CANCELLED, future_outcome(&play.askers[0].task.future));
    CHECK_LOG("1 b done\n1 x gets E_CANCELLED\n1 y gets b\n"
              "2 a done\n3 c done\n");
    lab_close(&play.lab);
}

/* x has been woken with b's result, and before it runs, y takes it. */
TEST(who_was_woken_in_vain_waits_on__A09)
{
    struct play play;

    open_play(&play, 2, false, for_ever);
    play.askers[1].first = play.family.futures[1];
    run_dry(&play);
    CHECK_LOG("1 b done\n1 y gets b\n2 a done\n2 x gets a\n3 c done\n");
    lab_close(&play.lab);
}

TEST(who_asks_runs_two_turns_after_the_end__A10)
{
    struct as_completed it;
    struct completed slot;
    struct asker asker = { CORO(asker), .name = "x", .from = &it };
    struct future a, *list = &a;
    struct task task;
    struct lab lab;
    int turns;

    lab_open(&lab);
    scene("as_completed(future a); x asks; a is cancelled");
    future_init(&a, &lab.loop, FUTURE_PLAIN);
    CHECK_INT(0, as_completed(&it, &lab.loop, &slot, &list, 1, for_ever));
    task_create(&lab.loop, &task, "x", &asker.coro);
    loop_turn(&lab.loop, false);
    future_set_cancelled(&a); /* has no name to say: it is no task */
    turns = lab_turns(&lab, &task.future);
    CHECK_LOG("0 x gets E_CANCELLED\n");
    promise("one turn for future_finished, one to wake up");
    CHECK_INT(2, turns);
    lab_close(&lab);
}

TEST(a_result_that_is_there_is_taken_without_a_turn__A10)
{
    struct family family = { .n = 3, .children = {
        { .name = "a", .after = 1 }, { .name = "b", .after = 1 },
        { .name = "c", .after = 1 } } };
    struct consumer consumer = { CORO(consumer), .family = &family };
    struct lab lab;
    int steps;

    lab_open(&lab);
    set_scene(&family, for_ever, ", when all are done");
    start_children(&family, &lab.loop);
    loop_run_until(&lab.loop, family.futures[2]);
    lab.steps = 0;
    CHECK_CODE(0, lab_run(&lab, &consumer.coro));
    steps = lab.steps;
    CHECK_LOG("1 a done\n1 b done\n1 c done\n"
              "1 got a\n1 got b\n1 got c\n1 over\n");
    promise("the first ask waits, the others do not: two steps");
    CHECK_INT(2, steps);
    lab_close(&lab);
}

/* --- At every turn ------------------------------------------------------- */

TEST(cancel_at_every_suspension__A11)
{
    bool cancelled = true;
    int k;

    for (k = 1; cancelled; k++) {
        struct family family = { .n = 3, .children = {
            { .name = "a", .after = 2 }, { .name = "b", .after = 1 },
            { .name = "c", .after = 4 } } };
        struct consumer consumer = { CORO(consumer), .family = &family,
            .timeout = WITHIN(SECONDS(3)), .stay = 1 };
        struct lab lab;

        char more[40];

        lab_open(&lab);
        snprintf(more, sizeof more, ", who asks cancelled in turn %d", k);
        set_scene(&family, consumer.timeout, more);
        start_children(&family, &lab.loop);
        task_create(&lab.loop, &consumer.task, "consumer", &consumer.coro);
        for (int turn = 0; turn < k; turn++)
            loop_turn(&lab.loop, true);
        cancelled = task_cancel(&consumer.task);
        while (loop_turn(&lab.loop, true))
            continue;
        CHECK(future_done(&consumer.task.future));
        CHECK_CODE(cancelled ? E_CANCELLED : 0,
                   future_outcome(&consumer.task.future));
        for (int i = 0; i < 3; i++) { /* whatever became of who asked */
            CHECK_INT(FUTURE_RESULT, family.tasks[i].future.state);
            CHECK_INT(1, family.children[i].cleanups);
        }
        lab_close(&lab);
    }
    CHECK(k > 8); /* a start, four turns of the loop's, a sleep */
}

/* --- HTTP ---------------------------------------------------------------- */

/* Cell 8 in a notebook: main is over, the session closed, and two fetchers
 * still sleep. */
struct notebook {
    struct coro coro;
    struct origin *origin;
    struct session session;
    char url[64];
    struct fetch_status fetches[3];
    struct task tasks[3];
    struct future *futures[3];
    struct completed slots[3];
    struct as_completed it;
    struct cleanup closing;
    struct next_completed next_completed;
    struct session_close session_close;
    struct sleep sleep;
};
ASYNC_DECLARE(notebook);

ASYNC(notebook)
{
    static const char *const names[] = { "A", "B", "C" };

    BEGIN;
    session_open(&self->session, task_loop(task), SESSION_DEFAULTS);
    snprintf(self->url, sizeof self->url, "http://127.0.0.1:%u/",
             self->origin->port);
    for (int i = 0; i < 3; i++) {
        self->fetches[i] = (struct fetch_status){ CORO(fetch_status),
            .session = &self->session, .url = self->url,
            .delay_ns = i < 2 ? SECONDS(10) : SECONDS(1) };
        self->futures[i] = task_create(task_loop(task), &self->tasks[i],
                                       names[i], &self->fetches[i].coro);
    }
    CHECK_INT(0, as_completed(&self->it, task_loop(task), self->slots,
                              self->futures, 3, WITHIN(SECONDS(2))));
    DEFER(&self->closing, as_completed_close, &self->it);
    while (self->it.turns > 0) {
        TRY_AWAIT(next_completed, .from = &self->it);
        say_turn(&self->next_completed);
    }
    AWAIT(session_close, .session = &self->session);
    say("the session is closed");
    AWAIT(sleep, .delay_ns = SECONDS(9));
    END;
}

TEST(a_fetcher_that_wakes_up_too_late_finds_the_session_closed__H23)
{
    struct origin origin;
    struct notebook notebook = { CORO(notebook), .origin = &origin };
    struct error error;
    struct lab lab;

    lab_open(&lab);
    scene("as_completed(A GET after 10 s, B after 10 s, C after 1 s, timeout "
          "2 s)");
    CHECK_CODE(0, origin_start(&origin, &lab.loop, "127.0.0.1", 0, &error));
    CHECK_CODE(0, lab_run(&lab, &notebook.coro));
    CHECK_LOG("1 got C\n2 E_TIMEOUT\n2 E_TIMEOUT\n"
              "2 the session is closed\n");
    CHECK_INT(200, notebook.fetches[2].status);
    CHECK_INT(1, origin.requests); /* A and B never asked */
    CHECK_CODE(E_CLOSED, notebook.tasks[0].error.code);
    lab_close_reporting(&lab,
        "task A failed and nobody looked: Session is closed\n"
        "task B failed and nobody looked: Session is closed\n");
}

/* What a broken promise looks like, and what breaks it. The general ones
 * last. */
static const struct cause causes[] = {
    { "results_come*", { "yours        0 s  E_TIMEOUT" },
      "a timer is started though no timeout was given: `timeout.set` says "
      "whether there is one; 0 is a timeout, too", "row \"input\"" },
    { NULL, { "null pointer of type 'struct as_completed'" },
      "a slot does not know whose it is: assign slots[i] as a whole, its "
      "callback, `from`, its future, and no link", "row \"input\"" },
    { NULL, { "queue_push" },
      "a callback is used that is in a list already, or was never made: "
      "slots[] may be garbage, so assign slots[i] as a whole, and add its "
      "callback once", "row \"input\"" },
    { "results_come*", { "yours        2 s  over" },
      "a turn is counted off twice: next_completed has done it before it "
      "calls take", "row \"result\"" },
    { NULL, { "E_INVALID_STATE" },
      "a turn hands out a future before it is done: a slot begins in `todo` "
      "and moves to `finished` when its future is done; one whose time was "
      "up is in neither", "row \"result\"" },
    { "results_come*", { "yours        1 s  got b" },
      "a result stays in `finished` when it is handed out, and is handed out "
      "again: take it out of the list", "row \"result\"" },
    { "results_come*", { "E_DEADLOCK", "1 s  got b" },
      "only the first is moved to `finished` and wakes somebody: each "
      "distinct future needs a slot of its own in `todo`, with its callback",
      "row \"input\"" },
    { "results_come*", { "E_DEADLOCK" },
      "future_finished moves a result to `finished` and wakes nobody, or "
      "nobody listens to the futures: a callback for each, and wake_getter "
      "for each result", "row \"result\"" },
    { "results_come*", { "expected     1 s  got b", "yours        1 s" },
      "a result is told as a timeout, or as another one: take gives the "
      "oldest of `finished`, and a timeout only if that is empty",
      "row \"result\"" },
    { "results_come*", { "expected     1 s  got b" },
      "a result is moved to `finished` and nobody is woken: wake_getter for "
      "each of them, not for the last only", "row \"result\"" },
    { NULL, { "that timer runs already" },
      "the timer is started more than once: one timer for all the turns, "
      "started when every slot is in its list", "row \"input\"" },
    { "a_slow_consumer*", { "E_DEADLOCK" },
      "results are taken out of `finished` and not handed out: a turn takes "
      "the oldest, one, and the others stay for the turns to come",
      "row \"result\"" },
    { "a_slow_consumer*", { "yours        5 s  got c" },
      "the newest result is given first: `finished` is a queue, add at its "
      "end and take from its head (finished.next)", "row \"result\"" },
    { "a_slow_consumer*", { "yours        5 s  got a" },
      "results are given in argument order: the order is that in which the "
      "slots came into `finished`", "row \"result\"" },
    { "time_is_up_once*", { "e-06 s" },
      "the time that was given is made shorter: timeout.ns and timer_start "
      "are in nanoseconds, both", "row \"input\"" },
    { "time_is_up_once*", { "yours        2 s  a cancelled" },
      "time is up, and the tasks are cancelled: a timeout cancels nobody, it "
      "only ends the waiting for them", "row \"on error\"" },
    { "time_is_up_once*", { "yours        2 s  over" },
      "time is up, and the turns that are left are gone: each of them raises "
      "E_TIMEOUT", "row \"on error\"" },
    { "time_is_up_once*", { "2 s  E_TIMEOUT\n  expected" },
      "time is up, and there is one timeout for all of them: each future "
      "that is not done makes one of the turns left a timeout",
      "row \"on error\"" },
    { "time_is_up_once*", { "2 s  E_TIMEOUT", "E_DEADLOCK" },
      "time is up, and there is one timeout for all of them: each future "
      "that is not done makes one of the turns left a timeout",
      "row \"on error\"" },
    { "time_is_up_once*", { "E_DEADLOCK" },
      "time is up and nobody is woken: each timeout that is counted needs "
      "its wake_getter, as each result does", "row \"on error\"" },
    { "time_is_up_once*", { "yours        3 s" },
      "the timer does not fire when it should: a result stops it, or starts "
      "it anew, or nobody starts it; it covers all the turns, and only the "
      "last result stops it (`todo` is empty)", "row \"input\"" },
    { "time_is_up_once*", { "undefined behaviour" },
      "it still listens to those whose time was up: their ends find a slot "
      "that is in no list; future_remove_callback for each of them",
      "row \"on error\"" },
    { "time_is_up_once*", { "NULL pointer" },
      "take reads a result where none is: if `finished` is empty it is a "
      "timeout, one less to tell, and the future stays NULL",
      "row \"on error\"" },
    { "time_is_up_once*", { "every timeout was told" },
      "a timeout that was told is still counted in `timed_out`: take is to "
      "count it down", "row \"on error\"" },
    { "time_is_up_once*", { "2 s  E_TIMEOUT\n               2 s  over",
                            "yours" },
      "a turn still gives a result after its time was up: a slot that timed "
      "out leaves `todo`, and its callback is taken back",
      "row \"on error\"" },
    { "the_timeout_counts*", { "2.5 s  E_TIMEOUT" },
      "the timeout counts anew from each turn, or is stopped on the way: one "
      "timer for all the turns, from as_completed on", "row \"input\"" },
    { "results_that_came*", { "expected     4 s  got c",
                              "yours        4 s  E_TIMEOUT" },
      "timeouts are given before results that came in time: take looks into "
      "`finished` first", "row \"on error\"" },
    { "results_that_came*", { "got d" },
      "a result that came too late is given: what is in `todo` when time is "
      "up leaves it, and its callback is taken back", "row \"on error\"" },
    { "when_all_are_done*", { "timers.count is 1" },
      "nobody stops the timer after the last result: it would fire for "
      "nobody; timer_stop when `todo` is empty", "row \"input\"" },
    { NULL, { "timers left running" },
      "nobody stops the timer after the last result: it would fire for "
      "nobody; timer_stop when `todo` is empty", "row \"input\"" },
    { "all_who_wait*", { "expected   1.5 s  z gets E_TIMEOUT" },
      "somebody is woken once for all the timeouts: several may wait, each "
      "for one of them; wake_getter once for each", "row \"on error\"" },
    { "a_failure_that_nobody*", { NULL },
      "an error is looked at though nobody has taken its turn: who takes it "
      "looks (task_collect); future_finished only moves the slot",
      "row \"on error\"" },
    { "two_may_share*", { "yours        2 s  x gets a" },
      "somebody is woken for nothing, and queues again behind the others: "
      "one wake_getter for each result, and it wakes one",
      "row \"result\"" },
    { "who_waits_first*", { "yours" },
      "somebody is woken for nothing, and queues again behind the others: "
      "one wake_getter for each result, when it is in `finished`",
      "row \"result\"" },
    { "of_nothing*", { "no timer" },
      "it starts a timer for no futures: without a turn there is nothing to "
      "be late for", "row \"input\"" },
    { "the_same_one_twice*", { "yours" },
      "a future given twice has two turns: self->turns of futures[] are "
      "distinct, the rest of the list is not to be used", "row \"input\"" },
    { "what_is_done*", { "yours" },
      "futures that were done before are lost or out of order: "
      "future_add_callback calls back for them as well, in the order of the "
      "calls", "row \"input\"" },
    { "a_result_that*", { "steps is" },
      "there is a short cut for futures that are done: they come by "
      "callback, like all others", NULL },
    { "with_no_time*", { "expected     2 s  E_TIMEOUT", "yours        4 s" },
      "the timer is late by what the clock said at the beginning: "
      "timer_start takes a delay from now, not a moment", "row \"input\"" },
    { "with_no_time*", { "yours" },
      "a timeout of 0 is no short cut: it is a timer like any other, and "
      "what was done before it fires is given", NULL },
    { NULL, { "is running" },
      "somebody asks again and again instead of waiting: what was woken must "
      "find something to take", "row \"result\"" },
    { NULL, { "E_DEADLOCK" },
      "somebody waits for a turn that nobody gives: wake_getter once for "
      "each result and for each timeout", "row \"result\"" },
    { NULL, { "undefined behaviour", "list.h" },
      "a slot is taken out of a list that it is not in: in one list at a "
      "time, todo, then finished, then none", "row \"result\"" },
    { NULL, { "undefined behaviour" },
      "a link is read after it was taken out: list_remove clears it, so take "
      "what you need first", "row \"result\"" },
    { NULL, { "NULL pointer" },
      "a slot is taken out of a list that it is not in: in one list at a "
      "time, todo, then finished, then none", "row \"result\"" },
};

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(results_come_in_the_order_of_completion__A01),
        ENTRY(a_slow_consumer_gets_them_in_that_order_too__A01),
        ENTRY(a_failure_is_raised_at_its_turn_and_the_next_turn_comes__A04),
        ENTRY(a_child_cancelled_by_a_stranger_raises_at_its_turn__A04),
        ENTRY(time_is_up_once_for_each_that_is_not_done_and_they_run_on__A02),
        ENTRY(the_timeout_counts_from_the_beginning_not_from_each_turn__A02),
        ENTRY(results_that_came_in_time_are_given_before_the_timeouts__A03),
        ENTRY(when_all_are_done_the_timer_is_gone__A02),
        ENTRY(leaving_early_leaves_the_others_running_and_nothing_behind__A07),
        ENTRY(a_failure_that_nobody_took_is_reported__F10),
        ENTRY(close_takes_back_what_is_on_its_way__A07),
        ENTRY(cancelling_the_consumer_cancels_no_child__A11),
        ENTRY(who_waits_first_gets_the_first__A09),
        ENTRY(all_who_wait_are_told_that_time_is_up__A02_A09),
        ENTRY(two_may_share_the_turns_and_none_waits_in_vain__A09),
        ENTRY(the_same_one_twice_is_one_turn__A05),
        ENTRY(after_a_close_it_can_be_begun_again),
        ENTRY(of_nothing_there_is_no_turn_and_no_timer__A05),
        ENTRY(what_is_done_already_comes_in_argument_order__A06),
        ENTRY(with_no_time_at_all_what_is_done_is_given__A08),
        ENTRY(who_was_woken_in_vain_waits_on__A09),
        ENTRY(who_asks_runs_two_turns_after_the_end__A10),
        ENTRY(a_result_that_is_there_is_taken_without_a_turn__A10),
        ENTRY(a_turn_that_was_cancelled_can_be_asked_for_again__A11),
        ENTRY(a_result_for_somebody_cancelled_goes_to_the_next__A11),
        ENTRY(cancel_at_every_suspension__A11),
        ENTRY(a_fetcher_that_wakes_up_too_late_finds_the_session_closed__H23)
    };

    return lesson_main(argc, argv, &(struct lesson){
        "12_as_completed", tests, COUNT(tests), causes, COUNT(causes) });
}
