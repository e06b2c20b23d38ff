/* 06_await.c - what delay, one_by_one and all_at_once promise.
 *
 * Seconds here are virtual. A line of the log is "TIME words": what a delay
 * says, when it says it, and what main found out.
 */
#include "06_await/await.h"
#include "check.h"

#include <stdarg.h>

/* Ours instead of the stage's: the linker takes the first that it meets.
 * What a delay would print goes to the test's log, with the time. */
void stage_say(struct stage *stage, const char *format, ...)
{
    char line[200];
    va_list arguments;

    CHECK(stage != NULL);
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    say("%s", line);
}

int64_t stage_ns(const struct stage *stage, double seconds)
{
    CHECK(stage != NULL);
    return SECONDS(seconds);
}

/* What main does in these tests: run one coroutine, say how it ended. */
struct outer {
    struct coro coro;
    struct coro *body;
    const struct all_at_once *watched; /* say what became of its tasks */
    int64_t patience_ns;               /* then stay so long            */
    struct sleep sleep;
};
ASYNC_DECLARE(outer);

static void say_states(const struct all_at_once *watched)
{
    char line[DELAYS_MAX + 1] = "";

    for (size_t i = 0; watched != NULL && i < watched->count; i++)
        line[i] = "?RXC"[watched->tasks[i].future.state];
    if (watched != NULL)
        say("tasks %s", line); /* ? pending, R result, X error, C cancelled */
}

ASYNC(outer)
{
    BEGIN;
    TRY_AWAIT_CORO(self->body);
    say("main: %s", self->body->error == 0 ? "OK" : task->error.text);
    say_states(self->watched);
    if (self->patience_ns > 0) {
        AWAIT(sleep, .delay_ns = self->patience_ns);
        say_states(self->watched);
    }
    END;
}

static struct stage stage;

static void run(struct coro *body)
{
    struct outer outer = { CORO(outer), .body = body };
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(0, lab_run(&lab, &outer.coro));
    lab_close(&lab);
}

/* --- delay --------------------------------------------------------------- */

TEST(a_delay_says_when_it_begins_and_when_it_ends)
{
    struct delay delay = { CORO(delay), .stage = &stage, .seconds = 1.5 };

    run(&delay.coro);
    CHECK_LOG("0 sleeping 1.5\n"
              "1.5 finished 1.5\n"
              "1.5 main: OK\n");
}

TEST(a_delay_told_to_fail_fails_at_its_end_and_not_before)
{
    struct delay delay = { CORO(delay), .stage = &stage, .seconds = 2,
                           .fails = true };

    run(&delay.coro);
    CHECK_CODE(E_VALUE, delay.coro.error);
    CHECK_LOG("0 sleeping 2\n"
              "2 main: delay 2: told to fail\n");
}

/* --- one_by_one ---------------------------------------------------------- */

TEST(one_by_one_takes_the_sum_of_all_delays)
{
    static const double seconds[] = { 3, 1, 2 };
    struct one_by_one body = { CORO(one_by_one), .stage = &stage,
                               .seconds = seconds, .count = 3 };

    run(&body.coro);
    CHECK_LOG("0 sleeping 3\n"
              "3 finished 3\n"
              "3 sleeping 1\n"
              "4 finished 1\n"
              "4 sleeping 2\n"
              "6 finished 2\n"
              "6 main: OK\n");
}

/* A delay awaited as a plain callee would give the same lines. The notebook
 * has create_task there: main, and one task for each delay. */
struct tasks_seen {
    struct loop_hook hook;
    size_t created;
    bool too_many; /* unfinished at once */
};

static void see(struct loop_hook *hook, struct loop *loop,
                const struct loop_event *event)
{
    struct tasks_seen *seen = CONTAINER(hook, struct tasks_seen, hook);
    size_t alive = 0;

    seen->created += event->kind == EVENT_TASK_CREATED;
    LIST_EACH(&loop->tasks, link)
        alive++;
    if (alive > 2)
        seen->too_many = true;
}

TEST(one_by_one_makes_a_task_of_each_delay_but_never_two_at_once)
{
    static const double seconds[] = { 1, 1, 1 };
    struct tasks_seen seen = { .hook.tell = see };
    struct one_by_one body = { CORO(one_by_one), .stage = &stage,
                               .seconds = seconds, .count = 3 };
    struct lab lab;

    lab_open(&lab);
    lab.loop.hook = &seen.hook;
    CHECK_CODE(0, lab_run(&lab, &body.coro));
    CHECK_INT(4, seen.created);
    CHECK(!seen.too_many);
    lab_close(&lab);
}

/* The second delay begins in the turn after the first one ended: its end
 * wakes us by a callback, and what we create starts a turn later. */
TEST(the_awaiting_task_goes_on_one_turn_after_the_awaited_ended__T03)
{
    static const double seconds[] = { 0, 0 };
    struct one_by_one body = { CORO(one_by_one), .stage = &stage,
                               .seconds = seconds, .count = 2 };
    struct task main;
    struct lab lab;

    lab_open(&lab);
    task_create(&lab.loop, &main, "main", &body.coro);
    /* main | delay | delay ends | main wakes | delay | ends | main ends */
    CHECK_INT(7, lab_turns(&lab, &main.future));
    CHECK_CODE(0, future_outcome(&main.future));
    lab_close(&lab);
}

/* --- all_at_once --------------------------------------------------------- */

static void run_all(const double *seconds, size_t count, size_t failing,
                    int64_t patience_ns)
{
    struct all_at_once body = { CORO(all_at_once), .stage = &stage,
        .seconds = seconds, .count = count, .failing = failing };
    struct outer outer = { CORO(outer), .body = &body.coro,
        .watched = &body, .patience_ns = patience_ns };
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(0, lab_run(&lab, &outer.coro));
    lab_close(&lab);
}

TEST(all_at_once_takes_as_long_as_the_longest_delay)
{
    static const double seconds[] = { 3, 1, 2 };

    run_all(seconds, 3, 0, 0);
    CHECK_LOG("0 sleeping 3\n"
              "0 sleeping 1\n"
              "0 sleeping 2\n"
              "1 finished 1\n"
              "2 finished 2\n"
              "3 finished 3\n"
              "3 main: OK\n"
              "3 tasks RRR\n");
}

/* Turn 1 creates; turn 2 starts them, in the order of creation. */
TEST(creating_a_task_runs_none_of_it__T01)
{
    static const double seconds[] = { 3, 1, 2 };
    struct all_at_once body = { CORO(all_at_once), .stage = &stage,
        .seconds = seconds, .count = 3 };
    struct task main;
    struct lab lab;

    lab_open(&lab);
    task_create(&lab.loop, &main, "main", &body.coro);
    CHECK_LOG("");
    loop_turn(&lab.loop, false);
    CHECK_LOG("");
    loop_turn(&lab.loop, false);
    CHECK_LOG("0 sleeping 3\n"
              "0 sleeping 1\n"
              "0 sleeping 2\n");
    CHECK_CODE(0, loop_run_until(&lab.loop, &main.future));
    lab_close(&lab);
}

TEST(eight_delays_fit_and_each_is_its_own)
{
    static const double seconds[DELAYS_MAX] = { 8, 7, 6, 5, 4, 3, 2, 1 };

    run_all(seconds, DELAYS_MAX, 0, 0);
    CHECK_LOG("0 sleeping 8\n" "0 sleeping 7\n" "0 sleeping 6\n"
              "0 sleeping 5\n" "0 sleeping 4\n" "0 sleeping 3\n"
              "0 sleeping 2\n" "0 sleeping 1\n"
              "1 finished 1\n" "2 finished 2\n" "3 finished 3\n"
              "4 finished 4\n" "5 finished 5\n" "6 finished 6\n"
              "7 finished 7\n" "8 finished 8\n"
              "8 main: OK\n"
              "8 tasks RRRRRRRR\n");
}

/* A future that is done does not suspend who awaits it: main wakes once,
 * for the longest, and finds the other two done. */
TEST(awaiting_what_is_done_does_not_suspend__F05)
{
    static const double seconds[] = { 3, 1, 2 };
    struct all_at_once body = { CORO(all_at_once), .stage = &stage,
        .seconds = seconds, .count = 3 };
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(0, lab_run(&lab, &body.coro));
    CHECK_INT(2 + 3 * 2, lab.steps); /* main twice, each delay twice */
    lab_close(&lab);
}

TEST(a_failure_leaves_the_other_tasks_alone__T24)
{
    static const double seconds[] = { 1, 2, 3 };

    run_all(seconds, 3, 1, SECONDS(4));
    CHECK_LOG("0 sleeping 1\n"
              "0 sleeping 2\n"
              "0 sleeping 3\n"
              "1 main: delay 1: told to fail\n"
              "1 tasks X??\n"
              "2 finished 2\n"
              "3 finished 3\n"
              "5 tasks XRR\n");
}

/* B fails at 1 s, and main hears of it at 3 s: it was waiting for A. */
TEST(a_failure_is_heard_of_when_its_turn_to_be_awaited_comes__T24)
{
    static const double seconds[] = { 3, 1, 5 };

    run_all(seconds, 3, 2, SECONDS(4));
    CHECK_LOG("0 sleeping 3\n"
              "0 sleeping 1\n"
              "0 sleeping 5\n"
              "3 finished 3\n"
              "3 main: delay 1: told to fail\n"
              "3 tasks RX?\n"
              "5 finished 5\n"
              "7 tasks RXR\n");
}

TEST(the_last_one_s_failure_is_heard_of_too)
{
    static const double seconds[] = { 1, 2 };

    run_all(seconds, 2, 2, 0);
    CHECK_LOG("0 sleeping 1\n"
              "0 sleeping 2\n"
              "1 finished 1\n"
              "2 main: delay 2: told to fail\n"
              "2 tasks RX\n");
}

/* What main leaves behind, the end of the run cancels (row L11). */
TEST(the_others_live_as_long_as_the_run_and_no_longer)
{
    static const double seconds[] = { 1, 2, 3 };
    struct all_at_once body = { CORO(all_at_once), .stage = &stage,
        .seconds = seconds, .count = 3, .failing = 1 };
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(E_VALUE, lab_run(&lab, &body.coro));
    CHECK_LOG("0 sleeping 1\n"
              "0 sleeping 2\n"
              "0 sleeping 3\n");
    CHECK_INT(FUTURE_ERROR, body.tasks[0].future.state);
    CHECK_INT(FUTURE_CANCELLED, body.tasks[1].future.state);
    CHECK_INT(FUTURE_CANCELLED, body.tasks[2].future.state);
    lab_close(&lab);
}

TEST(no_delays_are_over_at_once)
{
    struct one_by_one first = { CORO(one_by_one), .stage = &stage };
    struct all_at_once second = { CORO(all_at_once), .stage = &stage };
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(0, lab_run(&lab, &first.coro));
    CHECK_CODE(0, lab_run(&lab, &second.coro));
    CHECK_INT(2, lab.steps);
    lab_close(&lab);
}

/* --- Cancelling ---------------------------------------------------------- */

/* When a task parks for the k-th time, main is asked to end: in the next
 * turn, by a callback, because this one is in the middle of a step. */
struct canceller {
    struct loop_hook hook;
    struct callback callback;
    struct loop *loop;
    int countdown;
    bool taken;
};

static void cancel_main(struct callback *callback)
{
    struct canceller *canceller = CONTAINER(callback, struct canceller,
                                            callback);

    canceller->taken = task_cancel(&canceller->loop->main);
}

static void count_down(struct loop_hook *hook, struct loop *loop,
                       const struct loop_event *event)
{
    struct canceller *canceller = CONTAINER(hook, struct canceller, hook);

    if (event->kind != EVENT_PARKED)
        return;
    canceller->countdown--;
    if (canceller->countdown == 0)
        loop_call_soon(loop, &canceller->callback);
}

/* Cancelled when something parks for the k-th time; false: nothing did. */
static bool cancelled_at(int k, struct coro *body)
{
    struct canceller canceller = { .hook.tell = count_down,
        .callback.run = cancel_main, .countdown = k };
    struct lab lab;
    int code;

    lab_open(&lab);
    canceller.loop = &lab.loop;
    lab.loop.hook = &canceller.hook;
    code = lab_run(&lab, body);
    CHECK_CODE(canceller.taken ? E_CANCELLED : 0, code);
    lab_close(&lab); /* no task, no timer, nothing ready is left */
    return canceller.countdown <= 0;
}

TEST(cancel_at_every_suspension)
{
    static const double seconds[] = { 3, 1, 2 };
    struct one_by_one first;
    struct all_at_once second;
    int k = 0, suspensions;

    do {
        k++;
        first = (struct one_by_one){ CORO(one_by_one), .stage = &stage,
                                     .seconds = seconds, .count = 3 };
    } while (cancelled_at(k, &first.coro));
    suspensions = k - 1;
    CHECK_INT(6, suspensions); /* main and a delay, three times */
    k = 0;
    do {
        k++;
        second = (struct all_at_once){ CORO(all_at_once), .stage = &stage,
                                       .seconds = seconds, .count = 3 };
    } while (cancelled_at(k, &second.coro));
    suspensions = k - 1;
    CHECK_INT(4, suspensions); /* main once, three delays */
}

/* Down to the awaited one (row T12); its siblings are not on that way. */
TEST(a_cancelled_all_at_once_takes_only_the_awaited_task_along__T12)
{
    static const double seconds[] = { 3, 1, 5 };
    struct all_at_once body = { CORO(all_at_once), .stage = &stage,
        .seconds = seconds, .count = 3 };
    struct task main;
    struct lab lab;

    lab_open(&lab);
    task_create(&lab.loop, &main, "main", &body.coro);
    for (int turn = 0; turn < 3; turn++)
        loop_turn(&lab.loop, false);
    CHECK(task_cancel(&main));
    CHECK_CODE(0, loop_run_until(&lab.loop, &main.future));
    CHECK_CODE(E_CANCELLED, future_outcome(&main.future));
    CHECK_INT(FUTURE_CANCELLED, body.tasks[0].future.state);
    CHECK_INT(FUTURE_PENDING, body.tasks[1].future.state);
    CHECK_INT(FUTURE_PENDING, body.tasks[2].future.state);
    CHECK_CODE(0, loop_run_until(&lab.loop, &body.tasks[2].future));
    CHECK_LOG("0 sleeping 3\n"
              "0 sleeping 1\n"
              "0 sleeping 5\n"
              "1 finished 1\n"
              "5 finished 5\n");
    lab_close(&lab);
}

/* --- What the lesson says about tasks, futures and sleep ----------------- */

struct spinner {
    struct coro coro;
    const char *name;
    int64_t delay_ns;
    int turn;
    struct sleep sleep;
    struct task task;
};
ASYNC_DECLARE(spinner);

ASYNC(spinner)
{
    BEGIN;
    for (; self->turn < 3; self->turn++) {
        say("%s %d", self->name, self->turn);
        AWAIT(sleep, .delay_ns = self->delay_ns);
    }
    END;
}

TEST(a_sleep_of_nothing_gives_up_exactly_one_turn__S01)
{
    struct spinner spinner = { CORO(spinner), .name = "A" };
    struct lab lab;

    lab_open(&lab);
    for (int i = 0; i < 2; i++) {
        spinner = (struct spinner){ CORO(spinner), .name = "A",
                                    .delay_ns = i == 0 ? 0 : -SECONDS(1) };
        task_create(&lab.loop, &spinner.task, "A", &spinner.coro);
        CHECK_INT(4, lab_turns(&lab, &spinner.task.future));
        CHECK_INT(0, lab.timers);
    }
    lab_close(&lab);
}

TEST(tasks_that_sleep_for_nothing_take_turns__S02)
{
    struct spinner a = { CORO(spinner), .name = "A" };
    struct spinner b = { CORO(spinner), .name = "B" };
    struct spinner c = { CORO(spinner), .name = "C", .delay_ns = 1 };
    struct lab lab;

    lab_open(&lab);
    task_create(&lab.loop, &a.task, "A", &a.coro);
    task_create(&lab.loop, &b.task, "B", &b.coro);
    task_create(&lab.loop, &c.task, "C", &c.coro);
    CHECK_INT(4, lab_turns(&lab, &a.task.future));
    CHECK_LOG("0 A 0\n" "0 B 0\n" "0 C 0\n"
              "0 A 1\n" "0 B 1\n"
              "0 A 2\n" "0 B 2\n");
    CHECK_CODE(0, loop_run_until(&lab.loop, &c.task.future));
    lab_close(&lab);
}

static void say_called(struct callback *callback)
{
    (void)callback;
    say("told");
}

TEST(a_future_tells_nobody_before_the_next_turn__F01_F03)
{
    struct callback callback = { .run = say_called };
    struct future future;
    struct lab lab;

    lab_open(&lab);
    future_init(&future, &lab.loop, FUTURE_PLAIN);
    CHECK_CODE(E_INVALID_STATE, future_outcome(&future));
    future_add_callback(&future, &callback);
    CHECK_CODE(0, future_set_result(&future));
    CHECK_LOG("");
    loop_turn(&lab.loop, false);
    CHECK_LOG("0 told\n");
    CHECK_CODE(0, future_outcome(&future));
    lab_close(&lab);
}

struct waiter {
    struct coro coro;
    const char *name;
    struct future *on;
    struct task task;
};
ASYNC_DECLARE(waiter);

ASYNC(waiter)
{
    BEGIN;
    AWAIT_FUTURE(self->on);
    say("%s woke", self->name);
    END;
}

TEST(who_waits_wakes_one_turn_later_in_the_order_of_waiting__F06)
{
    struct future future;
    struct waiter a = { CORO(waiter), .name = "A", .on = &future };
    struct waiter b = { CORO(waiter), .name = "B", .on = &future };
    struct lab lab;

    lab_open(&lab);
    future_init(&future, &lab.loop, FUTURE_PLAIN);
    task_create(&lab.loop, &a.task, "A", &a.coro);
    task_create(&lab.loop, &b.task, "B", &b.coro);
    loop_turn(&lab.loop, false);
    future_set_result(&future);
    CHECK_LOG("");
    CHECK_INT(1, lab_turns(&lab, &b.task.future));
    CHECK_LOG("0 A woke\n" "0 B woke\n");
    CHECK(future_done(&a.task.future));
    lab_close(&lab);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(a_delay_says_when_it_begins_and_when_it_ends),
        ENTRY(a_delay_told_to_fail_fails_at_its_end_and_not_before),
        ENTRY(one_by_one_takes_the_sum_of_all_delays),
        ENTRY(one_by_one_makes_a_task_of_each_delay_but_never_two_at_once),
        ENTRY(the_awaiting_task_goes_on_one_turn_after_the_awaited_ended__T03),
        ENTRY(all_at_once_takes_as_long_as_the_longest_delay),
        ENTRY(creating_a_task_runs_none_of_it__T01),
        ENTRY(eight_delays_fit_and_each_is_its_own),
        ENTRY(awaiting_what_is_done_does_not_suspend__F05),
        ENTRY(a_failure_leaves_the_other_tasks_alone__T24),
        ENTRY(a_failure_is_heard_of_when_its_turn_to_be_awaited_comes__T24),
        ENTRY(the_last_one_s_failure_is_heard_of_too),
        ENTRY(the_others_live_as_long_as_the_run_and_no_longer),
        ENTRY(no_delays_are_over_at_once),
        ENTRY(cancel_at_every_suspension),
        ENTRY(a_cancelled_all_at_once_takes_only_the_awaited_task_along__T12),
        ENTRY(a_sleep_of_nothing_gives_up_exactly_one_turn__S01),
        ENTRY(tasks_that_sleep_for_nothing_take_turns__S02),
        ENTRY(a_future_tells_nobody_before_the_next_turn__F01_F03),
        ENTRY(who_waits_wakes_one_turn_later_in_the_order_of_waiting__F06),
    };

    return lesson_main(argc, argv, &(struct lesson){
        "06_await", tests, COUNT(tests), NULL, 0 });
}
