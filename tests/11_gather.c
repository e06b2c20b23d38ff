/* 11_gather.c - gather and what belongs to it, judged from outside.
 *
 * A family is a parent that gathers up to four children, says what came of
 * it and may stay on to see what the others do. Each child sleeps, then
 * returns its value or fails; cancelled, it may clean up for a while, and
 * may swallow the request.
 */
#include "check.h"

#include "11_gather/cancel_rest.h"
#include "11_gather/fetch_status.h"
#include "11_gather/gather.h"
#include "stage/origin.h"

#include <stdlib.h>
#include <string.h>

enum { MAX = 4, CROWD = 1000, FEWER = 200 };

struct child {
    struct coro coro;
    const char *name;
    double after;   /* seconds until it returns or fails      */
    int value;      /* what it returns                        */
    bool fails;     /* with E_VALUE and its name              */
    double cleanup; /* seconds, when cancelled                */
    bool swallows;  /* ... and returns its value nevertheless */
    bool announces; /* says when it starts                    */
    struct sleep sleep;
};
ASYNC_DECLARE(child);

ASYNC(child)
{
    BEGIN;
    if (self->announces)
        say("%s starts", self->name);
    CATCH_AWAIT(sleep, .delay_ns = SECONDS(self->after));
    if (self->sleep.coro.error != 0) {
        say("%s cancelled", self->name);
        if (self->cleanup > 0)
            AWAIT(sleep, .delay_ns = SECONDS(self->cleanup));
        if (self->cleanup > 0)
            say("%s cleaned up", self->name);
        if (!self->swallows)
            RERAISE(E_CANCELLED);
    } else if (self->fails) {
        say("%s fails", self->name);
        RAISE(E_VALUE, "%s", self->name);
    } else {
        say("%s done", self->name);
    }
    END;
}

struct family {
    struct coro coro;
    struct child children[MAX];
    size_t n; /* children to create; they are futures[0..n) */
    enum gather_errors errors;
    double stay; /* seconds, after a failed gather, before it goes on */
    struct gather gather;
    struct gather_slot slots[MAX];
    struct future *futures[MAX];
    struct task tasks[MAX];
    struct task task; /* its own, where it is not main */
    size_t count;     /* arguments; 0: n */
    int code;
    struct sleep sleep;
};
ASYNC_DECLARE(family);

static void start_children(struct family *self, struct loop *loop)
{
    for (size_t i = 0; i < self->n; i++) {
        struct child *child = &self->children[i];

        child->coro.type = &child_type;
        self->futures[i] = task_create(loop, &self->tasks[i], child->name,
                                       &child->coro);
    }
}

/* The results, from the slots as a caller has them. */
static void say_results(const struct family *self)
{
    char line[128] = "";
    size_t used = 0;

    for (size_t i = 0; i < self->gather.count; i++) {
        struct future *future = self->slots[i].child;
        const struct error *error = future_error(future);
        const struct task *task = CONTAINER(future, struct task, future);
        const struct child *child = (const void *)task->coro;

        if (!future_done(future))
            used += (size_t)snprintf(line + used, sizeof line - used,
                                     " (%s is not done)", child->name);
        else if (error != NULL)
            used += (size_t)snprintf(line + used, sizeof line - used, " %s",
                                     error_name(error->code));
        else
            used += (size_t)snprintf(line + used, sizeof line - used, " %d",
                                     child->value);
    }
    say("gather gives%s", line);
}

/* The list of children may go as soon as gather has returned: so it does. */
static struct future *gather_all(struct family *self, struct loop *loop)
{
    struct future *children[MAX];

    memcpy(children, self->futures, sizeof children);
    return gather(&self->gather, loop, self->slots, children, self->n,
                  self->errors);
}

ASYNC(family)
{
    BEGIN;
    start_children(self, task_loop(task));
    CATCH_AWAIT_FUTURE(gather_all(self, task_loop(task)));
    self->code = task->outcome;
    if (self->code == 0)
        say_results(self);
    else
        say("gather raises %s: %s", error_name(self->code),
            task->error.text);
    if (self->stay > 0)
        AWAIT(sleep, .delay_ns = SECONDS(self->stay));
    RERAISE(self->code);
    END;
}

/* "gather(a ok@3, b fails@1, c ok@9 cleanup 2, RAISE)" */
static void set_scene(const struct family *family, const char *more)
{
    char line[200] = "";
    size_t used = 0;

    for (size_t i = 0; i < family->n; i++) {
        const struct child *child = &family->children[i];

        used += (size_t)snprintf(line + used, sizeof line - used,
                                 "%s %s@%g, ", child->name, child->fails
                                 ? "fails" : "ok", child->after);
    }
    scene("gather(%s%s)%s", family->n == 0 ? "nobody, " : line,
          family->errors == GATHER_RETURN ? "RETURN" : "RAISE", more);
}

/* The family as main: how it ends, and what it says. */
static void run_family(struct family *family, int code, const char *log)
{
    struct lab lab;

    lab_open(&lab);
    set_scene(family, "");
    CHECK_CODE(code, lab_run(&lab, &family->coro));
    CHECK_LOG(log);
    promise("nothing is reported when the loop is closed");
    lab_close(&lab);
}

/* Its children, who gathers them being the loop: until they all have ended.
 * A gather that never ends is known by then. */
static void run_gather(struct lab *lab, struct future *outer)
{
    int code = loop_run_until(&lab->loop, outer);

    promise("when the last child has ended, so has the gather");
    CHECK_CODE(0, code);
    promise("");
}

/* Cancels `task`, or `future`, after a while. */
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

/* Runs the family as a task beside a stranger that cancels it at `after`,
 * until both are over and everything the children do is done. */
static void run_cancelled(struct family *family, double after,
                          const char *log)
{
    char more[40];
    struct stranger stranger;
    struct lab lab;

    lab_open(&lab);
    snprintf(more, sizeof more, ", cancelled at %g s", after);
    set_scene(family, more);
    task_create(&lab.loop, &family->task, "family", &family->coro);
    start_stranger(&lab, &stranger, after, &family->task.future);
    while (loop_turn(&lab.loop, true))
        continue;
    CHECK_LOG(log);
    CHECK_CODE(E_CANCELLED, future_outcome(&family->task.future));
    lab_close(&lab);
}

/* --- Results ------------------------------------------------------------- */

TEST(results_come_in_argument_order__G01)
{
    struct family family = { CORO(family), .n = 3, .children = {
        { .name = "a", .after = 3, .value = 30 },
        { .name = "b", .after = 1, .value = 10 },
        { .name = "c", .after = 2, .value = 20 } } };

    run_family(&family, 0,
        "1 b done\n"
        "2 c done\n"
        "3 a done\n"
        "3 gather gives 30 10 20\n");
}

TEST(a_gather_of_nothing_is_done_at_once__G02)
{
    struct family family = { CORO(family), .n = 0 };
    struct lab lab;

    lab_open(&lab);
    set_scene(&family, "");
    CHECK_CODE(0, lab_run(&lab, &family.coro));
    CHECK_LOG("0 gather gives\n");
    promise("who awaits it goes on in the same step");
    CHECK_INT(1, lab.steps);
    lab_close(&lab);
}

TEST(the_same_child_twice_runs_once_and_fills_both_places__G11)
{
    struct family family = { .children = {
        { CORO(child), .name = "a", .after = 1, .value = 10 },
        { CORO(child), .name = "b", .after = 2, .value = 20 } } };
    struct future *list[3];
    struct lab lab;

    for (enum gather_errors errors = GATHER_RAISE; errors <= GATHER_RETURN;
         errors++) {
        lab_open(&lab);
        family.children[0].coro.pc = family.children[1].coro.pc = CORO_FRESH;
        list[0] = list[2] = task_create(&lab.loop, &family.tasks[0], "a",
                                        &family.children[0].coro);
        list[1] = task_create(&lab.loop, &family.tasks[1], "b",
                              &family.children[1].coro);
        scene("gather(a ok@1, b ok@2, a again, %s)", errors == GATHER_RETURN
              ? "RETURN" : "RAISE");
        run_gather(&lab, gather(&family.gather, &lab.loop, family.slots,
                                list, 3, errors));
        say_results(&family);
        CHECK_LOG("1 a done\n2 b done\n2 gather gives 10 20 10\n");
        lab_close(&lab);
    }
}

TEST(the_same_two_can_be_gathered_again__G11)
{
    struct family family = { .n = 2, .children = {
        { .name = "a", .after = 1, .value = 10 },
        { .name = "b", .after = 2, .value = 20 } } };
    struct gather_slot slots[2];
    struct gather again;
    struct lab lab;

    lab_open(&lab);
    start_children(&family, &lab.loop);
    set_scene(&family, ", and one more of the same");
    gather(&again, &lab.loop, slots, family.futures, 2, GATHER_RAISE);
    run_gather(&lab, gather(&family.gather, &lab.loop, family.slots,
                            family.futures, 2, GATHER_RAISE));
    say_results(&family);
    CHECK_LOG("1 a done\n2 b done\n2 gather gives 10 20\n");
    promise("the first gather is done, too");
    CHECK_INT(FUTURE_RESULT, again.outer.future.state);
    lab_close(&lab);
}

TEST(children_start_in_argument_order_when_the_caller_waits__G14)
{
    struct family family = { CORO(family), .n = 3, .children = {
        { .name = "a", .after = 1, .announces = true },
        { .name = "b", .after = 1, .announces = true },
        { .name = "c", .after = 1, .announces = true } } };

    run_family(&family, 0,
        "0 a starts\n0 b starts\n0 c starts\n"
        "1 a done\n1 b done\n1 c done\n1 gather gives 0 0 0\n");
}

/* --- Turns --------------------------------------------------------------- */

/* A parent of plain futures. */
struct waiter {
    struct coro coro;
    struct future *list[2];
    size_t n;
    struct gather gather;
    struct gather_slot slots[2];
    struct task task;
};
ASYNC_DECLARE(waiter);

ASYNC(waiter)
{
    BEGIN;
    AWAIT_FUTURE(gather(&self->gather, task_loop(task), self->slots,
                        self->list, self->n, GATHER_RAISE));
    END;
}

TEST(the_awaiter_runs_two_turns_after_the_last_child__G13)
{
    struct waiter waiter = { CORO(waiter), .n = 2 };
    struct future a, b;
    struct lab lab;
    int turns;

    lab_open(&lab);
    scene("gather(future a, future b, RAISE); b gets its result, then a");
    future_init(&a, &lab.loop, FUTURE_PLAIN);
    future_init(&b, &lab.loop, FUTURE_PLAIN);
    waiter.list[0] = &a;
    waiter.list[1] = &b;
    task_create(&lab.loop, &waiter.task, "waiter", &waiter.coro);
    loop_turn(&lab.loop, false);
    future_set_result(&b);
    loop_turn(&lab.loop, false);
    loop_turn(&lab.loop, false);
    promise("the gather is still pending");
    CHECK_INT(FUTURE_PENDING, waiter.gather.outer.future.state);
    future_set_result(&a);
    turns = lab_turns(&lab, &waiter.task.future);
    promise("one turn for child_done, one to wake up");
    CHECK_INT(2, turns);
    lab_close(&lab);
}

TEST(children_that_are_done_take_their_turns_too__G12)
{
    struct waiter waiter = { CORO(waiter), .n = 1 };
    struct future a;
    struct lab lab;
    int turns;

    lab_open(&lab);
    scene("gather(future a, RAISE), and a has its result already");
    future_init(&a, &lab.loop, FUTURE_PLAIN);
    future_set_result(&a);
    waiter.list[0] = &a;
    task_create(&lab.loop, &waiter.task, "waiter", &waiter.coro);
    turns = lab_turns(&lab, &waiter.task.future);
    promise("one turn to start, one for child_done, one to wake up");
    CHECK_INT(3, turns);
    lab_close(&lab);
}

/* --- Failures ------------------------------------------------------------ */

TEST(the_first_failure_in_time_is_raised_and_the_others_run_on__G03)
{
    struct family family = { CORO(family), .n = 4, .stay = 5, .children = {
        { .name = "a", .after = 4, .fails = true },
        { .name = "b", .after = 1 },
        { .name = "c", .after = 2, .fails = true },
        { .name = "d", .after = 3 } } };

    run_family(&family, E_VALUE,
        "1 b done\n"
        "2 c fails\n"
        "2 gather raises E_VALUE: c\n"
        "3 d done\n"
        "4 a fails\n");
}

TEST(later_failures_are_never_heard_of__G04)
{
    struct family family = { CORO(family), .n = 3, .stay = 5, .children = {
        { .name = "a", .after = 1, .fails = true },
        { .name = "b", .after = 2, .fails = true },
        { .name = "c", .after = 3, .fails = true } } };
    struct lab lab;

    lab_open(&lab);
    set_scene(&family, "");
    CHECK_CODE(E_VALUE, lab_run(&lab, &family.coro));
    CHECK_LOG("1 a fails\n1 gather raises E_VALUE: a\n"
              "2 b fails\n3 c fails\n");
    promise("the gather's error stays the first one, a's");
    CHECK_STR("a", future_error(&family.gather.outer.future)->text);
    promise("nothing is reported when the loop is closed");
    lab_close(&lab);
}

TEST(return_waits_for_all_and_keeps_errors_in_their_place__G05)
{
    struct family family = { CORO(family), .n = 3, .errors = GATHER_RETURN,
        .children = { { .name = "a", .after = 2, .fails = true },
                      { .name = "b", .after = 1, .value = 10 },
                      { .name = "c", .after = 3, .value = 30 } } };

    run_family(&family, 0,
        "1 b done\n"
        "2 a fails\n"
        "3 c done\n"
        "3 gather gives E_VALUE 10 30\n");
}

TEST(errors_returned_count_as_looked_at__G05)
{
    struct family family = { .n = 2, .children = {
        { .name = "a", .after = 1, .fails = true },
        { .name = "b", .after = 2, .fails = true } } };
    struct lab lab;

    lab_open(&lab);
    start_children(&family, &lab.loop);
    family.errors = GATHER_RETURN;
    set_scene(&family, "");
    run_gather(&lab, gather(&family.gather, &lab.loop, family.slots,
                            family.futures, 2, GATHER_RETURN));
    CHECK_LOG("1 a fails\n2 b fails\n");
    promise("nothing is reported when the loop is closed");
    lab_close(&lab);
}

TEST(of_two_failures_at_once_the_task_that_ended_first_wins__G16)
{
    struct family family = { .n = 2, .children = {
        { .name = "a", .after = 1, .fails = true },
        { .name = "b", .after = 1, .fails = true } } };
    struct future *turned[2];
    struct lab lab;

    lab_open(&lab);
    start_children(&family, &lab.loop);
    turned[0] = family.futures[1];
    turned[1] = family.futures[0];
    scene("gather(b fails@1, a fails@1, RAISE), a being the older task");
    run_gather(&lab, gather(&family.gather, &lab.loop, family.slots, turned,
                            2, GATHER_RAISE));
    promise("the gather's error is that of a");
    CHECK_CODE(E_VALUE, future_outcome(&family.gather.outer.future));
    CHECK_STR("a", future_error(&family.gather.outer.future)->text);
    CHECK_LOG("1 a fails\n1 b fails\n");
    lab_close(&lab);
}

TEST(of_two_that_had_failed_before_the_first_argument_wins__G12)
{
    const struct error errors[2] = { { E_VALUE, "a" }, { E_VALUE, "b" } };
    struct gather_slot slots[2];
    struct gather both;
    struct future a, b, *list[2] = { &a, &b };
    struct lab lab;

    lab_open(&lab);
    future_init(&a, &lab.loop, FUTURE_PLAIN);
    future_init(&b, &lab.loop, FUTURE_PLAIN);
    future_set_error(&b, &errors[1]);
    future_set_error(&a, &errors[0]);
    scene("gather(future a, future b, RAISE): b had failed, then a had");
    CHECK_INT(1, lab_turns(&lab, gather(&both, &lab.loop, slots, list, 2,
                                        GATHER_RAISE)));
    promise("the gather's error is that of a, its first argument");
    CHECK_STR("a", future_error(&both.outer.future)->text);
    promise("b counts as looked at");
    CHECK_INT(false, b.unlooked);
    lab_close(&lab);
}

TEST(the_error_it_raises_outlives_the_child__G03)
{
    struct error *error = malloc(sizeof *error);
    struct future *child = malloc(sizeof *child);
    struct gather_slot slot;
    struct gather one;
    struct lab lab;

    CHECK(error != NULL && child != NULL);
    lab_open(&lab);
    future_init(child, &lab.loop, FUTURE_PLAIN);
    error_set(error, E_VALUE, "gone by now");
    future_set_error(child, error);
    scene("gather(a child that failed, RAISE); the child goes; what was it?");
    lab_turns(&lab, gather(&one, &lab.loop, &slot, &child, 1, GATHER_RAISE));
    promise("it has a copy of the child's error");
    CHECK(future_error(&one.outer.future) != error);
    free(error);
    free(child);
    CHECK_CODE(E_VALUE, future_outcome(&one.outer.future));
    CHECK_STR("gone by now", future_error(&one.outer.future)->text);
    lab_close(&lab);
}

/* --- Cancellation -------------------------------------------------------- */

static void run_child_cancelled(enum gather_errors errors, int code,
                                const char *log)
{
    struct family family = { CORO(family), .n = 3, .stay = 5,
        .errors = errors, .children = {
            { .name = "a", .after = 2, .value = 20 },
            { .name = "b", .after = 9 },
            { .name = "c", .after = 3, .value = 30 } } };
    struct stranger stranger;
    struct lab lab;

    lab_open(&lab);
    start_stranger(&lab, &stranger, 1, &family.tasks[1].future);
    set_scene(&family, ", b cancelled at 1 s");
    CHECK_CODE(code, lab_run(&lab, &family.coro));
    CHECK_LOG(log);
    CHECK_INT(0, lab.loop.main.cancelling);
    promise("E_CANCELLED as an error: nobody has cancelled the gather");
    if (code != 0)
        CHECK_INT(FUTURE_ERROR, family.gather.outer.future.state);
    promise("");
    lab_close(&lab);
}

TEST(a_child_cancelled_by_a_stranger_is_an_error_of_the_gather__G06)
{
    run_child_cancelled(GATHER_RAISE, E_CANCELLED,
        "1 cancel: yes\n"
        "1 b cancelled\n"
        "1 gather raises E_CANCELLED: cancelled\n"
        "2 a done\n"
        "3 c done\n");
}

TEST(or_a_result_in_its_place__G07)
{
    run_child_cancelled(GATHER_RETURN, 0,
        "1 cancel: yes\n"
        "1 b cancelled\n"
        "2 a done\n"
        "3 c done\n"
        "3 gather gives 20 E_CANCELLED 30\n");
}

static struct family cleaning(enum gather_errors errors)
{
    return (struct family){ CORO(family), .n = 4, .errors = errors,
        .children = { { .name = "a", .after = 9, .cleanup = 2 },
                      { .name = "b", .after = 9, .cleanup = 1 },
                      { .name = "c", .after = 9, .cleanup = 3 },
                      { .name = "d", .after = 0.5 } } };
}

TEST(cancelling_it_cancels_every_child_and_ends_with_the_first__G08)
{
    struct family family = cleaning(GATHER_RAISE);

    run_cancelled(&family, 1,
        "0.5 d done\n"
        "1 cancel: yes\n"
        "1 a cancelled\n"
        "1 b cancelled\n"
        "1 c cancelled\n"
        "2 b cleaned up\n"
        "2 gather raises E_CANCELLED: cancelled\n"
        "3 a cleaned up\n"
        "4 c cleaned up\n");
}

TEST(with_return_it_ends_when_all_children_have__G09)
{
    struct family family = cleaning(GATHER_RETURN);

    run_cancelled(&family, 1,
        "0.5 d done\n"
        "1 cancel: yes\n"
        "1 a cancelled\n"
        "1 b cancelled\n"
        "1 c cancelled\n"
        "2 b cleaned up\n"
        "3 a cleaned up\n"
        "4 c cleaned up\n"
        "4 gather raises E_CANCELLED: cancelled\n");
}

TEST(with_return_it_is_cancelled_even_if_every_child_swallows_it__G09)
{
    struct family family = { CORO(family), .n = 2, .errors = GATHER_RETURN,
        .children = {
            { .name = "a", .after = 9, .swallows = true, .cleanup = 1 },
            { .name = "b", .after = 9, .swallows = true } } };

    run_cancelled(&family, 1,
        "1 cancel: yes\n"
        "1 a cancelled\n"
        "1 b cancelled\n"
        "2 a cleaned up\n"
        "2 gather raises E_CANCELLED: cancelled\n");
    CHECK_INT(FUTURE_RESULT, family.tasks[0].future.state);
    CHECK_INT(FUTURE_RESULT, family.tasks[1].future.state);
}

TEST(a_gather_that_is_done_takes_no_cancellation__G10)
{
    struct family family = { CORO(family), .n = 2, .stay = 4, .children = {
        { .name = "a", .after = 1, .fails = true },
        { .name = "b", .after = 3 } } };
    struct stranger stranger;
    struct lab lab;

    lab_open(&lab);
    start_stranger(&lab, &stranger, 2, &family.gather.outer.future);
    set_scene(&family, ", itself cancelled at 2 s");
    CHECK_CODE(E_VALUE, lab_run(&lab, &family.coro));
    CHECK_LOG("1 a fails\n"
              "1 gather raises E_VALUE: a\n"
              "2 cancel: no\n"
              "3 b done\n"); /* out of its reach */
    lab_close(&lab);
}

TEST(a_gather_whose_children_are_done_takes_no_cancellation__G10)
{
    struct gather_slot slot;
    struct gather gather_;
    struct future a, *list = &a;
    struct lab lab;

    lab_open(&lab);
    future_init(&a, &lab.loop, FUTURE_PLAIN);
    gather(&gather_, &lab.loop, &slot, &list, 1, GATHER_RETURN);
    future_set_result(&a);
    scene("gather(future a, RETURN); a gets its result; cancel the gather");
    promise("no child takes the request, so the gather does not");
    CHECK_INT(false, future_cancel(&gather_.outer.future));
    lab_turns(&lab, &gather_.outer.future);
    promise("and it is not cancelled");
    CHECK_INT(FUTURE_RESULT, gather_.outer.future.state);
    CHECK_INT(false, future_cancel(&gather_.outer.future));
    lab_close(&lab);
}

TEST(one_child_that_takes_the_request_is_enough)
{
    struct gather_slot slots[2];
    struct gather both;
    struct future a, b, *list[2] = { &a, &b };
    struct lab lab;

    lab_open(&lab);
    scene("gather(future a, future b, RETURN); b gets its result; cancel the "
          "gather");
    future_init(&a, &lab.loop, FUTURE_PLAIN);
    future_init(&b, &lab.loop, FUTURE_PLAIN);
    gather(&both, &lab.loop, slots, list, 2, GATHER_RETURN);
    future_set_result(&b);
    promise("a takes the request, so the gather does");
    CHECK_INT(true, future_cancel(&both.outer.future));
    lab_turns(&lab, &both.outer.future);
    promise("the gather is cancelled, though b had its result");
    CHECK_CODE(E_CANCELLED, future_outcome(&both.outer.future));
    lab_close(&lab);
}

/* A gather of c and of a gather of a and b. */
struct nest {
    struct family inner, outer;
    struct lab lab;
};

static void open_nest(struct nest *nest)
{
    lab_open(&nest->lab);
    start_children(&nest->inner, &nest->lab.loop);
    start_children(&nest->outer, &nest->lab.loop);
    nest->outer.futures[1] = gather(&nest->inner.gather, &nest->lab.loop,
        nest->inner.slots, nest->inner.futures, 2, GATHER_RAISE);
    gather(&nest->outer.gather, &nest->lab.loop, nest->outer.slots,
           nest->outer.futures, 2, GATHER_RAISE);
}

TEST(cancelling_the_outer_of_two_gathers_reaches_the_leaves__G15)
{
    struct nest nest = {
        .inner = { .n = 2, .children = { { .name = "a", .after = 9 },
                                         { .name = "b", .after = 9 } } },
        .outer = { .n = 1, .children = { { .name = "c", .after = 9 } } } };

    open_nest(&nest);
    scene("gather(c ok@9, gather(a ok@9, b ok@9)); cancel the outer one");
    for (int i = 0; i < 3; i++)
        loop_turn(&nest.lab.loop, false);
    future_cancel(&nest.outer.gather.outer.future);
    run_gather(&nest.lab, &nest.outer.gather.outer.future);
    CHECK_LOG("0 c cancelled\n0 a cancelled\n0 b cancelled\n");
    promise("both gathers are cancelled");
    CHECK_CODE(E_CANCELLED,
               future_outcome(&nest.outer.gather.outer.future));
    CHECK_CODE(E_CANCELLED,
               future_outcome(&nest.inner.gather.outer.future));
    lab_close(&nest.lab);
}

TEST(a_failure_goes_up_level_by_level__G15)
{
    struct nest nest = {
        .inner = { .n = 2, .children = {
            { .name = "a", .after = 3 },
            { .name = "b", .after = 1, .fails = true } } },
        .outer = { .n = 1, .children = { { .name = "c", .after = 2 } } } };

    open_nest(&nest);
    scene("gather(c ok@2, gather(a ok@3, b fails@1, RAISE), RAISE)");
    run_gather(&nest.lab, &nest.outer.gather.outer.future);
    promise("both fail at 1 s");
    CHECK_INT(SECONDS(1), nest.lab.loop.now_ns);
    CHECK_CODE(E_VALUE, future_outcome(&nest.outer.gather.outer.future));
    CHECK_STR("b", future_error(&nest.outer.gather.outer.future)->text);
    while (loop_turn(&nest.lab.loop, true))
        continue;
    promise("");
    CHECK_LOG("1 b fails\n2 c done\n3 a done\n");
    lab_close(&nest.lab);
}

/* Two cleanups of its own around two gathers, and children that count
 * theirs. */
struct careful {
    struct coro coro;
    struct cleanup first, second;
    int cleanups; /* as digits, in order */
    struct counted {
        struct coro coro;
        struct cleanup cleanup;
        double after;
        int begun, ended;
        struct sleep sleep;
    } children[4];
    struct task tasks[4];
    struct future *futures[4];
    struct gather_slot slots[4];
    struct gather gathers[2];
    struct task task;
};
ASYNC_DECLARE(careful);
ASYNC_DECLARE(counted);

static void count_end(void *counted)
{
    ((struct counted *)counted)->ended++;
}

ASYNC(counted)
{
    BEGIN;
    self->begun++;
    DEFER(&self->cleanup, count_end, self);
    AWAIT(sleep, .delay_ns = SECONDS(self->after));
    AWAIT(sleep, .delay_ns = SECONDS(self->after));
    END;
}

static void note_first(void *careful)
{
    struct careful *self = careful;

    self->cleanups = 10 * self->cleanups + 1;
}

static void note_second(void *careful)
{
    struct careful *self = careful;

    self->cleanups = 10 * self->cleanups + 2;
}

static struct future *gather_pair(struct careful *self, struct loop *loop,
                                  size_t i, enum gather_errors errors)
{
    for (size_t j = i; j < i + 2; j++) {
        self->children[j].coro.type = &counted_type;
        self->children[j].after = (double)(j + 1);
        self->futures[j] = task_create(loop, &self->tasks[j], "counted",
                                       &self->children[j].coro);
    }
    return gather(&self->gathers[i / 2], loop, &self->slots[i],
                  &self->futures[i], 2, errors);
}

ASYNC(careful)
{
    BEGIN;
    DEFER(&self->first, note_first, self);
    AWAIT_FUTURE(gather_pair(self, task_loop(task), 0, GATHER_RAISE));
    DEFER(&self->second, note_second, self);
    AWAIT_FUTURE(gather_pair(self, task_loop(task), 2, GATHER_RETURN));
    END;
}

/* At every turn, which is at every suspension and at everything between. */
TEST(cancel_at_every_suspension__G08_G09)
{
    bool cancelled = true;
    int k;

    for (k = 1; cancelled; k++) {
        struct careful careful = { CORO(careful) };
        struct lab lab;

        lab_open(&lab);
        scene("gather two, gather two more; cancelled in turn %d", k);
        task_create(&lab.loop, &careful.task, "careful", &careful.coro);
        for (int turn = 0; turn < k; turn++)
            loop_turn(&lab.loop, true);
        cancelled = task_cancel(&careful.task);
        while (loop_turn(&lab.loop, true))
            continue;
        promise("who gathers has ended, its children have, each once");
        CHECK(future_done(&careful.task.future));
        CHECK(careful.cleanups == 1 || careful.cleanups == 21);
        CHECK(cancelled == (careful.task.future.state == FUTURE_CANCELLED));
        for (int i = 0; i < 4; i++)
            CHECK_INT(careful.children[i].begun, careful.children[i].ended);
        promise("");
        lab_close(&lab);
    }
    CHECK(k > 10); /* a start, two gathers, eight sleeps of children */
}

/* --- Who owns the frames ------------------------------------------------- */

/* A child that is done later must not call into a gather that is gone. */
static void check_let_go(const struct gather *gather)
{
    promise("gather is closed: no child calls it any more");
    for (size_t i = 0; i < gather->count; i++)
        if (gather->slots[i].done.next != NULL)
            check_fail(__FILE__, __LINE__, "argument %zu will call "
                       "child_done in it", i);
    promise("");
}

TEST(after_gather_close_its_memory_may_go)
{
    struct family family = { .n = 3, .children = {
        { .name = "a", .after = 1, .fails = true },
        { .name = "b", .after = 2 },
        { .name = "c", .after = 3, .fails = true } } };
    struct gather_slot *slots = calloc(4, sizeof *slots);
    struct gather *short_lived = calloc(1, sizeof *short_lived);
    struct future *children[4];
    struct lab lab;

    lab_open(&lab);
    start_children(&family, &lab.loop);
    for (int i = 0; i < 4; i++)
        children[i] = family.futures[i - (i > 1)]; /* a b b c */
    set_scene(&family, ", b given twice, then gather_close, twice");
    run_gather(&lab, gather(short_lived, &lab.loop, slots, children, 4,
                            GATHER_RAISE));
    gather_close(short_lived);
    gather_close(short_lived);
    check_let_go(short_lived);
    free(slots);
    free(short_lived);
    while (loop_turn(&lab.loop, true))
        continue;
    CHECK_LOG("1 a fails\n2 b done\n3 c fails\n");
    promise("it let go of c: its failure is reported again");
    lab_close_reporting(&lab, "task c failed and nobody looked: c\n");
}

TEST(gather_close_takes_back_what_is_on_its_way)
{
    struct gather_slot *slots = calloc(2, sizeof *slots);
    struct gather *short_lived = calloc(1, sizeof *short_lived);
    struct future a, b, *list[2] = { &a, &b };
    struct lab lab;

    lab_open(&lab);
    future_init(&a, &lab.loop, FUTURE_PLAIN);
    future_init(&b, &lab.loop, FUTURE_PLAIN);
    gather(short_lived, &lab.loop, slots, list, 2, GATHER_RAISE);
    scene("gather(future a, future b); a gets its result; gather_close");
    future_set_result(&a); /* its callback is in the ready queue */
    gather_close(short_lived);
    check_let_go(short_lived);
    free(slots);
    free(short_lived);
    loop_turn(&lab.loop, false);
    future_set_result(&b);
    loop_turn(&lab.loop, false);
    lab_close(&lab);
}

/* A parent that may go as soon as it has returned. */
struct leaver {
    struct coro coro;
    struct family family;
    struct async_cleanup leaving;
    struct cancel_rest cancel_rest;
};
ASYNC_DECLARE(leaver);

ASYNC(leaver)
{
    struct family *family = &self->family;

    BEGIN;
    start_children(family, task_loop(task));
    DEFER_AWAIT(&self->leaving, CALL(cancel_rest,
        .futures = family->futures, .count = family->n));
    AWAIT_FUTURE(gather(&family->gather, task_loop(task), family->slots,
                        family->futures, family->n, GATHER_RAISE));
    END;
}

/* Awaits a leaver on the heap and frees it at once. */
struct landlord {
    struct coro coro;
    struct leaver *leaver;
    struct task task;
    struct sleep sleep;
};
ASYNC_DECLARE(landlord);

ASYNC(landlord)
{
    int code;

    BEGIN;
    CATCH_AWAIT_CORO(&self->leaver->coro);
    code = self->leaver->coro.error;
    say("left by %s: %s", error_name(code), task->error.text);
    memset(self->leaver, 0xee, sizeof *self->leaver);
    free(self->leaver);
    if (code == E_CANCELLED)
        RERAISE(E_CANCELLED);
    AWAIT(sleep, .delay_ns = SECONDS(9));
    END;
}

static struct landlord rent(double cleanup)
{
    struct landlord landlord = { CORO(landlord),
        .leaver = malloc(sizeof *landlord.leaver) };

    CHECK(landlord.leaver != NULL);
    *landlord.leaver = (struct leaver){ CORO(leaver), .family = { .n = 3,
        .children = { { .name = "a", .after = 5, .cleanup = cleanup },
                      { .name = "b", .after = 1, .fails = true },
                      { .name = "c", .after = 5, .cleanup = 1 } } } };
    return landlord;
}

TEST(cancel_rest_returns_when_the_last_child_has_ended)
{
    struct landlord landlord = rent(2);
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(0, lab_run(&lab, &landlord.coro));
    CHECK_LOG("1 b fails\n"
              "1 a cancelled\n"
              "1 c cancelled\n"
              "2 c cleaned up\n"
              "3 a cleaned up\n"
              "3 left by E_VALUE: b\n");
    lab_close(&lab);
}

TEST(cancelled_meanwhile_cancel_rest_still_waits_for_all)
{
    struct landlord landlord = rent(4);
    struct stranger stranger;
    struct lab lab;

    lab_open(&lab);
    task_create(&lab.loop, &landlord.task, "landlord", &landlord.coro);
    start_stranger(&lab, &stranger, 1.5, &landlord.task.future);
    while (loop_turn(&lab.loop, true))
        continue;
    CHECK_LOG("1 b fails\n"
              "1 a cancelled\n"
              "1 c cancelled\n"
              "1.5 cancel: yes\n" /* a's cleanup is broken off (row T08) */
              "2 c cleaned up\n"
              "2 left by E_CANCELLED: cancelled\n");
    lab_close(&lab);
}

/* --- HTTP ---------------------------------------------------------------- */

struct crowd {
    struct coro coro;
    struct origin *origin;
    struct session session;
    struct async_cleanup closing;
    struct session_close session_close;
    struct fetch_status *fetches;
    struct task *tasks;
    struct future **futures;
    struct gather_slot *slots;
    struct gather gather;
    char (*urls)[64];
    size_t n;
    const char *path; /* "delay/1"; NULL: each its own status and delay */
};
ASYNC_DECLARE(crowd);

/* As many different statuses as there are; 1xx and 3xx mean other things. */
static int status_of(size_t i)
{
    return i % 2 == 0 ? 200 + (int)(i / 2 % 100) : 400 + (int)(i % 200);
}

static void start_fetch(struct crowd *self, size_t i)
{
    struct fetch_status *fetch = &self->fetches[i];
    unsigned port = self->origin->port;

    *fetch = (struct fetch_status){ CORO(fetch_status),
        .session = &self->session, .url = self->urls[i] };
    if (self->path == NULL) /* few instants: each costs real time */
        fetch->delay_ns = MILLISECONDS(i * 7919 % 20 * 50);
    if (self->path != NULL)
        snprintf(self->urls[i], sizeof self->urls[i],
                 "http://127.0.0.1:%u/%s", port, self->path);
    else
        snprintf(self->urls[i], sizeof self->urls[i],
                 "http://127.0.0.1:%u/status/%d", port, status_of(i));
    self->futures[i] = task_create(self->origin->loop, &self->tasks[i],
                                   "fetch", &fetch->coro);
}

ASYNC(crowd)
{
    BEGIN;
    session_open(&self->session, task_loop(task), SESSION_DEFAULTS);
    DEFER_AWAIT(&self->closing, CALL(session_close,
                                     .session = &self->session));
    for (size_t i = 0; i < self->n; i++)
        start_fetch(self, i);
    AWAIT_FUTURE(gather(&self->gather, task_loop(task), self->slots,
                        self->futures, self->n, GATHER_RAISE));
    END;
}

/* The crowd of `path` against an origin, until all is over; `seconds` is
 * how long main took. */
static void run_crowd(struct crowd *crowd, struct origin *origin, size_t n,
                      const char *path, double seconds)
{
    struct error error;
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(0, origin_start(origin, &lab.loop, "127.0.0.1", 0, &error));
    *crowd = (struct crowd){ CORO(crowd), .origin = origin, .n = n,
        .path = path,
        .fetches = calloc(n, sizeof *crowd->fetches),
        .tasks = calloc(n, sizeof *crowd->tasks),
        .futures = calloc(n, sizeof(struct future *)),
        .slots = calloc(n, sizeof *crowd->slots),
        .urls = calloc(n, sizeof *crowd->urls) };
    CHECK_CODE(0, lab_run(&lab, &crowd->coro));
    CHECK_INT(SECONDS(seconds), lab.loop.now_ns);
    lab_close(&lab);
}

static void free_crowd(struct crowd *crowd)
{
    free(crowd->fetches);
    free(crowd->tasks);
    free(crowd->futures);
    free(crowd->slots);
    free(crowd->urls);
}

TEST(a_thousand_requests_are_a_hundred_connections__H01)
{
    struct origin origin;
    struct crowd crowd;

    run_crowd(&crowd, &origin, CROWD, "delay/1", CROWD / 100);
    CHECK_INT(CROWD, origin.requests);
    CHECK_INT(100, origin.connections);
    CHECK_INT(100, origin.peak);
    CHECK_INT(100, crowd.session.opened);
    for (size_t i = 0; i < CROWD; i++)
        CHECK_INT(200, crowd.fetches[i].status);
    free_crowd(&crowd);
}

TEST(two_hundred_results_are_in_argument_order__H01_G01)
{
    struct origin origin;
    struct crowd crowd;

    run_crowd(&crowd, &origin, FEWER, NULL, 0.95);
    CHECK(origin.connections <= 100);
    for (size_t i = 0; i < FEWER; i++) {
        const struct task *task = CONTAINER(crowd.slots[i].child,
                                            struct task, future);

        CHECK_INT(status_of(i),
                  ((const struct fetch_status *)(void *)task->coro)->status);
    }
    free_crowd(&crowd);
}

/* Good, bad, good: of cell 6. */
struct mixed {
    struct coro coro;
    struct origin *origin;
    enum gather_errors errors;
    struct session session;
    struct cleanup closing;
    char url[64];
    struct fetch_status fetches[3];
    struct task tasks[3];
    struct future *futures[3];
    struct gather_slot slots[3];
    struct gather gather;
    struct sleep sleep;
};
ASYNC_DECLARE(mixed);

ASYNC(mixed)
{
    BEGIN;
    session_open(&self->session, task_loop(task), SESSION_DEFAULTS);
    DEFER(&self->closing, session_shut, &self->session);
    snprintf(self->url, sizeof self->url, "http://127.0.0.1:%u/",
             self->origin->port);
    for (int i = 0; i < 3; i++) {
        self->fetches[i] = (struct fetch_status){ CORO(fetch_status),
            .session = &self->session, .delay_ns = SECONDS(i),
            .url = i == 1 ? "python://www.example.com" : self->url };
        self->futures[i] = task_create(task_loop(task), &self->tasks[i],
                                       "fetch", &self->fetches[i].coro);
    }
    CATCH_AWAIT_FUTURE(gather(&self->gather, task_loop(task), self->slots,
                              self->futures, 3, self->errors));
    say("%s", error_name(task->outcome));
    AWAIT(sleep, .delay_ns = SECONDS(2));
    END;
}

static void run_mixed(enum gather_errors errors)
{
    struct origin origin;
    struct mixed mixed = { CORO(mixed), .origin = &origin,
        .errors = errors };
    struct error error;
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(0, origin_start(&origin, &lab.loop, "127.0.0.1", 0, &error));
    CHECK_CODE(0, lab_run(&lab, &mixed.coro));
    CHECK_INT(200, mixed.fetches[0].status);
    CHECK_CODE(E_SCHEME, future_outcome(&mixed.tasks[1].future));
    CHECK_INT(200, mixed.fetches[2].status); /* it ran on */
    lab_close(&lab);
}

TEST(a_python_url_among_good_ones_is_one_error_in_the_list__H20)
{
    run_mixed(GATHER_RETURN);
    CHECK_LOG("2 OK\n");
}

TEST(a_python_url_raises_and_its_siblings_run_on__H20_G03)
{
    run_mixed(GATHER_RAISE);
    CHECK_LOG("1 E_SCHEME\n");
}

/* --- fetch_status -------------------------------------------------------- */

/* One fetch of /delay/1 after a second; cancelled after `turns` turns. */
static bool run_fetch(int turns, int *status)
{
    struct fetch_status fetch = { CORO(fetch_status),
        .delay_ns = SECONDS(1) };
    struct session session;
    struct origin origin;
    struct task task;
    struct error error;
    struct lab lab;
    char url[64];
    bool cancelled;

    lab_open(&lab);
    CHECK_CODE(0, origin_start(&origin, &lab.loop, "127.0.0.1", 0, &error));
    snprintf(url, sizeof url, "http://127.0.0.1:%u/delay/1", origin.port);
    session_open(&session, &lab.loop, SESSION_DEFAULTS);
    fetch.session = &session;
    fetch.url = url;
    task_create(&lab.loop, &task, "fetch", &fetch.coro);
    for (int i = 0; i < turns && !future_done(&task.future); i++)
        loop_turn(&lab.loop, true);
    cancelled = task_cancel(&task);
    CHECK_INT(0, loop_run_until(&lab.loop, &task.future));
    CHECK_CODE(cancelled ? E_CANCELLED : 0, future_outcome(&task.future));
    CHECK_INT(0, session.in_use);
    *status = fetch.status;
    session_shut(&session);
    origin_stop(&origin);
    while (loop_turn(&lab.loop, true))
        continue;
    lab_close(&lab);
    return cancelled;
}

TEST(fetch_status_cancelled_anywhere_leaves_nothing_open)
{
    int status = 0, k = 0;

    while (run_fetch(k, &status))
        k++;
    CHECK(k > 4); /* sleep, connect, send, read at least */
    CHECK_INT(200, status);
}

/* What a broken promise looks like, and what breaks it. The general ones
 * last. */
static const struct cause causes[] = {
    { "results_come*", { "yours        3 s  gather gives" },
      "results stand in the order in which they came: the slots are in "
      "argument order from the beginning, leave them where they are",
      "row \"result\"" },
    { "results_come*", { "is not done)" },
      "the count is one off: it ends when `finished`, this child included, "
      "is `distinct`", "row \"result\"" },
    { "results_come*", { "E_DEADLOCK" },
      "child_done does not end the gather with the last child: add it to "
      "each child, count every end, and when all are counted set the result "
      "of the outer future", "row \"result\"" },
    { "a_gather_of_nothing*", { "E_DEADLOCK" },
      "without children nobody calls child_done, and gather never ends: with "
      "count 0 set the result at once", "row \"input\"" },
    { "the_first_failure*", { "yours        2 s  a cancelled" },
      "gather cancels the siblings of one that failed: it leaves them alone, "
      "only a task group cancels them", "row \"on error\"" },
    { "the_first_failure*", { "expected     2 s  gather raises",
                              "yours        3 s  d done" },
      "errors are looked at only when all have ended: with GATHER_RAISE the "
      "first failure ends the gather at once", "row \"on error\"" },
    { "the_first_failure*", { "the run's outcome is OK (0)\n  yours" },
      "the failure of a child is not raised: with GATHER_RAISE it becomes "
      "the gather's error, fail()", "row \"on error\"" },
    { "the_first_failure*", { "yours      the run's outcome is OK" },
      "the failure of a child is not raised: with GATHER_RAISE it becomes "
      "the gather's error, fail()", "row \"on error\"" },
    { "return_waits*", { "the run's outcome is E_VALUE" },
      "an error is raised under GATHER_RETURN: RETURN means that errors are "
      "results like others, and all are waited for", "row \"on error\"" },
    { "return_waits*", { "expected     3 s  gather gives",
                         "yours        3 s  gather gives" },
      "results stand in another order than the arguments: leave the slots as "
      "they are, whoever ends first", "row \"result\"" },
    { "return_waits*", { "is not done)" },
      "a failure ends a gather with GATHER_RETURN: it waits for all",
      "row \"on error\"" },
    { "a_child_cancelled*", { "yours      the run's outcome is OK" },
      "a child that was cancelled counts as one that ended well: under "
      "GATHER_RAISE a cancelled child is an error, too (future_error is not "
      "NULL)", "row \"on error\"" },
    { "a_child_cancelled*", { "yours        2 s  a done" },
      "a child that was cancelled counts as one that ended well: under "
      "GATHER_RAISE a cancelled child is an error, too (future_error is not "
      "NULL)", "row \"on error\"" },
    { "a_child_cancelled*", { "nobody has cancelled the gather" },
      "a cancelled child makes a cancelled gather: E_CANCELLED is its error "
      "then, for nobody has cancelled the gather itself", NULL },
    { "or_a_result*", { "yours" },
      "a cancelled child ends a gather with GATHER_RETURN: it is a result "
      "like the others, in its place", NULL },
    { "the_same_child_twice*", { "E_DEADLOCK" },
      "it waits for more ends than there will be: a child given twice ends "
      "once; count those you listen to, in `distinct`", "row \"input\"" },
    { "the_same_child_twice*", { "null pointer" },
      "the second place of a child given twice stays empty: each slot has "
      "its child, and one of the two has the callback", "row \"input\"" },
    { "the_same_child_twice*", { "is not done)" },
      "the end of a child given twice is counted twice: one callback a "
      "child, and one in `distinct`", "row \"input\"" },
    { "the_same_child_twice*", { "Assertion" },
      "a callback is added to a child that has it already: `marked` tells "
      "whether you have met a child before", "row \"input\"" },
    { "the_same_two*", { "E_DEADLOCK" },
      "marks are left in the children, and the next gather takes them for "
      "duplicates: clear all of them before you return", "row \"input\"" },
    { "later_failures*", { "stays the first one" },
      "a later failure overwrites the first: when the outer future is done, "
      "an end is counted, looked at, and nothing more", "row \"on error\"" },
    { "errors_returned*", { "failed and nobody looked" },
      "errors that are results are reported as if nobody would look: "
      "future_look at every child when the gather ends", "row \"on error\"" },
    { "return_waits*", { "failed and nobody looked" },
      "errors that are results are reported as if nobody would look: "
      "future_look at every child when the gather ends", "row \"on error\"" },
    { "the_first_failure*", { "task c failed and nobody looked" },
      "the failure that the gather raises is reported as well: future_look "
      "at the child whose error it takes", "row \"on error\"" },
    { NULL, { "failed and nobody looked" },
      "later failures are reported as ones that nobody saw: gather has to "
      "future_look at each child that ends after it has failed",
      "row \"on error\"" },
    { "cancelling_it*", { "expected     1 s  b cancelled" },
      "not every child is asked: the || skips the others when one has taken "
      "the request; future_cancel(...) || any, in that order",
      "row \"on cancel\"" },
    { "cancelling_it*", { "expected     2 s  gather raises" },
      "a cancelled gather waits for all its children under GATHER_RAISE: it "
      "ends with the first that ends, a cancelled one is an error like any "
      "other", "row \"on cancel\"" },
    { "cancelling_it*", { "yours        1 s  gather raises" },
      "the gather ends before its children have: cancelling only asks them, "
      "and their ends come through child_done", "row \"on cancel\"" },
    { "cancelling_it*", { "expected     1 s  a cancelled" },
      "the children are not asked: cancelling a gather is future_cancel of "
      "each of them", "row \"on cancel\"" },
    { "cancelling_it*", { "cancel: no" },
      "the gather says that it takes no cancellation: true if any child took "
      "the request", "row \"on cancel\"" },
    { "with_return_*", { "yours", "gather gives" },
      "nobody remembers the request: all have ended, and the gather does not "
      "know that it was cancelled; cancel_requested is for that",
      "row \"on cancel\"" },
    { "with_return_it_ends*", { "yours        1 s  gather raises" },
      "the gather ends before its children have: cancelling only asks them",
      "row \"on cancel\"" },
    { "with_return_it_ends*", { "yours        2 s  gather raises" },
      "a cancelled gather ends with its first child under GATHER_RETURN: it "
      "waits for all of them", "row \"on cancel\"" },
    { "a_gather_that_is_done*", { "cancel: yes" },
      "a gather that is done hands a cancellation on: it says false, and "
      "its children are out of reach", NULL },
    { "a_gather_that_is_done*", { "b cancelled" },
      "a gather that is done hands a cancellation on: it says false, and "
      "its children are out of reach", NULL },
    { "a_gather_whose*", { "takes the request" },
      "it says that it took the request though no child did: it would be "
      "true only if future_cancel of a child was", NULL },
    { "a_gather_whose*", { "it is not cancelled" },
      "it remembers a request that no child took: cancel_requested only if "
      "future_cancel of a child was true", NULL },
    { NULL, { "uses a local of a function" },
      "the list of children is used after gather has returned, when it may "
      "be gone: slots[i].child has them", "row \"who frees\"" },
    { NULL, { "will call child_done" },
      "gather_close leaves callbacks behind: future_remove_callback for "
      "every slot, or a child's end will call into memory that is gone",
      "row \"who frees\"" },
    { "the_error_it_raises*", { "a copy" },
      "the gather points to an error that is the child's: the error belongs "
      "to the child, which may go first; copy it, as fail() does",
      "row \"who frees\"" },
    { "cancelling_the_outer*", { "yours" },
      "the request does not reach the leaves: a child may be any future, "
      "another gather, too, not only a task; future_cancel knows what to do "
      "with each", "row \"on cancel\"" },
    { "one_child*", { "takes the request" },
      "the gather denies that a child took the request: the answer is that "
      "of any child, not of the last one, nor always false",
      "row \"on cancel\"" },
    { "one_child*", { "E_CANCELLED" },
      "nobody remembers the request if the last child asked did not take it: "
      "any child's yes counts", "row \"on cancel\"" },
    { "after_gather_close*", { "cancelled" },
      "gather_close cancels the children: it only lets go of them",
      "row \"who frees\"" },
    { NULL, { "never be done" },
      "the gather never ends: a child that has ended already is not counted; "
      "future_add_callback calls back for it as well", NULL },
    { "children_that_are_done*", { "turns is" },
      "there is a short cut for children that are done: they come by "
      "callback, like all others", NULL },
    { NULL, { "E_DEADLOCK" },
      "the outer future is never done: an end is not counted, or the last "
      "one sets nothing", "row \"result\"" },
    { NULL, { "runs on and on" },
      "a callback loops instead of returning: nothing waits in a gather, it "
      "counts each end and goes home", "row \"result\"" },
};

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(results_come_in_argument_order__G01),
        ENTRY(a_gather_of_nothing_is_done_at_once__G02),
        ENTRY(the_first_failure_in_time_is_raised_and_the_others_run_on__G03),
        ENTRY(return_waits_for_all_and_keeps_errors_in_their_place__G05),
        ENTRY(a_child_cancelled_by_a_stranger_is_an_error_of_the_gather__G06),
        ENTRY(or_a_result_in_its_place__G07),
        ENTRY(the_same_child_twice_runs_once_and_fills_both_places__G11),
        ENTRY(the_same_two_can_be_gathered_again__G11),
        ENTRY(children_that_are_done_take_their_turns_too__G12),
        ENTRY(later_failures_are_never_heard_of__G04),
        ENTRY(errors_returned_count_as_looked_at__G05),
        ENTRY(cancelling_it_cancels_every_child_and_ends_with_the_first__G08),
        ENTRY(with_return_it_ends_when_all_children_have__G09),
        ENTRY(with_return_it_is_cancelled_even_if_every_child_swallows_it__G09),
        ENTRY(cancelling_the_outer_of_two_gathers_reaches_the_leaves__G15),
        ENTRY(one_child_that_takes_the_request_is_enough),
        ENTRY(a_gather_that_is_done_takes_no_cancellation__G10),
        ENTRY(a_gather_whose_children_are_done_takes_no_cancellation__G10),
        ENTRY(after_gather_close_its_memory_may_go),
        ENTRY(gather_close_takes_back_what_is_on_its_way),
        ENTRY(the_error_it_raises_outlives_the_child__G03),
        ENTRY(a_failure_goes_up_level_by_level__G15),
        ENTRY(of_two_failures_at_once_the_task_that_ended_first_wins__G16),
        ENTRY(of_two_that_had_failed_before_the_first_argument_wins__G12),
        ENTRY(the_awaiter_runs_two_turns_after_the_last_child__G13),
        ENTRY(children_start_in_argument_order_when_the_caller_waits__G14),
        ENTRY(cancel_at_every_suspension__G08_G09),
        ENTRY(cancel_rest_returns_when_the_last_child_has_ended),
        ENTRY(cancelled_meanwhile_cancel_rest_still_waits_for_all),
        ENTRY(a_thousand_requests_are_a_hundred_connections__H01),
        ENTRY(two_hundred_results_are_in_argument_order__H01_G01),
        ENTRY(a_python_url_among_good_ones_is_one_error_in_the_list__H20),
        ENTRY(a_python_url_raises_and_its_siblings_run_on__H20_G03),
        ENTRY(fetch_status_cancelled_anywhere_leaves_nothing_open)
    };

    return lesson_main(argc, argv, &(struct lesson){
        "11_gather", tests, COUNT(tests), causes, COUNT(causes) });
}
