/* loop_test.c - turns, runs, shutdown and reports: rows L. */
#include "actors.h"

#include "loop/net.h"
#include "sys.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- Turns --------------------------------------------------------------- */

TEST(ready_queue_is_fifo__L01)
{
    static const char *const names[] = { "c", "a", "b" };
    struct note notes[3];
    struct lab lab;

    lab_open(&lab);
    for (int i = 0; i < 3; i++) {
        note_init(&notes[i], &lab, names[i]);
        loop_call_soon(&lab.loop, &notes[i].callback);
    }
    CHECK_LOG("");
    loop_turn(&lab.loop, false);
    CHECK_LOG("0 c\n0 a\n0 b\n");
    lab_close(&lab);
}

static void call_next_soon(struct note *note)
{
    loop_call_soon(note->loop, &note->next->callback);
}

TEST(a_turn_runs_exactly_what_was_ready_when_it_began__L02)
{
    struct note a, b, next;
    struct lab lab;

    lab_open(&lab);
    note_init(&a, &lab, "a");
    note_init(&b, &lab, "b");
    note_init(&next, &lab, "next");
    a.then = call_next_soon;
    a.next = &next;
    loop_call_soon(&lab.loop, &a.callback);
    loop_call_soon(&lab.loop, &b.callback);
    loop_turn(&lab.loop, false);
    CHECK_LOG("0 a\n0 b\n");
    loop_turn(&lab.loop, false);
    CHECK_LOG("0 next\n");
    lab_close(&lab);
}

static void call_itself_soon(struct note *note)
{
    loop_call_soon(note->loop, &note->callback);
}

TEST(a_callback_that_calls_itself_runs_once_a_turn__L02)
{
    struct note busy;
    struct lab lab;

    lab_open(&lab);
    note_init(&busy, &lab, "busy");
    busy.then = call_itself_soon;
    loop_call_soon(&lab.loop, &busy.callback);
    loop_turn(&lab.loop, true);
    CHECK_LOG("0 busy\n");
    CHECK(loop_call_cancel(&lab.loop, &busy.callback));
    lab_close(&lab);
}

static void cancel_next(struct note *note)
{
    CHECK(loop_call_cancel(note->loop, &note->next->callback));
}

TEST(a_callback_taken_back_in_the_same_batch_is_skipped__L06)
{
    struct note a, b, c;
    struct lab lab;

    lab_open(&lab);
    note_init(&a, &lab, "a");
    note_init(&b, &lab, "b");
    note_init(&c, &lab, "c");
    a.then = cancel_next;
    a.next = &b;
    loop_call_soon(&lab.loop, &a.callback);
    loop_call_soon(&lab.loop, &b.callback);
    loop_call_soon(&lab.loop, &c.callback);
    loop_turn(&lab.loop, false);
    CHECK_LOG("0 a\n0 c\n");
    CHECK(!loop_call_cancel(&lab.loop, &b.callback));
    lab_close(&lab);
}

TEST(a_turn_without_anything_to_do_says_so)
{
    struct lab lab;

    lab_open(&lab);
    CHECK(!loop_turn(&lab.loop, true));
    CHECK(loop_turn(&lab.loop, false)); /* we did not want to wait */
    CHECK_INT(0, lab.polls); /* nothing to ask: no system call */
    lab_close(&lab);
}

/* --- Runs ---------------------------------------------------------------- */

static void stop(struct note *note)
{
    loop_call_soon(note->loop, &note->next->callback);
    loop_stop(note->loop);
}

TEST(stop_lets_the_batch_finish_and_keeps_the_rest__L08)
{
    struct note a, b, later;
    struct future never;
    struct lab lab;

    lab_open(&lab);
    future_open(&never, &lab);
    note_init(&a, &lab, "a");
    note_init(&b, &lab, "b");
    note_init(&later, &lab, "later");
    a.then = stop;
    a.next = &later;
    loop_call_soon(&lab.loop, &a.callback);
    loop_call_soon(&lab.loop, &b.callback);
    CHECK_CODE(E_RUNTIME, loop_run_until(&lab.loop, &never));
    CHECK_LOG("0 a\n0 b\n");
    CHECK_CODE(E_DEADLOCK, loop_run_until(&lab.loop, &never));
    CHECK_LOG("0 later\n");
    lab_close(&lab);
}

TEST(a_stop_before_the_run_lets_one_turn_run__L08)
{
    struct actor a;
    struct lab lab;

    lab_open(&lab);
    START(&lab, nap, &a, .name = "A", .delay_ns = SECONDS(1));
    settle(&lab);
    loop_stop(&lab.loop);
    CHECK_CODE(E_RUNTIME, loop_run_until(&lab.loop, &a.task.future));
    CHECK_INT(0, loop_now(&lab.loop));
    CHECK_CODE(0, loop_run_until(&lab.loop, &a.task.future));
    CHECK_LOG("0 A starts\n1 A ends\n");
    lab_close(&lab);
}

/* Its own step stops the loop. */
struct stopper {
    struct coro coro;
    struct sleep sleep;
};

ASYNC(stopper)
{
    BEGIN;
    loop_stop(task_loop(task));
    AWAIT(sleep, .delay_ns = SECONDS(1));
    END;
}

TEST(a_stopped_run_says_so_and_still_cleans_up__L08)
{
    struct stopper main = { CORO(stopper), .coro.pc = 0 };
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(E_RUNTIME, lab_run(&lab, &main.coro));
    CHECK_CODE(E_RUNTIME, lab.loop.main.error.code);
    CHECK_STR("the loop was stopped before main had ended",
              lab.loop.main.error.text);
    CHECK_CODE(E_CANCELLED, future_outcome(&lab.loop.main.future));
    lab_close(&lab);
}

TEST(run_until_freezes_the_others_and_a_next_run_goes_on__L09)
{
    struct actor a, b;
    struct lab lab;

    lab_open(&lab);
    START(&lab, nap, &a, .name = "A", .delay_ns = SECONDS(1));
    START(&lab, nap, &b, .name = "B", .delay_ns = SECONDS(2));
    CHECK_CODE(0, loop_run_until(&lab.loop, &a.task.future));
    CHECK_LOG("0 A starts\n0 B starts\n1 A ends\n");
    CHECK_CODE(0, loop_run_until(&lab.loop, &b.task.future));
    CHECK_LOG("2 B ends\n");
    lab_close(&lab);
}

TEST(run_until_of_a_done_future_takes_one_turn__L09)
{
    struct note first, second;
    struct future done;
    struct lab lab;

    lab_open(&lab);
    future_open(&done, &lab);
    future_set_result(&done);
    note_init(&first, &lab, "first");
    note_init(&second, &lab, "second");
    first.then = call_next_soon;
    first.next = &second;
    loop_call_soon(&lab.loop, &first.callback);
    CHECK_CODE(0, loop_run_until(&lab.loop, &done));
    CHECK_LOG("0 first\n");
    settle(&lab);
    CHECK_LOG("0 second\n");
    lab_close(&lab);
}

TEST(run_returns_main_s_outcome_and_words__L11)
{
    struct nap fails = { CORO(nap), .name = "main", .fails = true };
    struct nap works = { CORO(nap), .name = "main" };
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(E_USER, lab_run(&lab, &fails.coro));
    CHECK_STR("main failed", lab.loop.main.error.text);
    CHECK_CODE(0, lab_run(&lab, &works.coro)); /* and once more */
    CHECK_LOG("0 main starts\n0 main starts\n0 main ends\n");
    lab_close(&lab);
}

/* --- Shutdown ------------------------------------------------------------ */

TEST(after_main_the_rest_is_cancelled_oldest_first_and_awaited__L11)
{
    struct nap main = { CORO(nap), .name = "main", .delay_ns = SECONDS(1) };
    struct actor a, b, c;
    struct lab lab;

    lab_open(&lab);
    START(&lab, nap, &b, .name = "B", .delay_ns = SECONDS(9));
    START(&lab, nap, &a, .name = "A", .delay_ns = SECONDS(9),
          .cleanup_ns = SECONDS(2));
    START(&lab, nap, &c, .name = "C", .delay_ns = SECONDS(9),
          .cleanup_ns = SECONDS(1), .swallows = true);
    CHECK_CODE(0, lab_run(&lab, &main.coro));
    CHECK_LOG("0 B starts\n0 A starts\n0 C starts\n0 main starts\n"
              "1 main ends\n1 B cancelled\n1 A cancelled\n1 C cancelled\n"
              "2 C cleaned up\n3 A cleaned up\n");
    CHECK_CODE(E_CANCELLED, future_outcome(&a.task.future));
    CHECK_CODE(0, future_outcome(&c.task.future));
    lab_close(&lab);
}

TEST(a_failure_during_shutdown_is_reported__L11)
{
    struct nap main = { CORO(nap), .name = "main" };
    struct actor a;
    struct lab lab;

    lab_open(&lab);
    START(&lab, nap, &a, .name = "A", .delay_ns = SECONDS(9), .fails = true);
    CHECK_CODE(0, lab_run(&lab, &main.coro));
    lab_close_reporting(&lab, "task A failed and nobody looked: A failed\n");
}

TEST(main_s_own_failure_is_not_reported_again__L11)
{
    struct nap main = { CORO(nap), .name = "main", .fails = true };
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(E_USER, lab_run(&lab, &main.coro));
    lab_close(&lab);
}

/* Schedules itself again in each turn, and counts. */
struct again {
    struct callback callback;
    struct loop *loop;
    int turns;
};

static void again(struct callback *callback)
{
    struct again *self = CONTAINER(callback, struct again, callback);

    self->turns++;
    loop_call_soon(self->loop, callback);
}

/* Begins with main's end: its first turn is the one that notices it. */
struct leaver {
    struct coro coro;
    struct again *again;
};

ASYNC(leaver)
{
    BEGIN;
    YIELD();
    loop_call_soon(self->again->loop, &self->again->callback);
    END;
}

static int turns_after_main(int tasks)
{
    struct again left = { .callback.run = again };
    struct leaver main = { CORO(leaver), .again = &left };
    struct actor others[2];
    struct lab lab;

    lab_open(&lab);
    left.loop = &lab.loop;
    for (int i = 0; i < tasks; i++)
        START(&lab, nap, &others[i], .name = "A", .delay_ns = SECONDS(9));
    CHECK_CODE(0, lab_run(&lab, &main.coro));
    loop_call_cancel(&lab.loop, &left.callback);
    lab_close(&lab);
    return left.turns;
}

/* What CPython's takes: one to stop, one for those cancelled and two for
 * their gather, two each for asynchronous generators and the executor. */
TEST(what_is_left_gets_as_many_turns_as_in_asyncio__L11)
{
    CHECK_INT(5, turns_after_main(0));
    CHECK_INT(8, turns_after_main(1));
    CHECK_INT(8, turns_after_main(2));
}

/* Its cleanup creates a task. */
struct spawner {
    struct coro coro;
    struct actor *child;
    struct lab *lab;
    struct sleep sleep;
};

ASYNC(spawner)
{
    BEGIN;
    CATCH_AWAIT(sleep, .delay_ns = SECONDS(9));
    START(self->lab, nap, self->child, .name = "late",
          .delay_ns = SECONDS(1));
    AWAIT(sleep, .delay_ns = MILLISECONDS(100));
    END;
}

TEST(a_task_created_during_shutdown_is_left_pending__L12)
{
    struct nap main = { CORO(nap), .name = "main" };
    struct spawner spawner = { CORO(spawner), .child = NULL };
    struct actor late;
    struct task task;
    struct lab lab;

    lab_open(&lab);
    spawner.child = &late;
    spawner.lab = &lab;
    task_create(&lab.loop, &task, "spawner", &spawner.coro);
    CHECK_CODE(0, lab_run(&lab, &main.coro));
    CHECK_LOG("0 main starts\n0 main ends\n0 late starts\n");
    CHECK(!future_done(&late.task.future));
    CHECK_INT(0, late.task.cancelling);
    lab_close_reporting(&lab,
        "task late was destroyed but it is pending:\n"
        "  task late waits for a timer\n"
        "    nap (actors.c:N)\n"
        "        sleep (task.c:N)\n");
}

TEST(close_reports_pending_tasks_and_runs_no_cleanup__L10)
{
    struct actor a, b;
    struct lab lab;

    lab_open(&lab);
    START(&lab, nap, &a, .name = "A", .delay_ns = SECONDS(9));
    settle(&lab);
    START(&lab, nap, &b, .name = "B", .delay_ns = SECONDS(9));
    CHECK_LOG("0 A starts\n");
    CHECK_INT(0, loop_now(&lab.loop));
    lab_close_reporting(&lab,
        "task A was destroyed but it is pending:\n"
        "  task A waits for a timer\n"
        "    nap (actors.c:N)\n"
        "        sleep (task.c:N)\n"
        "task B was destroyed but it is pending:\n"
        "  task B is ready to run\n"
        "    nap (actors.c), not started\n");
    CHECK_LOG("");
}

TEST(close_returns_the_number_of_reports__L10)
{
    struct loop loop;
    struct error error;
    struct loop_options options = { .virtual_time = true };
    struct task tasks[2];
    struct nap naps[2] = { { CORO(nap), .name = "A", .fails = true },
                           { CORO(nap), .name = "B", .delay_ns = 9 } };

    options.log = tmpfile();
    CHECK(options.log != NULL);
    CHECK_CODE(0, loop_open(&loop, &options, &error));
    for (int i = 0; i < 2; i++)
        task_create(&loop, &tasks[i], naps[i].name, &naps[i].coro);
    for (int i = 0; i < 4; i++)
        loop_turn(&loop, false);
    CHECK_INT(2, loop_close(&loop));
    fclose(options.log);
}

/* --- Deadlock ------------------------------------------------------------ */

/* Waits through two coroutines. */
struct outer {
    struct coro coro;
    struct future *on;
    struct cleanup cleanup;
    struct look look;
};

static void say_it(void *words)
{
    say("%s", (const char *)words);
}

static char cleaned_up[] = "main cleaned up";

ASYNC(outer)
{
    BEGIN;
    DEFER(&self->cleanup, say_it, cleaned_up);
    AWAIT(look, .name = "outer", .on = self->on);
    END;
}

TEST(a_deadlock_is_told_at_once_with_every_stack)
{
    struct outer main = { CORO(outer), .on = NULL };
    struct future never;
    struct actor a;
    struct lab lab;

    lab_open(&lab);
    future_open(&never, &lab);
    main.on = &never;
    START(&lab, look, &a, .name = "A", .on = &lab.loop.main.future);
    CHECK_CODE(E_DEADLOCK, lab_run(&lab, &main.coro));
    CHECK_LOG("0 outer got E_CANCELLED\n0 main cleaned up\n"
              "0 A got E_CANCELLED\n");
    lab_close_reporting(&lab,
        "deadlock: nothing is ready, no timer is set; unfinished tasks:\n"
        "  task A waits for task main\n"
        "    look (actors.c:N)\n"
        "  task main waits for a future that nobody has completed\n"
        "    outer (loop_test.c:N)\n"
        "        look (actors.c:N)\n");
}

TEST(a_ring_of_tasks_is_a_deadlock_whose_cleanups_run)
{
    struct outer main = { CORO(outer), .on = NULL };
    struct actor a;
    struct lab lab;

    lab_open(&lab);
    main.on = &a.task.future;
    START(&lab, look, &a, .name = "A", .on = &lab.loop.main.future);
    CHECK_CODE(E_DEADLOCK, lab_run(&lab, &main.coro));
    CHECK_LOG("0 A got E_CANCELLED\n0 outer got E_CANCELLED\n"
              "0 main cleaned up\n");
    lab_close_reporting(&lab,
        "deadlock: nothing is ready, no timer is set; unfinished tasks:\n"
        "  task A waits for task main\n"
        "    look (actors.c:N)\n"
        "  task main waits for task A\n"
        "    outer (loop_test.c:N)\n"
        "        look (actors.c:N)\n");
}

/* Parked in a cleanup. */
struct lingerer {
    struct coro coro;
    struct async_cleanup closing;
    struct look look;
    struct future *on;
};

ASYNC(lingerer)
{
    BEGIN;
    DEFER_AWAIT(&self->closing, CALL(look, .name = "bye", .on = self->on));
    END;
}

TEST(a_dump_says_what_each_task_waits_for)
{
    struct outer_future gather = { .name = "gather" };
    struct lingerer lingerer = { CORO(lingerer), .on = NULL };
    struct wait_fd wait_fd = { CORO(wait_fd), .events = POLLIN };
    struct future plain;
    struct task tasks[2];
    struct actor a, b, c, d;
    struct lab lab;
    char reader[64], *text;
    size_t size;
    FILE *out;
    int fds[2];

    socket_pair(fds);
    lab_open(&lab);
    future_open(&plain, &lab);
    future_init(&gather.future, &lab.loop, FUTURE_OUTER);
    lingerer.on = &plain;
    wait_fd.fd = fds[0];
    START(&lab, nap, &a, .name = "A", .delay_ns = SECONDS(1));
    START(&lab, look, &b, .name = "B", .on = &gather.future);
    START(&lab, look, &c, .name = "C", .on = &a.task.future);
    START(&lab, spin, &d, .name = "D", .turns = 1);
    task_create(&lab.loop, &tasks[0], "lingerer", &lingerer.coro);
    task_create(&lab.loop, &tasks[1], "reader", &wait_fd.coro);
    loop_turn(&lab.loop, false);
    out = open_memstream(&text, &size);
    CHECK(out != NULL);
    loop_dump(&lab.loop, out);
    fclose(out);
    snprintf(reader, sizeof reader, "  task reader waits for fd %d\n", fds[0]);
    CHECK(strstr(text, reader) != NULL);
    CHECK(strstr(text, "  task A waits for a timer\n") != NULL);
    CHECK(strstr(text, "  task B waits for gather\n") != NULL);
    CHECK(strstr(text, "  task C waits for task A\n") != NULL);
    CHECK(strstr(text, "  task D is ready to run\n") != NULL);
    CHECK(strstr(text, "loop_test.c), in its cleanup\n") != NULL);
    CHECK(strstr(text, "watched; unfinished tasks:\n") != NULL);
    free(text);
    future_set_result(&plain);
    future_set_result(&gather.future);
    task_cancel(&tasks[1]);
    run_dry(&lab);
    net_close(&lab.loop, &fds[0]);
    net_close(&lab.loop, &fds[1]);
    lab_close(&lab);
}

TEST(a_deadlock_has_words_for_main_s_caller)
{
    struct outer main = { CORO(outer), .on = NULL };
    struct future never;
    struct lab lab;

    lab_open(&lab);
    future_open(&never, &lab);
    main.on = &never;
    CHECK_CODE(E_DEADLOCK, lab_run(&lab, &main.coro));
    CHECK_CODE(E_DEADLOCK, lab.loop.main.error.code);
    CHECK(strstr(lab.loop.main.error.text, "deadlock") != NULL);
    lab_close_reporting(&lab,
        "deadlock: nothing is ready, no timer is set; unfinished tasks:\n"
        "  task main waits for a future that nobody has completed\n"
        "    outer (loop_test.c:N)\n"
        "        look (actors.c:N)\n");
}

/* Waits for ever, and after a cancellation once more. */
struct stubborn {
    struct coro coro;
    struct future *first, *second;
};

ASYNC(stubborn)
{
    BEGIN;
    CATCH_AWAIT_FUTURE(self->first);
    AWAIT_FUTURE(self->second);
    END;
}

TEST(a_shutdown_that_ended_in_deadlock_does_not_spoil_the_next)
{
    struct stubborn stubborn = { CORO(stubborn), .first = NULL };
    struct nap naps[2] = { { CORO(nap), .name = "one" },
                           { CORO(nap), .name = "two" } };
    struct future futures[2];
    struct task task;
    struct lab lab;

    lab_open(&lab);
    future_open(&futures[0], &lab);
    future_open(&futures[1], &lab);
    stubborn.first = &futures[0];
    stubborn.second = &futures[1];
    task_create(&lab.loop, &task, "stubborn", &stubborn.coro);
    CHECK_CODE(0, lab_run(&lab, &naps[0].coro));
    CHECK(!future_done(&task.future));
    CHECK_CODE(0, lab_run(&lab, &naps[1].coro));
    CHECK_CODE(E_CANCELLED, future_outcome(&task.future));
    CHECK(lab.loop.last_closing == &lab.loop.tasks);
    lab_close(&lab);
}

TEST(with_sigint_caught_a_deadlock_blames_no_socket)
{
    struct outer main = { CORO(outer), .on = NULL };
    struct future never;
    struct lab lab;

    lab_open_with(&lab, (struct loop_options){ .virtual_time = true,
                                               .catch_sigint = true });
    future_open(&never, &lab);
    main.on = &never;
    CHECK_CODE(E_DEADLOCK, lab_run(&lab, &main.coro));
    lab_close_reporting(&lab,
        "deadlock: nothing is ready, no timer is set; unfinished tasks:\n"
        "  task main waits for a future that nobody has completed\n"
        "    outer (loop_test.c:N)\n"
        "        look (actors.c:N)\n");
}

/* The verdict on a socket that stays silent comes when asked for: not at
 * once, and long before the two seconds that are the default. */
TEST(patience_with_silent_sockets_is_an_option)
{
    struct wait_fd main = { CORO(wait_fd), .events = POLLIN };
    int64_t before, took;
    char report[256];
    struct lab lab;
    int fds[2];

    socket_pair(fds);
    main.fd = fds[0];
    lab_open_with(&lab, (struct loop_options){
        .virtual_time = true, .patience_ns = MILLISECONDS(20) });
    before = sys_real.now();
    CHECK_CODE(E_DEADLOCK, lab_run(&lab, &main.coro));
    took = sys_real.now() - before;
    CHECK(took >= MILLISECONDS(20) && took < SECONDS(2));
    snprintf(report, sizeof report,
             "deadlock: nothing is ready, no timer is set, and nobody writes "
             "to the sockets watched; unfinished tasks:\n"
             "  task main waits for fd %d\n"
             "    wait_fd (poller.c:N)\n", fds[0]);
    lab_close_reporting(&lab, report);
    close(fds[0]);
    close(fds[1]);
}

/* --- Time and options ---------------------------------------------------- */

TEST(virtual_hours_take_no_real_time)
{
    struct nap main = { CORO(nap), .name = "main",
                        .delay_ns = SECONDS(360000) };
    int64_t before = sys_real.now();
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(0, lab_run(&lab, &main.coro));
    CHECK_LOG("0 main starts\n360000 main ends\n");
    CHECK(sys_real.now() - before < SECONDS(5));
    CHECK_INT(0, lab.polls);
    lab_close(&lab);
}

TEST(an_unknown_poller_is_refused_by_name)
{
    struct loop_options options = { .poller = "kqueue" };
    struct error error;
    struct loop loop;

    CHECK_CODE(E_VALUE, loop_open(&loop, &options, &error));
    CHECK_STR("poller \"kqueue\": not one of select, poll, epoll",
              error.text);
}

TEST(LAB_POLLER_chooses_the_poller)
{
    struct lab lab;

    unsetenv("LAB_POLLER");
    lab_open(&lab);
    CHECK_STR("poll", lab.loop.poller.type->name);
    lab_close(&lab);
    setenv("LAB_POLLER", "select", 1);
    lab_open(&lab);
    CHECK_STR("select", lab.loop.poller.type->name);
    lab_close(&lab);
}

static void say_event(struct loop_hook *hook, struct loop *loop,
                      const struct loop_event *event)
{
    static const char *const names[] = {
        "created", "step", "parked", "done", "cancel", "poll", "polled",
        "timer", "fd"
    };

    (void)hook;
    (void)loop;
    CHECK_INT(loop_now(loop), event->time_ns);
    say("%s %s %d", names[event->kind],
        event->task != NULL ? event->task->name : "-", event->code);
}

TEST(the_hook_is_told_a_run_in_order)
{
    struct loop_hook hook = { say_event };
    struct actor a;
    struct lab lab;

    lab_open(&lab);
    lab.loop.hook = &hook;
    START(&lab, nap, &a, .name = "A", .delay_ns = SECONDS(1));
    settle(&lab);
    loop_turn(&lab.loop, true);
    task_cancel(&a.task); /* too late for the sleep, not for the task */
    settle(&lab);
    CHECK_LOG("0 created A 0\n0 step A 0\n0 A starts\n0 parked A 0\n"
              "1 timer - 0\n1 cancel A 0\n1 step A 0\n1 A cancelled\n"
              "1 done A 1000\n");
    lab_close(&lab);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(ready_queue_is_fifo__L01),
        ENTRY(a_turn_runs_exactly_what_was_ready_when_it_began__L02),
        ENTRY(a_callback_that_calls_itself_runs_once_a_turn__L02),
        ENTRY(a_callback_taken_back_in_the_same_batch_is_skipped__L06),
        ENTRY(a_turn_without_anything_to_do_says_so),
        ENTRY(stop_lets_the_batch_finish_and_keeps_the_rest__L08),
        ENTRY(a_stop_before_the_run_lets_one_turn_run__L08),
        ENTRY(a_stopped_run_says_so_and_still_cleans_up__L08),
        ENTRY(run_until_freezes_the_others_and_a_next_run_goes_on__L09),
        ENTRY(run_until_of_a_done_future_takes_one_turn__L09),
        ENTRY(run_returns_main_s_outcome_and_words__L11),
        ENTRY(after_main_the_rest_is_cancelled_oldest_first_and_awaited__L11),
        ENTRY(a_failure_during_shutdown_is_reported__L11),
        ENTRY(main_s_own_failure_is_not_reported_again__L11),
        ENTRY(what_is_left_gets_as_many_turns_as_in_asyncio__L11),
        ENTRY(a_task_created_during_shutdown_is_left_pending__L12),
        ENTRY(close_reports_pending_tasks_and_runs_no_cleanup__L10),
        ENTRY(close_returns_the_number_of_reports__L10),
        ENTRY(a_deadlock_is_told_at_once_with_every_stack),
        ENTRY(a_ring_of_tasks_is_a_deadlock_whose_cleanups_run),
        ENTRY(a_dump_says_what_each_task_waits_for),
        ENTRY(a_deadlock_has_words_for_main_s_caller),
        ENTRY(a_shutdown_that_ended_in_deadlock_does_not_spoil_the_next),
        ENTRY(with_sigint_caught_a_deadlock_blames_no_socket),
        ENTRY(patience_with_silent_sockets_is_an_option),
        ENTRY(virtual_hours_take_no_real_time),
        ENTRY(an_unknown_poller_is_refused_by_name),
        ENTRY(LAB_POLLER_chooses_the_poller),
        ENTRY(the_hook_is_told_a_run_in_order),
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
