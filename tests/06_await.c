/* 06_await.c - what delay, one_by_one and all_at_once promise.
 *
 * Seconds here are virtual. A line of the log is "TIME words": what a delay
 * says, when it says it, and what main found out.
 */
#include "06_await/await.h"
#include "check.h"

#include <stdarg.h>
#include <string.h>

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
    static const char *const words[] = {
        "pending", "done", "error", "cancelled"
    };
    char line[REPORT_LINE] = "";

    for (size_t i = 0; watched != NULL && i < watched->count; i++)
        snprintf(line + strlen(line), sizeof line - strlen(line), "%s%s",
                 i == 0 ? "" : ", ", words[watched->tasks[i].future.state]);
    if (watched != NULL)
        say("[%s]", line);
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

/* "one_by_one(3, 1, 2)", for a scene. */
static const char *call(const char *name, const double *seconds, size_t count)
{
    static char text[REPORT_LINE];
    size_t used = (size_t)snprintf(text, sizeof text, "%s(", name);

    for (size_t i = 0; i < count && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%g",
                                 i == 0 ? "" : ", ", seconds[i]);
    snprintf(text + strlen(text), sizeof text - strlen(text), ")");
    return text;
}

/* --- delay --------------------------------------------------------------- */

TEST(a_delay_says_when_it_begins_and_when_it_ends)
{
    struct delay delay = { CORO(delay), .stage = &stage, .seconds = 1.5 };

    scene("delay(1.5)");
    run(&delay.coro);
    CHECK_LOG("0 sleeping 1.5\n"
              "1.5 finished 1.5\n"
              "1.5 main: OK\n");
}

TEST(a_delay_told_to_fail_fails_at_its_end_and_not_before)
{
    struct delay delay = { CORO(delay), .stage = &stage, .seconds = 2,
                           .fails = true };

    scene("delay(2), told to fail");
    run(&delay.coro);
    CHECK_LOG("0 sleeping 2\n"
              "2 main: delay 2: told to fail\n");
    CHECK_CODE(E_VALUE, delay.coro.error);
}

/* --- one_by_one ---------------------------------------------------------- */

TEST(one_by_one_takes_the_sum_of_all_delays)
{
    static const double seconds[] = { 3, 1, 2 };
    struct one_by_one body = { CORO(one_by_one), .stage = &stage,
                               .seconds = seconds, .count = 3 };

    scene("%s", call("one_by_one", seconds, 3));
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
struct seen {
    struct loop_hook hook, *before;
};

static void see_tasks(struct loop_hook *hook, struct loop *loop,
                      const struct loop_event *event)
{
    struct loop_hook *before = CONTAINER(hook, struct seen, hook)->before;

    before->tell(before, loop, event);
    if (event->kind == EVENT_TASK_CREATED)
        say("a task is created");
}

TEST(one_by_one_makes_a_task_of_each_delay_but_never_two_at_once)
{
    static const double seconds[] = { 1, 2 };
    struct seen seen = { .hook.tell = see_tasks };
    struct one_by_one body = { CORO(one_by_one), .stage = &stage,
                               .seconds = seconds, .count = 2 };
    struct lab lab;

    scene("main runs %s", call("one_by_one", seconds, 2));
    lab_open(&lab);
    seen.before = lab.loop.hook;
    lab.loop.hook = &seen.hook;
    CHECK_CODE(0, lab_run(&lab, &body.coro));
    CHECK_LOG("0 a task is created\n" /* main */
              "0 a task is created\n"
              "0 sleeping 1\n"
              "1 finished 1\n"
              "1 a task is created\n"
              "1 sleeping 2\n"
              "3 finished 2\n");
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

    scene("main runs %s", call("one_by_one", seconds, 2));
    lab_open(&lab);
    task_create(&lab.loop, &main, "main", &body.coro);
    promise("7 turns: main | delay | it ends | main wakes | delay | it ends "
            "| main ends");
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

    if (failing == 0)
        scene("%s", call("all_at_once", seconds, count));
    else
        scene("%s, number %zu fails", call("all_at_once", seconds, count),
              failing);
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
              "3 [done, done, done]\n");
}

/* Neither the first nor the last is the longest. */
TEST(all_at_once_ends_when_the_last_one_is_done)
{
    static const double seconds[] = { 1, 3, 2 };

    run_all(seconds, 3, 0, 0);
    CHECK_LOG("0 sleeping 1\n"
              "0 sleeping 3\n"
              "0 sleeping 2\n"
              "1 finished 1\n"
              "2 finished 2\n"
              "3 finished 3\n"
              "3 main: OK\n"
              "3 [done, done, done]\n");
}

/* Turn 1 creates; turn 2 starts them, in the order of creation. */
TEST(creating_a_task_runs_none_of_it__T01)
{
    static const double seconds[] = { 3, 1, 2 };
    struct all_at_once body = { CORO(all_at_once), .stage = &stage,
        .seconds = seconds, .count = 3 };
    struct task main;
    struct lab lab;

    scene("main runs %s", call("all_at_once", seconds, 3));
    lab_open(&lab);
    task_create(&lab.loop, &main, "main", &body.coro);
    for (int turn = 1; turn <= 2; turn++) {
        say("turn %d", turn);
        loop_turn(&lab.loop, false);
    }
    CHECK_LOG("0 turn 1\n"
              "0 turn 2\n"
              "0 sleeping 3\n"
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
              "8 [done, done, done, done, done, done, done, done]\n");
}

/* A future that is done does not suspend who awaits it: main wakes once,
 * for the longest, and finds the other two done. */
TEST(awaiting_what_is_done_does_not_suspend__F05)
{
    static const double seconds[] = { 3, 1, 2 };
    struct all_at_once body = { CORO(all_at_once), .stage = &stage,
        .seconds = seconds, .count = 3 };
    struct lab lab;

    scene("main runs %s", call("all_at_once", seconds, 3));
    lab_open(&lab);
    CHECK_CODE(0, lab_run(&lab, &body.coro));
    promise("8 steps: main runs twice, at first and at 3 s, each delay "
            "twice");
    CHECK_INT(2 + 3 * 2, lab.steps);
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
              "1 [error, pending, pending]\n"
              "2 finished 2\n"
              "3 finished 3\n"
              "5 [error, done, done]\n");
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
              "3 [done, error, pending]\n"
              "5 finished 5\n"
              "7 [done, error, done]\n");
}

TEST(the_last_one_s_failure_is_heard_of_too)
{
    static const double seconds[] = { 1, 2 };

    run_all(seconds, 2, 2, 0);
    CHECK_LOG("0 sleeping 1\n"
              "0 sleeping 2\n"
              "1 finished 1\n"
              "2 main: delay 2: told to fail\n"
              "2 [done, error]\n");
}

/* What main leaves behind, the end of the run cancels (row L11). */
TEST(the_others_live_as_long_as_the_run_and_no_longer)
{
    static const double seconds[] = { 1, 2, 3 };
    struct all_at_once body = { CORO(all_at_once), .stage = &stage,
        .seconds = seconds, .count = 3, .failing = 1 };
    struct lab lab;

    scene("main runs %s, number 1 fails, and it ends with it",
          call("all_at_once", seconds, 3));
    lab_open(&lab);
    promise("the failure of number 1 goes up");
    CHECK_CODE(E_VALUE, lab_run(&lab, &body.coro));
    promise("%s", "");
    CHECK_LOG("0 sleeping 1\n"
              "0 sleeping 2\n"
              "0 sleeping 3\n");
    promise("the end of the run cancels 2 and 3");
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

    scene("one_by_one(), then all_at_once(): no delays");
    lab_open(&lab);
    CHECK_CODE(0, lab_run(&lab, &first.coro));
    CHECK_CODE(0, lab_run(&lab, &second.coro));
    promise("each is over in its first step");
    CHECK_INT(2, lab.steps);
    lab_close(&lab);
}

/* --- Cancelling ---------------------------------------------------------- */

/* When a task parks for the k-th time, main is asked to end: in the next
 * turn, by a callback, because this one is in the middle of a step. */
struct canceller {
    struct loop_hook hook, *before;
    struct callback callback;
    struct loop *loop;
    int countdown;
    bool taken;
};

static void cancel_main(struct callback *callback)
{
    struct canceller *canceller = CONTAINER(callback, struct canceller,
                                            callback);

    say("main is cancelled");
    canceller->taken = task_cancel(&canceller->loop->main);
}

static void count_down(struct loop_hook *hook, struct loop *loop,
                       const struct loop_event *event)
{
    struct canceller *canceller = CONTAINER(hook, struct canceller, hook);

    canceller->before->tell(canceller->before, loop, event);
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
    canceller.before = lab.loop.hook;
    lab.loop.hook = &canceller.hook;
    code = lab_run(&lab, body);
    promise("%s", canceller.taken ? "the cancellation goes up: main ends "
            "with it" : "main ends well");
    CHECK_CODE(canceller.taken ? E_CANCELLED : 0, code);
    promise("no task, no timer, nothing ready is left");
    lab_close(&lab);
    promise("%s", "");
    return canceller.countdown <= 0;
}

static const double three[] = { 3, 1, 2 };

TEST(cancel_one_by_one_at_every_suspension)
{
    struct one_by_one body;
    int k = 0;

    do {
        k++;
        scene("%s, cancelled when a task parks, time %d",
              call("one_by_one", three, 3), k);
        body = (struct one_by_one){ CORO(one_by_one), .stage = &stage,
                                    .seconds = three, .count = 3 };
    } while (cancelled_at(k, &body.coro));
    promise("6 suspensions: main and a delay, three times");
    CHECK_INT(6, k - 1);
}

TEST(cancel_all_at_once_at_every_suspension)
{
    struct all_at_once body;
    int k = 0;

    do {
        k++;
        scene("%s, cancelled when a task parks, time %d",
              call("all_at_once", three, 3), k);
        body = (struct all_at_once){ CORO(all_at_once), .stage = &stage,
                                     .seconds = three, .count = 3 };
    } while (cancelled_at(k, &body.coro));
    promise("4 suspensions: main once, three delays");
    CHECK_INT(4, k - 1);
}

/* Down to the awaited one (row T12); its siblings are not on that way. */
TEST(a_cancelled_all_at_once_takes_only_the_awaited_task_along__T12)
{
    static const double seconds[] = { 3, 1, 5 };
    struct all_at_once body = { CORO(all_at_once), .stage = &stage,
        .seconds = seconds, .count = 3 };
    struct task main;
    struct lab lab;

    scene("main runs %s; then main is cancelled",
          call("all_at_once", seconds, 3));
    lab_open(&lab);
    task_create(&lab.loop, &main, "main", &body.coro);
    for (int turn = 0; turn < 3; turn++)
        loop_turn(&lab.loop, false);
    say("main is cancelled");
    task_cancel(&main);
    CHECK_CODE(0, loop_run_until(&lab.loop, &main.future));
    say("main: %s", error_name(future_outcome(&main.future)));
    say_states(&body);
    CHECK_CODE(0, loop_run_until(&lab.loop, &body.tasks[2].future));
    CHECK_LOG("0 sleeping 3\n"
              "0 sleeping 1\n"
              "0 sleeping 5\n"
              "0 main is cancelled\n"
              "0 main: E_CANCELLED\n"
              "0 [cancelled, pending, pending]\n"
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

/* --- What went wrong ----------------------------------------------------- */

static const struct cause causes[] = {
    /* The library refuses, or the sanitizers do. */
    { "one_by_one*", { "that task still runs" },
      "the next delay is created before the last one is done: create it, "
      "await it, then the next", NULL },
    { NULL, { "that task still runs" },
      "tasks share one struct task, or one is created twice: each needs its "
      "own, "
      "self->tasks[self->i], and a frame of its own, "
      "self->delays[self->i]", "row \"who frees\"" },
    { NULL, { "uses a local" },
      "a frame or a task is a local of the body: it dies at the next "
      "await, while the loop still points at it; make it a member of self",
      "row \"who frees\"" },
    { NULL, { "loop->current == NULL" },
      "a coroutine runs the loop that runs it: AWAIT_FUTURE parks it, and "
      "the loop wakes it", NULL },
    { NULL, { "loop(task)->current == task" },
      "a coroutine is polled by hand: task_create queues its first step, "
      "and the loop runs it", NULL },
    { NULL, { "cannot resume" },
      "an AWAIT stands inside a switch of its own: its `case` belongs to "
      "that one, and the body does not find it; write if/else instead", NULL },
    { "one_by_one*", { "awaited again after it had ended" },
      "a delay is run by two, its task and an await of the coroutine: "
      "await the task's future, &self->task.future", NULL },
    { NULL, { "awaited again after it had ended" },
      "a frame is run by two: two tasks share it, or it is awaited beside "
      "the task that runs it; one frame and one task each, and await the "
      "task's future", "row \"who frees\"" },
    { NULL, { "endless recursion" },
      "a coroutine awaits itself: await the future of the task that was "
      "created", NULL },
    { NULL, { "lib/loop/task.c", "null pointer of type 'struct loop'" },
      "a loop is asked for that is not there yet: task_loop(task), `task` "
      "being the one that runs, not the one to be created", NULL },
    { NULL, { "null pointer of type 'struct loop'" },
      "a task's future is awaited before the task was created, or behind "
      "the last one: a count or an index in a local died at an await",
      NULL },
    { NULL, { "null pointer of type" },
      "a local of the body is used after an await: each step enters the "
      "body anew, and makes it anew; what must live is a member of self",
      "row \"who frees\"" },
    { NULL, { "misaligned address" },
      "a local of the body is used after an await: each step enters the "
      "body anew, and makes it anew; what must live is a member of self",
      "row \"who frees\"" },
    { NULL, { "coro->type != NULL" },
      "a frame is built without CORO(delay): nobody knows which body it "
      "has", NULL },
    { NULL, { "stage != NULL" },
      "a delay is built without `.stage = self->stage`", "row \"input\"" },
    { NULL, { "cannot await itself" },
      "`task` is awaited, which is the task that runs: await the one that "
      "was created, &self->task.future", NULL },
    { NULL, { "past the end of" },
      "the loop goes on past the last delay: i < count", "row \"input\"" },
    { NULL, { "sleeps in a system call" },
      "a coroutine sleeps by itself, and the loop with it: AWAIT(sleep, "
      "...)", NULL },
    { NULL, { "runs on and on" },
      "a coroutine asks again and again whether a task is done (a busy "
      "wait): AWAIT_FUTURE parks it until the task wakes it", NULL },
    { NULL, { "time stands still" },
      "a coroutine asks again and again whether a task is done (a busy "
      "wait): AWAIT_FUTURE parks it until the task wakes it", NULL },
    { NULL, { "the log is full" },
      "the loop's counter is a local that begins anew at every step, so "
      "that the same delay is created again and again: use self->i", NULL },
    /* delay. */
    { "a_delay_says*", { " finished 1.5" },
      "delay does not await its sleep", NULL },
    { "a_delay_told*", { "yours        0 s" },
      "delay fails before its sleep: it fails at its end", NULL },
    { "a_delay_told*", { "yours        2 s" },
      "delay finishes though it was told to fail: RAISE", NULL },
    { "the_others_live*", { " s  finished" },
      "delay goes on after a sleep that was cancelled: AWAIT, not "
      "CATCH_AWAIT, passes the cancellation on", "row \"on cancel\"" },
    /* one_by_one. */
    { "one_by_one_takes*", { "expected     3 s  sleeping 1",
                             "yours        3 s  main: OK" },
      "the loop ends at its first await: its counter is a local, which "
      "died there (use self->i), or it returns too early", NULL },
    { "one_by_one_takes*", { "yours        0 s  main: OK" },
      "nobody awaits the task: main ends before it has begun",
      "row \"result\"" },
    { "one_by_one_takes*", { "expected     0 s  sleeping 3" },
      "the first delay is not the first of `seconds`: .seconds = "
      "self->seconds[self->i], from 0 on", "row \"input\"" },
    { "one_by_one_takes*", { "expected     3 s  sleeping 1" },
      "the second delay is not the second of `seconds`: .seconds = "
      "self->seconds[self->i]", "row \"input\"" },
    { "one_by_one_makes*", { "expected     0 s  a task is created" },
      "a delay is awaited as a callee (AWAIT): that takes as long, but it "
      "is no task of its own; task_create, then AWAIT_FUTURE",
      "row \"input\"" },
    { "the_awaiting_task*", { "lab_turns" },
      "one_by_one gives way once more than it must: AWAIT_FUTURE is "
      "enough", NULL },
    /* all_at_once. */
    { "all_at_once_takes*", { "expected     0 s  sleeping 1",
                              "yours        3 s  finished 3" },
      "each task is awaited before the next one is created, which is one "
      "by one with extra steps: create all of them first, await in a "
      "second loop", NULL },
    { "all_at_once_takes*", { "expected     0 s  sleeping 3",
                              "yours        0 s  sleeping" },
      "the delays are not created in the order of `seconds`: the first is "
      "number 0, .seconds = self->seconds[self->i]", "row \"input\"" },
    { "all_at_once_takes*", { "yours        0 s  sleeping 3" },
      "two delays are as long as the first: .seconds = "
      "self->seconds[self->i]", "row \"input\"" },
    { "all_at_once_takes*", { "yours        0 s  main: OK" },
      "nobody awaits the tasks: all_at_once ends before they have begun; "
      "a second loop, from self->i = 0 on, awaits each", "row \"result\"" },
    { "all_at_once_takes*", { "told to fail" },
      "`failing` is counted from 0: the first is number 1, and 0 is "
      "nobody", "row \"input\"" },
    { "all_at_once_takes*", { "yours        2 s  main: OK" },
      "not all tasks are awaited, only the last ones: await each, from "
      "the first on", "row \"result\"" },
    { "all_at_once_*", { "yours        1 s  main: OK" },
      "only the first task is awaited: the loop's counter is a local, "
      "which died at that await (use self->i), or there is no loop",
      "row \"result\"" },
    { "all_at_once_*", { "yours        2 s  main: OK" },
      "not all tasks are awaited, only the last ones: await each, from "
      "the first on", "row \"result\"" },
    { "creating_a_task*", { "yours      nothing more" },
      "something is awaited between one task_create and the next: the "
      "others begin later", NULL },
    { "a_failure_leaves*", { "yours        1 s  finished 1" },
      "the delay that is to fail is not told: .fails = self->i + 1 == "
      "self->failing", "row \"input\"" },
    { "a_failure_leaves*", { "yours        2 s  finished 2", "main: OK" },
      "the outcome of a task is thrown away: CATCH_AWAIT_FUTURE leaves it "
      "in task->outcome; AWAIT_FUTURE passes it on", "row \"on error\"" },
    { "a_failure_leaves*", { "expected     1 s  main: delay 1" },
      "all tasks are waited for before their errors are looked at: the "
      "first failure in the order of awaiting goes up at once",
      "row \"on error\"" },
    { "a_failure_leaves*", { "cancelled]" },
      "a failure cancels the other tasks: nobody asked for that, they run "
      "on (a task group is another thing: lesson 14)", "row \"on error\"" },
    { "a_failure_leaves*", { "nobody looked" },
      "more than one delay is told to fail: .fails = self->i + 1 == "
      "self->failing", "row \"input\"" },
    { "a_failure_is_heard*", { "nobody looked" },
      "a task that is done already is not awaited: awaiting it costs "
      "nothing, and is how its failure is heard of", "row \"on error\"" },
    { "a_failure_is_heard*", { "cancelled]" },
      "a failure cancels the other tasks: nobody asked for that, they run "
      "on (a task group is another thing: lesson 14)", "row \"on error\"" },
    { "a_failure_is_heard*", { "expected     3 s  main: delay 1" },
      "the tasks are not awaited in their own order, the first one first: "
      "that order says whose failure is heard of, and when",
      "row \"on error\"" },
    { "a_failure_is_heard*", { "yours        1 s  main: delay 1" },
      "the tasks are not awaited in their own order, the first one first: "
      "that order says whose failure is heard of, and when",
      "row \"on error\"" },
    { "the_last_one*", { "main: OK" },
      "the last task is not awaited", "row \"result\"" },
    { "awaiting_what_is_done*", { "lab.steps" },
      "main wakes up more often than it must: the tasks are not awaited in "
      "their own order, or it gives way elsewhere, too", NULL },
    /* Cancelling. */
    { "cancel_*", { "code is OK" },
      "a cancellation is swallowed: CATCH_AWAIT_FUTURE leaves it in "
      "task->outcome, and nobody passes it on", "row \"on cancel\"" },
    { "cancel_*", { "k - 1" },
      "it gives way more, or less, often than it must: one AWAIT_FUTURE "
      "for each task", NULL },
    { "a_cancelled_all*", { "yours        0 s  [cancelled, cancelled" },
      "the siblings are cancelled, too: only the task that is being "
      "awaited goes along", "row \"on cancel\"" },
    { "a_cancelled_all*", { "main: OK" },
      "a cancellation is swallowed: CATCH_AWAIT_FUTURE leaves it in "
      "task->outcome, and nobody passes it on", "row \"on cancel\"" },
};

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(a_delay_says_when_it_begins_and_when_it_ends),
        ENTRY(a_delay_told_to_fail_fails_at_its_end_and_not_before),
        ENTRY(one_by_one_takes_the_sum_of_all_delays),
        ENTRY(one_by_one_makes_a_task_of_each_delay_but_never_two_at_once),
        ENTRY(the_awaiting_task_goes_on_one_turn_after_the_awaited_ended__T03),
        ENTRY(all_at_once_takes_as_long_as_the_longest_delay),
        ENTRY(all_at_once_ends_when_the_last_one_is_done),
        ENTRY(creating_a_task_runs_none_of_it__T01),
        ENTRY(eight_delays_fit_and_each_is_its_own),
        ENTRY(awaiting_what_is_done_does_not_suspend__F05),
        ENTRY(a_failure_leaves_the_other_tasks_alone__T24),
        ENTRY(a_failure_is_heard_of_when_its_turn_to_be_awaited_comes__T24),
        ENTRY(the_last_one_s_failure_is_heard_of_too),
        ENTRY(the_others_live_as_long_as_the_run_and_no_longer),
        ENTRY(no_delays_are_over_at_once),
        ENTRY(cancel_one_by_one_at_every_suspension),
        ENTRY(cancel_all_at_once_at_every_suspension),
        ENTRY(a_cancelled_all_at_once_takes_only_the_awaited_task_along__T12),
        ENTRY(a_sleep_of_nothing_gives_up_exactly_one_turn__S01),
        ENTRY(tasks_that_sleep_for_nothing_take_turns__S02),
        ENTRY(a_future_tells_nobody_before_the_next_turn__F01_F03),
        ENTRY(who_waits_wakes_one_turn_later_in_the_order_of_waiting__F06),
    };

    return lesson_main(argc, argv, &(struct lesson){
        "06_await", tests, COUNT(tests), causes, COUNT(causes) });
}
