/* signal_test.c - Ctrl-C: rows X01-X05. Each test is a process of its own,
 * so it may send SIGINT to itself. Run once for each poller. */
#include "actors.h"

#include "faults.h"
#include "loop/net.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Sends SIGINT to this process at a given time. */
struct ctrl_c {
    struct timer timer;
};

static void press(struct callback *callback)
{
    (void)callback;
    CHECK_INT(0, raise(SIGINT));
}

static void press_after(struct lab *lab, struct ctrl_c *key, int64_t delay_ns)
{
    CHECK_INT(0, timer_start(&lab->loop, &key->timer, delay_ns, press));
}

/* SIGINT at 100 ms and, if given, again; with a child that outlives main.
 * Whatever happens, the loop ends clean. */
static int interrupt(struct nap main, int64_t again_ns)
{
    struct actor child;
    struct ctrl_c keys[2] = { { .timer.slot = 0 } };
    struct lab lab;
    int code;

    lab_open_with(&lab, (struct loop_options){ .virtual_time = true,
                                               .catch_sigint = true });
    main.coro.type = &nap_type;
    main.name = "main";
    main.delay_ns = SECONDS(9);
    START(&lab, nap, &child, .name = "child", .delay_ns = SECONDS(9));
    press_after(&lab, &keys[0], MILLISECONDS(100));
    if (again_ns > 0)
        press_after(&lab, &keys[1], again_ns);
    code = lab_run(&lab, &main.coro);
    say("run ended with %s", error_name(code));
    if (code == E_INTERRUPTED)
        CHECK_CODE(code, lab.loop.main.error.code);
    CHECK(future_done(&child.task.future));
    CHECK(future_done(&lab.loop.main.future));
    lab_close(&lab);
    return code;
}

TEST(sigint_cancels_main_whose_cleanup_may_await__X01)
{
    struct nap main = { .cleanup_ns = MILLISECONDS(200) };

    CHECK_CODE(E_INTERRUPTED, interrupt(main, 0));
    CHECK_LOG("0 child starts\n0 main starts\n0.1 main cancelled\n"
              "0.3 main cleaned up\n0.3 child cancelled\n"
              "0.3 run ended with E_INTERRUPTED\n");
}

TEST(main_may_swallow_sigint_and_return__X02)
{
    struct nap main = { .cleanup_ns = MILLISECONDS(210), .swallows = true };

    CHECK_CODE(0, interrupt(main, 0));
    CHECK_LOG("0 child starts\n0 main starts\n0.1 main cancelled\n"
              "0.31 main cleaned up\n0.31 child cancelled\n"
              "0.31 run ended with OK\n");
}

TEST(a_second_sigint_ends_the_run_at_once__X03)
{
    struct nap main = { .cleanup_ns = MILLISECONDS(200) };

    CHECK_CODE(E_INTERRUPTED, interrupt(main, MILLISECONDS(200)));
    CHECK_LOG("0 child starts\n0 main starts\n0.1 main cancelled\n"
              "0.2 child cancelled\n0.2 run ended with E_INTERRUPTED\n");
}

TEST(an_error_of_main_while_interrupted_is_main_s_error__X01)
{
    struct nap main = { .fails = true };

    CHECK_CODE(E_USER, interrupt(main, 0));
    CHECK_LOG("0 child starts\n0 main starts\n0.1 main cancelled\n"
              "0.1 child cancelled\n0.1 run ended with E_USER\n");
}

/* Raises in the middle of a step. */
struct raiser {
    struct coro coro;
    int times;
    struct sleep sleep;
};

ASYNC(raiser)
{
    BEGIN;
    for (int i = 0; i < self->times; i++)
        raise(SIGINT);
    CHECK_INT(0, task->cancelling);
    CHECK(task_loop(task)->current == task);
    say("the step goes on");
    CATCH_AWAIT(sleep, .delay_ns = SECONDS(1));
    say("%s", error_name(self->sleep.coro.error));
    END;
}

static int raise_in_step(int times)
{
    struct raiser main = { CORO(raiser), .times = times };
    struct lab lab;
    int code;

    lab_open_with(&lab, (struct loop_options){ .virtual_time = true,
                                               .catch_sigint = true });
    code = lab_run(&lab, &main.coro);
    lab_close(&lab);
    return code;
}

TEST(the_work_is_done_in_a_callback_not_in_the_handler__X04)
{
    CHECK_CODE(0, raise_in_step(1));
    CHECK_LOG("0 the step goes on\n0 E_CANCELLED\n");
}

TEST(two_sigints_in_one_step_end_the_run__X03)
{
    CHECK_CODE(E_INTERRUPTED, raise_in_step(2));
    CHECK_LOG("0 the step goes on\n0 E_CANCELLED\n");
}

/* As after 65,536 SIGINTs: the next must not block in the handler, nor
 * change the errno of what it interrupts. */
TEST(a_sigint_that_finds_the_pipe_full_does_not_block)
{
    struct nap main = { CORO(nap), .name = "main", .delay_ns = SECONDS(9) };
    char block[512] = "";
    struct lab lab;

    lab_open_with(&lab, (struct loop_options){ .virtual_time = true,
                                               .catch_sigint = true });
    while (write(lab.loop.signals.pipe[1], block, sizeof block) > 0)
        continue;
    errno = ENOENT;
    raise(SIGINT);
    CHECK_CODE(ENOENT, errno);
    CHECK_CODE(E_INTERRUPTED, lab_run(&lab, &main.coro));
    lab_close(&lab);
}

/* Cancels main at 100 ms, when SIGINT comes too. */
struct stranger {
    struct coro coro;
    struct sleep sleep;
};

ASYNC(stranger)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = MILLISECONDS(100));
    raise(SIGINT);
    YIELD();
    YIELD();
    CHECK_INT(1, task_loop(task)->main.cancelling);
    task_cancel(&task_loop(task)->main);
    END;
}

/* KeyboardInterrupt stands for a cancellation that is SIGINT's alone. */
TEST(sigint_and_a_stranger_s_cancel_are_a_cancellation__X01)
{
    struct nap main = { CORO(nap), .name = "main", .delay_ns = SECONDS(9),
                        .cleanup_ns = SECONDS(1) };
    struct stranger stranger = { CORO(stranger), .coro.pc = 0 };
    struct task task;
    struct lab lab;

    lab_open_with(&lab, (struct loop_options){ .virtual_time = true,
                                               .catch_sigint = true });
    task_create(&lab.loop, &task, "stranger", &stranger.coro);
    CHECK_CODE(E_CANCELLED, lab_run(&lab, &main.coro));
    CHECK_LOG("0 main starts\n0.1 main cancelled\n1.1 main cleaned up\n");
    lab_close(&lab);
}

/* Interrupts itself and returns. */
struct last_step {
    struct coro coro;
};

ASYNC(last_step)
{
    BEGIN;
    raise(SIGINT);
    END;
}

TEST(sigint_in_main_s_last_step_interrupts)
{
    struct last_step main = { CORO(last_step), .coro.pc = 0 };
    struct lab lab;

    lab_open_with(&lab, (struct loop_options){ .virtual_time = true,
                                               .catch_sigint = true });
    CHECK_CODE(E_INTERRUPTED, lab_run(&lab, &main.coro));
    lab_close(&lab);
}

/* As KeyboardInterrupt leaves loop.run_until_complete. */
TEST(sigint_ends_a_run_that_has_no_main)
{
    struct ctrl_c key = { .timer.slot = 0 };
    struct actor a;
    struct lab lab;

    lab_open_with(&lab, (struct loop_options){ .virtual_time = true,
                                               .catch_sigint = true });
    START(&lab, nap, &a, .name = "A", .delay_ns = SECONDS(9));
    press_after(&lab, &key, SECONDS(1));
    CHECK_CODE(E_INTERRUPTED, loop_run_until(&lab.loop, &a.task.future));
    CHECK_CODE(0, loop_run_until(&lab.loop, &a.task.future));
    CHECK_LOG("0 A starts\n9 A ends\n");
    lab_close(&lab);
}

/* Main's end was all right; asyncio.run raises KeyboardInterrupt all the
 * same. */
TEST(sigint_during_the_shutdown_ends_the_waiting_and_the_run)
{
    struct nap main = { CORO(nap), .name = "main" };
    struct ctrl_c key = { .timer.slot = 0 };
    struct actor a;
    struct lab lab;

    lab_open_with(&lab, (struct loop_options){ .virtual_time = true,
                                               .catch_sigint = true });
    START(&lab, nap, &a, .name = "A", .delay_ns = SECONDS(9),
          .cleanup_ns = SECONDS(5));
    press_after(&lab, &key, SECONDS(1));
    CHECK_CODE(E_INTERRUPTED, lab_run(&lab, &main.coro));
    CHECK_STR("interrupted", lab.loop.main.error.text);
    CHECK_INT(SECONDS(1), loop_now(&lab.loop));
    CHECK_LOG("0 A starts\n0 main starts\n0 main ends\n0 A cancelled\n");
    task_cancel(&a.task);
    run_dry(&lab);
    lab_close(&lab);
}

/* asyncio.Runner counts from 0 in every run, too. */
TEST(each_run_counts_its_own_sigints)
{
    struct nap first = { CORO(nap), .name = "first", .delay_ns = SECONDS(9) };
    struct nap second = { CORO(nap), .name = "second", .swallows = true,
                          .delay_ns = SECONDS(9), .cleanup_ns = SECONDS(1) };
    struct ctrl_c key = { .timer.slot = 0 };
    struct lab lab;

    lab_open_with(&lab, (struct loop_options){ .virtual_time = true,
                                               .catch_sigint = true });
    press_after(&lab, &key, SECONDS(1));
    CHECK_CODE(E_INTERRUPTED, lab_run(&lab, &first.coro));
    press_after(&lab, &key, SECONDS(1));
    CHECK_CODE(0, lab_run(&lab, &second.coro)); /* its first: swallowed */
    CHECK_LOG("0 first starts\n1 first cancelled\n"
              "1 second starts\n2 second cancelled\n3 second cleaned up\n");
    lab_close(&lab);
}

TEST(three_sigints_leave_the_loop_fit_for_another_run)
{
    struct nap main = { CORO(nap), .name = "main", .delay_ns = SECONDS(9),
                        .cleanup_ns = SECONDS(5) };
    struct nap next = { CORO(nap), .name = "next", .delay_ns = SECONDS(1) };
    struct ctrl_c keys[3] = { { .timer.slot = 0 } };
    struct actor a;
    struct lab lab;

    lab_open_with(&lab, (struct loop_options){ .virtual_time = true,
                                               .catch_sigint = true });
    START(&lab, nap, &a, .name = "A", .delay_ns = SECONDS(9),
          .cleanup_ns = SECONDS(5));
    for (int i = 0; i < 3; i++)
        press_after(&lab, &keys[i], SECONDS(i + 1));
    CHECK_CODE(E_INTERRUPTED, lab_run(&lab, &main.coro));
    CHECK_CODE(0, lab_run(&lab, &next.coro));
    CHECK_LOG("0 A starts\n0 main starts\n1 main cancelled\n"
              "2 A cancelled\n3 next starts\n4 next ends\n");
    lab_close(&lab);
}

/* --- From outside, while the loop is in poll ----------------------------- */

static pid_t press_from_outside(void)
{
    struct timespec pause = { 0, 10000000 };
    pid_t parent = getpid(), pid = fork();

    if (pid != 0)
        return pid;
    nanosleep(&pause, NULL);
    kill(parent, SIGINT);
    _exit(0);
}

TEST(sigint_wakes_a_loop_that_sleeps_in_poll)
{
    struct nap main = { CORO(nap), .name = "main", .delay_ns = SECONDS(60) };
    struct lab lab;
    pid_t pid;

    lab_open_with(&lab, (struct loop_options){ .catch_sigint = true });
    pid = press_from_outside();
    CHECK_CODE(E_INTERRUPTED, lab_run(&lab, &main.coro));
    CHECK_LOG("main starts\nmain cancelled\n");
    CHECK_INT(pid, waitpid(pid, NULL, 0));
    lab_close(&lab);
}

TEST(sigint_wakes_a_loop_that_waits_for_a_socket_in_virtual_time)
{
    struct wait_fd main = { CORO(wait_fd), .events = POLLIN };
    struct lab lab;
    int fds[2];
    pid_t pid;

    socket_pair(fds);
    main.fd = fds[0];
    lab_open_with(&lab, (struct loop_options){ .virtual_time = true,
                                               .catch_sigint = true });
    pid = press_from_outside();
    CHECK_CODE(E_INTERRUPTED, lab_run(&lab, &main.coro));
    CHECK_INT(pid, waitpid(pid, NULL, 0));
    net_close(&lab.loop, &fds[0]);
    net_close(&lab.loop, &fds[1]);
    lab_close(&lab);
}

/* --- Before and after ---------------------------------------------------- */

static void mine(int number)
{
    (void)number;
    say("mine");
}

static void catch_it_myself(void)
{
    struct sigaction action = { .sa_handler = mine };

    sigemptyset(&action.sa_mask);
    CHECK_INT(0, sigaction(SIGINT, &action, NULL));
}

TEST(close_gives_sigint_back_to_whose_it_was)
{
    struct lab lab;

    catch_it_myself();
    for (int i = 0; i < 2; i++) {
        lab_open_with(&lab, (struct loop_options){ .virtual_time = true,
                                                   .catch_sigint = true });
        lab_close(&lab);
        raise(SIGINT);
    }
    CHECK_LOG("mine\nmine\n");
}

TEST(a_loop_that_does_not_catch_sigint_leaves_it_alone)
{
    struct lab lab;

    catch_it_myself();
    lab_open(&lab);
    raise(SIGINT);
    CHECK_LOG("0 mine\n");
    lab_close(&lab);
}

static bool twice_not_true(bool is)
{
    static int times;

    times++;
    return is || times <= 2;
}

/* By epoll, which does not ask sys, it is only a loop that runs. */
TEST(readiness_that_is_not_true_is_no_sigint)
{
    struct nap main = { CORO(nap), .name = "main", .delay_ns = SECONDS(1) };
    struct faults faults;
    struct lab lab;

    faults_open(&faults);
    faults.ready = twice_not_true;
    lab_open_with(&lab, (struct loop_options){
        .virtual_time = true, .catch_sigint = true, .sys = faults.sys });
    CHECK_CODE(0, lab_run(&lab, &main.coro));
    CHECK_INT(0, lab.loop.main.cancelling);
    lab_close(&lab);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(sigint_cancels_main_whose_cleanup_may_await__X01),
        ENTRY(main_may_swallow_sigint_and_return__X02),
        ENTRY(a_second_sigint_ends_the_run_at_once__X03),
        ENTRY(an_error_of_main_while_interrupted_is_main_s_error__X01),
        ENTRY(the_work_is_done_in_a_callback_not_in_the_handler__X04),
        ENTRY(two_sigints_in_one_step_end_the_run__X03),
        ENTRY(a_sigint_that_finds_the_pipe_full_does_not_block),
        ENTRY(sigint_and_a_stranger_s_cancel_are_a_cancellation__X01),
        ENTRY(sigint_in_main_s_last_step_interrupts),
        ENTRY(sigint_ends_a_run_that_has_no_main),
        ENTRY(sigint_during_the_shutdown_ends_the_waiting_and_the_run),
        ENTRY(each_run_counts_its_own_sigints),
        ENTRY(three_sigints_leave_the_loop_fit_for_another_run),
        ENTRY(sigint_wakes_a_loop_that_sleeps_in_poll),
        ENTRY(sigint_wakes_a_loop_that_waits_for_a_socket_in_virtual_time),
        ENTRY(close_gives_sigint_back_to_whose_it_was),
        ENTRY(a_loop_that_does_not_catch_sigint_leaves_it_alone),
        ENTRY(readiness_that_is_not_true_is_no_sigint),
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
