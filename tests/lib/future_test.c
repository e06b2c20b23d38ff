/* future_test.c - futures and the queues that callbacks travel in. */
#include "actors.h"

#include <stdlib.h>
#include <string.h>

static const struct error oops = { E_USER, "oops" };

/* --- Queues -------------------------------------------------------------- */

static void nothing(struct callback *callback)
{
    (void)callback;
}

enum { POOL = 12 };

/* The ring against an array, by ten thousand random operations. */
TEST(a_queue_is_fifo_whatever_is_pushed_popped_and_removed)
{
    struct callback pool[POOL];
    struct callback *model[POOL], *popped;
    struct queue queue = { NULL };
    size_t n = 0, i, at;

    srand(1);
    for (i = 0; i < POOL; i++)
        pool[i] = (struct callback){ NULL, nothing };
    for (int round = 0; round < 10000; round++) {
        i = (size_t)rand() % POOL;
        for (at = 0; at < n && model[at] != &pool[i]; at++)
            continue;
        if (rand() % 4 == 0) {
            popped = queue_pop(&queue);
            CHECK(popped == (n > 0 ? model[0] : NULL));
            n -= n > 0;
            memmove(model, model + 1, n * sizeof model[0]);
        } else if (at == n) {
            CHECK(!queue_remove(&queue, &pool[i]));
            queue_push(&queue, &pool[i]);
            model[n] = &pool[i];
            n++;
        } else {
            CHECK(queue_remove(&queue, &pool[i]));
            n--;
            memmove(model + at, model + at + 1,
                    (n - at) * sizeof model[0]);
        }
    }
    for (i = 0; i < n; i++)
        CHECK(queue_pop(&queue) == model[i]);
    CHECK(queue_pop(&queue) == NULL);
}

TEST(append_moves_a_whole_queue_in_order)
{
    struct callback c[4];
    struct queue a = { NULL }, b = { NULL };

    for (int i = 0; i < 4; i++)
        c[i] = (struct callback){ NULL, nothing };
    queue_append(&a, &b); /* nothing to nothing */
    CHECK(a.tail == NULL);
    queue_push(&b, &c[0]);
    queue_push(&b, &c[1]);
    queue_append(&a, &b); /* to an empty one */
    CHECK(b.tail == NULL);
    queue_push(&b, &c[2]);
    queue_push(&b, &c[3]);
    queue_append(&a, &b);
    for (int i = 0; i < 4; i++)
        CHECK(queue_pop(&a) == &c[i]);
    CHECK(queue_pop(&a) == NULL && queue_pop(&b) == NULL);
}

TEST(removing_from_another_queue_changes_nothing)
{
    struct callback c[2] = { { NULL, nothing }, { NULL, nothing } };
    struct queue a = { NULL }, b = { NULL };

    queue_push(&a, &c[0]);
    queue_push(&b, &c[1]);
    CHECK(!queue_remove(&a, &c[1]));
    CHECK(!queue_remove(&b, &c[0]));
    CHECK(queue_pop(&a) == &c[0] && queue_pop(&b) == &c[1]);
}

/* --- States -------------------------------------------------------------- */

TEST(the_outcome_of_a_pending_future_is_an_invalid_state__F01)
{
    struct future future;
    struct lab lab;

    lab_open(&lab);
    future_open(&future, &lab);
    CHECK_CODE(E_INVALID_STATE, future_outcome(&future));
    CHECK(!future_done(&future));
    lab_close(&lab);
}

TEST(a_future_is_completed_once__F02)
{
    struct future f[3];
    struct lab lab;

    lab_open(&lab);
    for (int i = 0; i < 3; i++)
        future_open(&f[i], &lab);
    CHECK_CODE(0, future_set_result(&f[0]));
    CHECK_CODE(0, future_set_error(&f[1], &oops));
    CHECK(future_cancel(&f[2]));
    for (int i = 0; i < 3; i++) {
        CHECK_CODE(E_INVALID_STATE, future_set_result(&f[i]));
        CHECK_CODE(E_INVALID_STATE, future_set_error(&f[i], &oops));
        CHECK(!future_set_cancelled(&f[i]));
        CHECK(!future_cancel(&f[i]));
    }
    CHECK_CODE(0, future_outcome(&f[0]));
    CHECK_CODE(E_USER, future_outcome(&f[1]));
    CHECK_STR("oops", future_error(&f[1])->text);
    CHECK_CODE(E_CANCELLED, future_outcome(&f[2]));
    lab_close(&lab);
}

TEST(callbacks_go_through_the_ready_queue_in_order_of_adding__F03)
{
    struct note a, b, other;
    struct future future;
    struct lab lab;

    lab_open(&lab);
    future_open(&future, &lab);
    note_init(&a, &lab, "a");
    note_init(&b, &lab, "b");
    note_init(&other, &lab, "other");
    future_add_callback(&future, &b.callback);
    future_add_callback(&future, &a.callback);
    loop_call_soon(&lab.loop, &other.callback);
    future_set_result(&future);
    CHECK_LOG("");
    settle(&lab);
    CHECK_LOG("0 other\n0 b\n0 a\n");
    lab_close(&lab);
}

TEST(a_callback_added_to_a_done_future_is_scheduled_at_once__F03)
{
    struct future future;
    struct note a;
    struct lab lab;

    lab_open(&lab);
    future_open(&future, &lab);
    note_init(&a, &lab, "a");
    future_set_error(&future, &oops);
    future_add_callback(&future, &a.callback);
    CHECK_LOG("");
    loop_turn(&lab.loop, false);
    CHECK_LOG("0 a\n");
    lab_close(&lab);
}

/* Ours also takes back what is already on its way: its storage may go. */
TEST(a_removed_callback_is_not_called_even_if_on_its_way__F04)
{
    struct note a, b, c;
    struct future future;
    struct lab lab;

    lab_open(&lab);
    future_open(&future, &lab);
    note_init(&a, &lab, "a");
    note_init(&b, &lab, "b");
    note_init(&c, &lab, "c");
    future_add_callback(&future, &a.callback);
    future_add_callback(&future, &b.callback);
    future_add_callback(&future, &c.callback);
    CHECK(future_remove_callback(&future, &a.callback));
    CHECK(!future_remove_callback(&future, &a.callback));
    future_set_result(&future);
    CHECK(future_remove_callback(&future, &b.callback));
    settle(&lab);
    CHECK_LOG("0 c\n");
    CHECK(!future_remove_callback(&future, &c.callback));
    lab_close(&lab);
}

/* --- Awaiting ------------------------------------------------------------ */

TEST(awaiting_a_done_future_takes_no_turn__F05)
{
    struct future future;
    struct actor a;
    struct lab lab;

    lab_open(&lab);
    future_open(&future, &lab);
    future_set_result(&future);
    START(&lab, look, &a, .name = "A", .on = &future);
    CHECK_INT(1, lab_turns(&lab, &a.task.future));
    CHECK_LOG("0 A got OK\n");
    lab_close(&lab);
}

TEST(waiters_wake_one_turn_later_in_order_of_waiting__F06)
{
    struct future future;
    struct actor a, b;
    struct lab lab;

    lab_open(&lab);
    future_open(&future, &lab);
    START(&lab, look, &b, .name = "B", .on = &future);
    START(&lab, look, &a, .name = "A", .on = &future);
    settle(&lab);
    future_set_result(&future);
    CHECK_LOG("");
    CHECK_INT(1, lab_turns(&lab, &b.task.future));
    CHECK_LOG("0 B got OK\n0 A got OK\n");
    lab_close(&lab);
}

TEST(a_waiter_s_cancellation_cancels_the_future_for_all__F07)
{
    struct future future;
    struct actor a, b;
    struct lab lab;

    lab_open(&lab);
    future_open(&future, &lab);
    START(&lab, look, &a, .name = "A", .on = &future);
    START(&lab, look, &b, .name = "B", .on = &future);
    settle(&lab);
    CHECK(task_cancel(&b.task));
    CHECK_INT(FUTURE_CANCELLED, future.state);
    settle(&lab);
    CHECK_LOG("0 A got E_CANCELLED\n0 B got E_CANCELLED\n");
    CHECK_CODE(E_CANCELLED, future_outcome(&a.task.future));
    lab_close(&lab);
}

TEST(a_cancelled_future_raises_in_whoever_asks__F08)
{
    struct future future;
    struct actor a;
    struct lab lab;

    lab_open(&lab);
    future_open(&future, &lab);
    future_cancel(&future);
    CHECK_CODE(E_CANCELLED, future_outcome(&future));
    CHECK_CODE(E_CANCELLED, future_error(&future)->code);
    START(&lab, look, &a, .name = "A", .on = &future);
    settle(&lab);
    CHECK_CODE(E_CANCELLED, future_outcome(&a.task.future));
    lab_close(&lab);
}

static void cancel_it(struct note *note)
{
    task_cancel((struct task *)(void *)note->next);
}

/* Old work cancels the sleeper, then its timer, due in the same turn, finds
 * a future that is done. */
TEST(a_timer_does_nothing_to_a_sleep_that_was_cancelled__F09)
{
    struct note note;
    struct actor a;
    struct lab lab;

    lab_open(&lab);
    note_init(&note, &lab, "cancel");
    note.then = cancel_it;
    note.next = (struct note *)(void *)&a.task;
    START(&lab, nap, &a, .name = "A", .delay_ns = SECONDS(1));
    settle(&lab);
    loop_call_soon(&lab.loop, &note.callback);
    lab.loop.now_ns = SECONDS(1);
    loop_turn(&lab.loop, false);
    CHECK_INT(1, lab.timers);
    run_dry(&lab);
    CHECK_CODE(E_CANCELLED, future_outcome(&a.task.future));
    CHECK_LOG("0 A starts\n1 cancel\n1 A cancelled\n");
    lab_close(&lab);
}

/* --- Failures nobody looked at ------------------------------------------- */

static void fail_one(struct lab *lab, struct actor *actor)
{
    lab_open(lab);
    START(lab, nap, actor, .name = "A", .fails = true);
    settle(lab);
    CHECK_INT(FUTURE_ERROR, actor->task.future.state);
}

TEST(a_failure_nobody_looked_at_is_reported_by_name__F10)
{
    struct actor a;
    struct lab lab;

    fail_one(&lab, &a);
    lab_close_reporting(&lab, "task A failed and nobody looked: A failed\n");
}

TEST(asking_for_the_outcome_silences_the_report__F10)
{
    struct actor a;
    struct lab lab;

    fail_one(&lab, &a);
    CHECK_CODE(E_USER, future_outcome(&a.task.future));
    lab_close(&lab);
}

TEST(asking_for_the_words_alone_does_not_silence_it__F10)
{
    struct actor a;
    struct lab lab;

    fail_one(&lab, &a);
    CHECK_STR("A failed", future_error(&a.task.future)->text);
    lab_close_reporting(&lab, "task A failed and nobody looked: A failed\n");
}

TEST(awaiting_it_silences_the_report__F10)
{
    struct actor a, b;
    struct lab lab;

    fail_one(&lab, &a);
    START(&lab, look, &b, .name = "B", .on = &a.task.future);
    settle(&lab);
    CHECK_CODE(E_USER, future_outcome(&b.task.future));
    CHECK_STR("A failed", b.task.error.text);
    lab_close(&lab);
}

TEST(a_cancelled_task_is_never_reported__F10)
{
    struct actor a;
    struct lab lab;

    lab_open(&lab);
    START(&lab, nap, &a, .name = "A", .delay_ns = SECONDS(1));
    settle(&lab);
    task_cancel(&a.task);
    settle(&lab);
    lab_close(&lab);
}

TEST(cancelling_a_failed_task_returns_false_and_silences__F11)
{
    struct actor a;
    struct lab lab;

    fail_one(&lab, &a);
    CHECK(!task_cancel(&a.task));
    lab_close(&lab);
}

/* Once looked at, a task may go: nothing of the loop points to it. */
TEST(a_failed_task_that_was_looked_at_may_be_freed)
{
    struct actor *a = malloc(sizeof *a), b;
    struct lab lab;

    CHECK(a != NULL);
    fail_one(&lab, a);
    future_look(&a->task.future);
    memset(a, 0xff, sizeof *a);
    free(a);
    START(&lab, nap, &b, .name = "B", .fails = true);
    settle(&lab);
    lab_close_reporting(&lab, "task B failed and nobody looked: B failed\n");
}

/* --- Others -------------------------------------------------------------- */

static bool refuse(struct future *future)
{
    (void)future;
    say("asked to cancel");
    return false;
}

TEST(cancelling_an_outer_future_asks_its_owner)
{
    struct outer_future outer = { .cancel = refuse, .name = "outer" };
    struct lab lab;

    lab_open(&lab);
    future_init(&outer.future, &lab.loop, FUTURE_OUTER);
    CHECK(!future_cancel(&outer.future));
    CHECK(!future_done(&outer.future));
    CHECK_LOG("0 asked to cancel\n");
    CHECK(future_set_cancelled(&outer.future));
    CHECK_CODE(E_CANCELLED, future_outcome(&outer.future));
    lab_close(&lab);
}

/* What the outer one refuses, the task keeps for its next step (T05). */
TEST(a_request_that_the_future_refuses_is_kept_for_the_next_step)
{
    struct outer_future outer = { .cancel = refuse, .name = "outer" };
    struct actor a;
    struct lab lab;

    lab_open(&lab);
    future_init(&outer.future, &lab.loop, FUTURE_OUTER);
    START(&lab, look, &a, .name = "A", .on = &outer.future);
    settle(&lab);
    CHECK(task_cancel(&a.task));
    CHECK(a.task.must_cancel);
    settle(&lab);
    CHECK_LOG("0 asked to cancel\n");
    future_set_result(&outer.future);
    settle(&lab);
    CHECK_LOG("0 A got E_CANCELLED\n");
    lab_close(&lab);
}

TEST(unique_keeps_the_first_of_each_in_order)
{
    struct future f[3];
    struct future *list[] = { &f[1], &f[0], &f[1], &f[2], &f[0] };
    struct lab lab;

    lab_open(&lab);
    for (int i = 0; i < 3; i++)
        future_open(&f[i], &lab);
    CHECK_INT(3, future_unique(list, 5));
    CHECK(list[0] == &f[1] && list[1] == &f[0] && list[2] == &f[2]);
    CHECK_INT(3, future_unique(list, 3)); /* no mark is left behind */
    CHECK_INT(0, future_unique(list, 0));
    lab_close(&lab);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(a_queue_is_fifo_whatever_is_pushed_popped_and_removed),
        ENTRY(append_moves_a_whole_queue_in_order),
        ENTRY(removing_from_another_queue_changes_nothing),
        ENTRY(the_outcome_of_a_pending_future_is_an_invalid_state__F01),
        ENTRY(a_future_is_completed_once__F02),
        ENTRY(callbacks_go_through_the_ready_queue_in_order_of_adding__F03),
        ENTRY(a_callback_added_to_a_done_future_is_scheduled_at_once__F03),
        ENTRY(a_removed_callback_is_not_called_even_if_on_its_way__F04),
        ENTRY(awaiting_a_done_future_takes_no_turn__F05),
        ENTRY(waiters_wake_one_turn_later_in_order_of_waiting__F06),
        ENTRY(a_waiter_s_cancellation_cancels_the_future_for_all__F07),
        ENTRY(a_cancelled_future_raises_in_whoever_asks__F08),
        ENTRY(a_timer_does_nothing_to_a_sleep_that_was_cancelled__F09),
        ENTRY(a_failure_nobody_looked_at_is_reported_by_name__F10),
        ENTRY(asking_for_the_outcome_silences_the_report__F10),
        ENTRY(asking_for_the_words_alone_does_not_silence_it__F10),
        ENTRY(awaiting_it_silences_the_report__F10),
        ENTRY(a_cancelled_task_is_never_reported__F10),
        ENTRY(cancelling_a_failed_task_returns_false_and_silences__F11),
        ENTRY(a_failed_task_that_was_looked_at_may_be_freed),
        ENTRY(cancelling_an_outer_future_asks_its_owner),
        ENTRY(a_request_that_the_future_refuses_is_kept_for_the_next_step),
        ENTRY(unique_keeps_the_first_of_each_in_order),
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
