/* task_test.c - tasks, cancellation and sleep: rows T and S. */
#include "actors.h"

/* --- Running ------------------------------------------------------------- */

TEST(create_runs_nothing_and_tasks_start_in_order__T01)
{
    struct actor a, b;
    struct lab lab;

    lab_open(&lab);
    START(&lab, spin, &b, .name = "B", .turns = 1);
    START(&lab, spin, &a, .name = "A", .turns = 1);
    CHECK_LOG("");
    settle(&lab);
    CHECK_LOG("0 B 1\n0 A 1\n");
    lab_close(&lab);
}

TEST(a_task_can_be_awaited_many_times__T02)
{
    struct actor a, b, c;
    struct lab lab;

    lab_open(&lab);
    START(&lab, nap, &a, .name = "A", .delay_ns = SECONDS(1), .fails = true);
    START(&lab, look, &b, .name = "B", .on = &a.task.future);
    run_dry(&lab);
    START(&lab, look, &c, .name = "C", .on = &a.task.future);
    run_dry(&lab);
    CHECK_LOG("0 A starts\n1 B got E_USER\n1 C got E_USER\n");
    CHECK_CODE(E_USER, future_outcome(&b.task.future));
    CHECK_CODE(E_USER, future_outcome(&c.task.future));
    CHECK_STR("A failed", c.task.error.text);
    lab_close(&lab);
}

TEST(a_parent_resumes_one_turn_after_its_child_ended__T03)
{
    struct future future;
    struct actor child, parent;
    struct lab lab;

    lab_open(&lab);
    future_open(&future, &lab);
    START(&lab, look, &child, .name = "child", .on = &future);
    START(&lab, look, &parent, .name = "parent", .on = &child.task.future);
    settle(&lab);
    future_set_result(&future);
    CHECK_INT(1, lab_turns(&lab, &child.task.future));
    CHECK_INT(1, lab_turns(&lab, &parent.task.future));
    lab_close(&lab);
}

TEST(a_task_that_awaits_itself_gets_an_error_one_turn_later__T19)
{
    struct actor a;
    struct lab lab;

    lab_open(&lab);
    START(&lab, look, &a, .name = "A", .on = &a.task.future);
    loop_turn(&lab.loop, false);
    CHECK_LOG("");
    loop_turn(&lab.loop, false);
    CHECK_CODE(E_RUNTIME, future_outcome(&a.task.future));
    CHECK_STR("task A cannot await itself", a.task.error.text);
    CHECK_LOG("0 A got E_RUNTIME\n");
    lab_close(&lab);
}

static void say_current(struct note *note)
{
    say("current: %s", note->loop->current != NULL
        ? note->loop->current->name : "none");
}

struct looker {
    struct coro coro;
};

ASYNC(looker)
{
    BEGIN;
    say("current: %s", task_loop(task)->current->name);
    END;
}

TEST(current_is_the_running_task_and_none_in_callbacks__T22)
{
    struct looker looker = { CORO(looker) };
    struct task task;
    struct note note;
    struct lab lab;

    lab_open(&lab);
    note_init(&note, &lab, "callback");
    note.then = say_current;
    task_create(&lab.loop, &task, "looker", &looker.coro);
    loop_call_soon(&lab.loop, &note.callback);
    settle(&lab);
    CHECK_LOG("0 current: looker\n0 callback\n0 current: none\n");
    lab_close(&lab);
}

TEST(unfinished_tasks_are_listed_oldest_first__T22)
{
    struct actor a, b;
    struct lab lab;

    lab_open(&lab);
    START(&lab, nap, &a, .name = "A", .delay_ns = SECONDS(2));
    START(&lab, nap, &b, .name = "B", .delay_ns = SECONDS(1));
    CHECK(lab.loop.tasks.next == &a.task.link);
    CHECK(lab.loop.tasks.prev == &b.task.link);
    let_pass(&lab, MILLISECONDS(1500));
    CHECK(lab.loop.tasks.next == &a.task.link);
    CHECK(lab.loop.tasks.prev == &a.task.link);
    run_dry(&lab);
    CHECK(list_empty(&lab.loop.tasks));
    lab_close(&lab);
}

/* [await t for t in tasks], as the seed has it. */
struct awaiter {
    struct coro coro;
    struct actor *tasks;
    int at;
};

ASYNC(awaiter)
{
    BEGIN;
    for (; self->at < 3; self->at++) {
        AWAIT_FUTURE(&self->tasks[self->at].task.future);
        say("got %d", self->at);
    }
    END;
}

TEST(a_failure_does_not_touch_other_tasks__T24)
{
    struct awaiter awaiter = { CORO(awaiter), .at = 0 };
    struct actor a[3];
    struct task task;
    struct lab lab;

    lab_open(&lab);
    START(&lab, nap, &a[0], .name = "A", .delay_ns = SECONDS(1));
    START(&lab, nap, &a[1], .name = "B", .delay_ns = 0, .fails = true);
    START(&lab, nap, &a[2], .name = "C", .delay_ns = SECONDS(2));
    awaiter.tasks = a;
    task_create(&lab.loop, &task, "awaiter", &awaiter.coro);
    run_dry(&lab);
    CHECK_CODE(E_USER, future_outcome(&task.future));
    CHECK_LOG("0 A starts\n0 B starts\n0 C starts\n1 A ends\n1 got 0\n"
              "2 C ends\n");
    lab_close(&lab);
}

/* --- Cancelling ---------------------------------------------------------- */

/* A nap of 9 s that is cancelled after 1 s, then all runs to its end. */
static int cancel_nap(struct nap nap)
{
    struct task task;
    struct lab lab;
    int code;

    lab_open(&lab);
    nap.coro.type = &nap_type;
    nap.name = "A";
    nap.delay_ns = SECONDS(9);
    task_create(&lab.loop, &task, "A", &nap.coro);
    let_pass(&lab, SECONDS(1));
    CHECK(task_cancel(&task));
    CHECK_INT(FUTURE_PENDING, task.future.state);
    run_dry(&lab);
    CHECK_INT(1, task.cancelling);
    code = future_outcome(&task.future);
    lab_close(&lab);
    return code;
}

TEST(cancel_before_start_never_runs_the_body__T04)
{
    struct actor a;
    struct lab lab;

    lab_open(&lab);
    START(&lab, nap, &a, .name = "A", .delay_ns = SECONDS(1));
    CHECK(task_cancel(&a.task));
    CHECK_INT(1, lab_turns(&lab, &a.task.future));
    CHECK_CODE(E_CANCELLED, future_outcome(&a.task.future));
    CHECK_LOG("");
    lab_close(&lab);
}

TEST(cancel_is_raised_at_the_await_one_turn_later__T05)
{
    struct actor a;
    struct lab lab;

    lab_open(&lab);
    START(&lab, nap, &a, .name = "A", .delay_ns = SECONDS(9));
    let_pass(&lab, SECONDS(1));
    CHECK(task_cancel(&a.task));
    CHECK(!future_done(&a.task.future));
    CHECK_INT(1, lab_turns(&lab, &a.task.future));
    CHECK_LOG("0 A starts\n1 A cancelled\n");
    CHECK_INT(0, lab.loop.timers.count);
    CHECK_CODE(E_CANCELLED, future_outcome(&a.task.future));
    CHECK_STR("cancelled", a.task.error.text);
    lab_close(&lab);
}

TEST(cancel_of_a_done_task_changes_nothing__T06)
{
    struct actor a;
    struct lab lab;

    lab_open(&lab);
    START(&lab, spin, &a, .name = "A", .turns = 0);
    settle(&lab);
    CHECK(!task_cancel(&a.task));
    CHECK_INT(0, a.task.cancelling);
    CHECK_CODE(0, future_outcome(&a.task.future));
    lab_close(&lab);
}

TEST(two_cancels_before_it_runs_are_one_error__T07)
{
    struct actor a;
    struct lab lab;

    lab_open(&lab);
    START(&lab, nap, &a, .name = "A", .delay_ns = SECONDS(9),
          .cleanup_ns = SECONDS(1));
    let_pass(&lab, SECONDS(1));
    CHECK(task_cancel(&a.task));
    CHECK(task_cancel(&a.task));
    CHECK_INT(2, a.task.cancelling);
    run_dry(&lab);
    CHECK_LOG("0 A starts\n1 A cancelled\n2 A cleaned up\n");
    lab_close(&lab);
}

TEST(a_second_cancel_interrupts_the_cleanup__T08)
{
    struct actor a;
    struct lab lab;

    lab_open(&lab);
    START(&lab, nap, &a, .name = "A", .delay_ns = SECONDS(9),
          .cleanup_ns = SECONDS(1));
    let_pass(&lab, SECONDS(1));
    CHECK(task_cancel(&a.task));
    let_pass(&lab, MILLISECONDS(500));
    CHECK(task_cancel(&a.task));
    CHECK_INT(1, lab_turns(&lab, &a.task.future));
    CHECK_LOG("0 A starts\n1 A cancelled\n");
    CHECK_CODE(E_CANCELLED, future_outcome(&a.task.future));
    lab_close(&lab);
}

TEST(a_task_may_swallow_its_cancellation__T09)
{
    CHECK_CODE(0, cancel_nap((struct nap){ .swallows = true }));
    CHECK_LOG("0 A starts\n1 A cancelled\n");
}

TEST(after_swallowing_it_later_awaits_are_normal__T10)
{
    CHECK_CODE(0, cancel_nap((struct nap){ .swallows = true,
                                           .cleanup_ns = SECONDS(2) }));
    CHECK_LOG("0 A starts\n1 A cancelled\n3 A cleaned up\n");
}

TEST(another_error_raised_while_cancelled_wins__T11)
{
    CHECK_CODE(E_USER, cancel_nap((struct nap){ .fails = true }));
    CHECK_LOG("0 A starts\n1 A cancelled\n");
}

TEST(a_parent_s_cancel_goes_down_and_waits_for_the_child__T12)
{
    struct actor child, parent;
    struct lab lab;

    lab_open(&lab);
    START(&lab, nap, &child, .name = "child", .delay_ns = SECONDS(9),
          .cleanup_ns = SECONDS(1));
    START(&lab, look, &parent, .name = "parent", .on = &child.task.future);
    let_pass(&lab, SECONDS(1));
    CHECK(task_cancel(&parent.task));
    run_dry(&lab);
    CHECK_LOG("0 child starts\n1 child cancelled\n2 child cleaned up\n"
              "2 parent got E_CANCELLED\n");
    CHECK_INT(1, child.task.cancelling);
    lab_close(&lab);
}

TEST(a_child_that_swallows_it_saves_its_parent__T13)
{
    struct actor child, parent;
    struct lab lab;

    lab_open(&lab);
    START(&lab, nap, &child, .name = "child", .delay_ns = SECONDS(9),
          .swallows = true);
    START(&lab, look, &parent, .name = "parent", .on = &child.task.future);
    let_pass(&lab, SECONDS(1));
    CHECK(task_cancel(&parent.task));
    run_dry(&lab);
    CHECK_LOG("0 child starts\n1 child cancelled\n1 parent got OK\n");
    CHECK_CODE(0, future_outcome(&parent.task.future));
    CHECK_INT(1, parent.task.cancelling);
    lab_close(&lab);
}

TEST(a_child_cancelled_by_others_cancels_who_awaits_it__T14_T15)
{
    struct actor child, one, two;
    struct lab lab;

    lab_open(&lab);
    START(&lab, nap, &child, .name = "child", .delay_ns = SECONDS(9));
    START(&lab, look, &one, .name = "one", .on = &child.task.future);
    START(&lab, look, &two, .name = "two", .on = &child.task.future);
    let_pass(&lab, SECONDS(1));
    CHECK(task_cancel(&child.task));
    run_dry(&lab);
    CHECK_LOG("0 child starts\n1 child cancelled\n1 one got E_CANCELLED\n"
              "1 two got E_CANCELLED\n");
    CHECK_CODE(E_CANCELLED, future_outcome(&one.task.future));
    CHECK_INT(0, one.task.cancelling);
    lab_close(&lab);
}

TEST(one_parent_s_cancel_hits_the_other_parent__T15)
{
    struct actor child, one, two;
    struct lab lab;

    lab_open(&lab);
    START(&lab, nap, &child, .name = "child", .delay_ns = SECONDS(9));
    START(&lab, look, &one, .name = "one", .on = &child.task.future);
    START(&lab, look, &two, .name = "two", .on = &child.task.future);
    let_pass(&lab, SECONDS(1));
    CHECK(task_cancel(&two.task));
    run_dry(&lab);
    CHECK_CODE(E_CANCELLED, future_outcome(&one.task.future));
    CHECK_CODE(E_CANCELLED, future_outcome(&two.task.future));
    CHECK_LOG("0 child starts\n1 child cancelled\n1 one got E_CANCELLED\n"
              "1 two got E_CANCELLED\n");
    lab_close(&lab);
}

/* CPython's cancel() never comes back from there. */
TEST(a_cancel_breaks_a_ring_of_tasks_that_await_each_other__T12)
{
    struct actor one, two, stranger;
    struct lab lab;

    lab_open(&lab);
    START(&lab, look, &one, .name = "one", .on = &two.task.future);
    START(&lab, look, &two, .name = "two", .on = &one.task.future);
    START(&lab, look, &stranger, .name = "stranger", .on = &two.task.future);
    settle(&lab);
    CHECK(task_cancel(&stranger.task));
    CHECK_INT(1, one.task.cancelling);
    CHECK_INT(1, two.task.cancelling); /* round the ring is no new request */
    CHECK(task_cancel(&one.task)); /* again, before any of them ran */
    CHECK_LOG("");
    settle(&lab);
    CHECK_LOG("0 two got E_CANCELLED\n0 one got E_CANCELLED\n"
              "0 stranger got E_CANCELLED\n");
    CHECK_INT(2, two.task.cancelling);
    lab_close(&lab);
}

enum next { JUST_RETURN, THEN_YIELD, THEN_AWAIT, THEN_AWAIT_DONE };

/* Cancels itself, then does as `next` says. */
struct suicide {
    struct coro coro;
    enum next next;
    struct future *future;
};

ASYNC(suicide)
{
    BEGIN;
    CHECK(task_cancel(task));
    say("still here");
    if (self->next == THEN_YIELD)
        YIELD();
    else if (self->next != JUST_RETURN)
        AWAIT_FUTURE(self->future);
    say("at the end");
    END;
}

/* Runs it; how it ended, and what became of the future it awaited. */
static void cancel_itself(enum next next, enum future_state state,
                          const char *log)
{
    struct suicide suicide = { CORO(suicide), .future = NULL };
    struct future future;
    struct task task;
    struct lab lab;

    lab_open(&lab);
    future_open(&future, &lab);
    if (next == THEN_AWAIT_DONE)
        future_set_result(&future);
    suicide.next = next;
    suicide.future = &future;
    task_create(&lab.loop, &task, "suicide", &suicide.coro);
    settle(&lab);
    CHECK_CODE(E_CANCELLED, future_outcome(&task.future));
    CHECK_INT(state, future.state);
    CHECK_LOG(log);
    lab_close(&lab);
}

TEST(self_cancel_strikes_at_the_next_await_that_yields__T16)
{
    cancel_itself(THEN_AWAIT, FUTURE_CANCELLED, "0 still here\n");
    cancel_itself(THEN_YIELD, FUTURE_PENDING, "0 still here\n");
}

TEST(self_cancel_passes_by_an_await_that_does_not_yield__T16_T17)
{
    cancel_itself(THEN_AWAIT_DONE, FUTURE_RESULT,
                  "0 still here\n0 at the end\n");
}

TEST(self_cancel_and_return_ends_cancelled__T17)
{
    cancel_itself(JUST_RETURN, FUTURE_PENDING,
                  "0 still here\n0 at the end\n");
}

/* Stands for a child twice, as gather(a, a) does. */
struct pair {
    struct outer_future outer;
    struct future *child;
};

static bool cancel_pair(struct future *future)
{
    struct future *child = CONTAINER(future, struct pair,
                                     outer.future)->child;
    bool first = future_cancel(child);

    return future_cancel(child) || first;
}

/* A task that awaits itself through `pair`; cancelled while it is parked,
 * or by itself before. */
static void cancel_round(bool before)
{
    struct pair pair = { .outer.cancel = cancel_pair, .outer.name = "pair" };
    struct suicide suicide = { CORO(suicide), .next = THEN_AWAIT,
                               .future = &pair.outer.future };
    struct actor a;
    struct task task;
    struct lab lab;

    lab_open(&lab);
    future_init(&pair.outer.future, &lab.loop, FUTURE_OUTER);
    START(&lab, look, &a, .name = "A", .on = &pair.outer.future);
    pair.child = &a.task.future;
    if (before) {
        task_create(&lab.loop, &task, "suicide", &suicide.coro);
        pair.child = &task.future;
    }
    settle(&lab);
    if (!before)
        CHECK(task_cancel(&a.task));
    settle(&lab);
    CHECK_CODE(E_CANCELLED, future_outcome(pair.child));
    future_set_result(&pair.outer.future);
    settle(&lab);
    lab_close(&lab);
}

TEST(a_request_that_comes_round_twice_strikes_once__T12)
{
    cancel_round(false);
    CHECK_LOG("0 A got E_CANCELLED\n");
}

TEST(self_cancel_before_joining_a_ring_strikes_there__T16)
{
    cancel_round(true);
    CHECK_LOG("0 still here\n0 A got OK\n");
}

TEST(a_cancel_beats_a_result_that_has_arrived__T18)
{
    struct future future;
    struct actor a;
    struct lab lab;

    lab_open(&lab);
    future_open(&future, &lab);
    START(&lab, look, &a, .name = "A", .on = &future);
    settle(&lab);
    future_set_result(&future); /* the wake-up is in the ready queue */
    CHECK(task_cancel(&a.task));
    settle(&lab);
    CHECK_LOG("0 A got E_CANCELLED\n");
    CHECK_CODE(0, future_outcome(&future));
    lab_close(&lab);
}

TEST(a_cancel_beats_an_error_that_has_arrived__T18)
{
    static const struct error oops = { E_USER, "oops" };
    struct future future;
    struct actor a;
    struct lab lab;

    lab_open(&lab);
    future_open(&future, &lab);
    START(&lab, look, &a, .name = "A", .on = &future);
    settle(&lab);
    future_set_error(&future, &oops);
    CHECK(task_cancel(&a.task));
    settle(&lab);
    CHECK_LOG("0 A got E_CANCELLED\n");
    CHECK_STR("cancelled", a.task.error.text);
    lab_close(&lab);
}

TEST(uncancel_counts_down_to_zero_and_undoes_nothing__T20)
{
    struct actor a;
    struct lab lab;

    lab_open(&lab);
    START(&lab, nap, &a, .name = "A", .delay_ns = SECONDS(9));
    settle(&lab);
    task_cancel(&a.task);
    task_cancel(&a.task);
    CHECK_INT(1, task_uncancel(&a.task));
    CHECK_INT(0, task_uncancel(&a.task));
    CHECK_INT(0, task_uncancel(&a.task));
    settle(&lab);
    CHECK_CODE(E_CANCELLED, future_outcome(&a.task.future));
    lab_close(&lab);
}

/* --- Sleeping ------------------------------------------------------------ */

TEST(sleep_of_zero_or_less_yields_exactly_one_turn__S01)
{
    static const int64_t delays[] = { 0, -1, INT64_MIN };
    struct actor a;
    struct lab lab;

    lab_open(&lab);
    for (size_t i = 0; i < COUNT(delays); i++) {
        START(&lab, nap, &a, .name = "A", .delay_ns = delays[i]);
        CHECK_INT(2, lab_turns(&lab, &a.task.future));
        CHECK_INT(0, lab.timers);
    }
    lab_close(&lab);
}

TEST(sleepers_of_zero_share_the_loop_round_robin__S02)
{
    struct actor a, b, c;
    struct lab lab;

    lab_open(&lab);
    START(&lab, spin, &a, .name = "A", .turns = 3);
    START(&lab, spin, &b, .name = "B", .turns = 3);
    START(&lab, nap, &c, .name = "C", .delay_ns = 1);
    lab.loop.now_ns = 0;
    loop_turn(&lab.loop, false);
    lab.loop.now_ns = 1; /* due while the others still spin */
    settle(&lab);
    CHECK_LOG("0 A 1\n0 B 1\n0 C starts\n1e-09 A 2\n1e-09 B 2\n1e-09 A 3\n"
              "1e-09 B 3\n1e-09 C ends\n");
    lab_close(&lab);
}

TEST(a_sleeper_runs_one_turn_after_its_timer__S03)
{
    struct actor a;
    struct lab lab;

    lab_open(&lab);
    START(&lab, nap, &a, .name = "A", .delay_ns = SECONDS(1));
    settle(&lab);
    loop_turn(&lab.loop, true); /* the clock jumps, the timer runs */
    CHECK_INT(1, lab.timers);
    CHECK(!future_done(&a.task.future));
    CHECK_INT(1, lab_turns(&lab, &a.task.future));
    CHECK_LOG("0 A starts\n1 A ends\n");
    lab_close(&lab);
}

TEST(a_cancelled_sleep_leaves_no_timer_to_wait_for__S04)
{
    struct actor a, b;
    struct lab lab;

    lab_open(&lab);
    START(&lab, nap, &a, .name = "A", .delay_ns = SECONDS(3600));
    START(&lab, nap, &b, .name = "B", .delay_ns = SECONDS(1));
    settle(&lab);
    task_cancel(&a.task);
    run_dry(&lab);
    CHECK_LOG("0 A starts\n0 B starts\n0 A cancelled\n1 B ends\n");
    CHECK_INT(SECONDS(1), loop_now(&lab.loop));
    lab_close(&lab);
}

TEST(a_cancel_in_sleep_of_zero_strikes_at_the_next_step__S05)
{
    struct actor a;
    struct lab lab;

    lab_open(&lab);
    START(&lab, nap, &a, .name = "A", .delay_ns = 0);
    loop_turn(&lab.loop, false);
    CHECK(task_cancel(&a.task));
    CHECK_INT(1, lab_turns(&lab, &a.task.future));
    CHECK_LOG("0 A starts\n0 A cancelled\n");
    lab_close(&lab);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(create_runs_nothing_and_tasks_start_in_order__T01),
        ENTRY(a_task_can_be_awaited_many_times__T02),
        ENTRY(a_parent_resumes_one_turn_after_its_child_ended__T03),
        ENTRY(a_task_that_awaits_itself_gets_an_error_one_turn_later__T19),
        ENTRY(current_is_the_running_task_and_none_in_callbacks__T22),
        ENTRY(unfinished_tasks_are_listed_oldest_first__T22),
        ENTRY(a_failure_does_not_touch_other_tasks__T24),
        ENTRY(cancel_before_start_never_runs_the_body__T04),
        ENTRY(cancel_is_raised_at_the_await_one_turn_later__T05),
        ENTRY(cancel_of_a_done_task_changes_nothing__T06),
        ENTRY(two_cancels_before_it_runs_are_one_error__T07),
        ENTRY(a_second_cancel_interrupts_the_cleanup__T08),
        ENTRY(a_task_may_swallow_its_cancellation__T09),
        ENTRY(after_swallowing_it_later_awaits_are_normal__T10),
        ENTRY(another_error_raised_while_cancelled_wins__T11),
        ENTRY(a_parent_s_cancel_goes_down_and_waits_for_the_child__T12),
        ENTRY(a_child_that_swallows_it_saves_its_parent__T13),
        ENTRY(a_child_cancelled_by_others_cancels_who_awaits_it__T14_T15),
        ENTRY(one_parent_s_cancel_hits_the_other_parent__T15),
        ENTRY(a_cancel_breaks_a_ring_of_tasks_that_await_each_other__T12),
        ENTRY(self_cancel_strikes_at_the_next_await_that_yields__T16),
        ENTRY(self_cancel_passes_by_an_await_that_does_not_yield__T16_T17),
        ENTRY(self_cancel_and_return_ends_cancelled__T17),
        ENTRY(a_request_that_comes_round_twice_strikes_once__T12),
        ENTRY(self_cancel_before_joining_a_ring_strikes_there__T16),
        ENTRY(a_cancel_beats_a_result_that_has_arrived__T18),
        ENTRY(a_cancel_beats_an_error_that_has_arrived__T18),
        ENTRY(uncancel_counts_down_to_zero_and_undoes_nothing__T20),
        ENTRY(sleep_of_zero_or_less_yields_exactly_one_turn__S01),
        ENTRY(sleepers_of_zero_share_the_loop_round_robin__S02),
        ENTRY(a_sleeper_runs_one_turn_after_its_timer__S03),
        ENTRY(a_cancelled_sleep_leaves_no_timer_to_wait_for__S04),
        ENTRY(a_cancel_in_sleep_of_zero_strikes_at_the_next_step__S05),
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
