/* check_test.c - who checks the checker: a table of bad tests, run by
 * check_main in a child, and what it printed compared word for word. */
#include "check.h"
#include "faults.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(good)
{
}

TEST(wrong)
{
    CHECK_INT(3, 2 + 2);
}

TEST(crash)
{
    raise(SIGKILL);
}

TEST(leaves_fd)
{
    if (dup(0) < 0)
        abort();
}

TEST(leaves_bytes)
{
    CHECK(strdup("lost") != NULL);
}

TEST(leaves_loop)
{
    static struct lab lab;

    lab_open(&lab);
}

TEST(leaves_timer)
{
    static struct timer timer;
    static struct lab lab;

    lab_open(&lab);
    timer_start(&lab.loop, &timer, 1, NULL);
    lab_close(&lab);
}

TEST(says_otherwise)
{
    say("A");
    say("B");
    CHECK_LOG("A\nC\n");
}

TEST(hangs)
{
    static struct lab lab;

    lab_open(&lab);
    say("before");
    pause();
}

TEST(unwritten)
{
    exit(77);
}

TEST(cannot)
{
    SKIP("no moon");
}

static const struct test bad[] = {
    ENTRY(good), ENTRY(wrong), ENTRY(crash), ENTRY(leaves_fd),
    ENTRY(leaves_loop), ENTRY(leaves_timer), ENTRY(says_otherwise),
    ENTRY(unwritten), ENTRY(cannot), ENTRY(leaves_bytes), ENTRY(hangs)
};

/* ":123:" becomes "::": numbers of lines are not promised. */
static void hide_numbers(char *text)
{
    char *out = text;
    bool hide = false;

    for (text++, out++; *text != '\0'; text++) {
        hide = *text >= '0' && *text <= '9'
            && (hide || text[-1] == ':');
        if (!hide)
            *out++ = *text;
    }
    *out = '\0';
}

/* check_main over the bad tests in a child: its exit code, and what it
 * printed. NULL: all of them, but the last two: one
 * takes a second, one fails under ASan only. */
static int run_bad(const char *name, char *out, size_t size)
{
    char program[] = "bad", argument[64];
    char *argv[] = { program, argument, NULL };
    int fds[2], status, argc = name != NULL ? 2 : 1;
    ssize_t n;
    pid_t pid;

    snprintf(argument, sizeof argument, "%s", name != NULL ? name : "");
    CHECK_INT(0, pipe(fds));
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        dup2(fds[1], 1);
        dup2(fds[1], 2);
        close(fds[0]);
        close(fds[1]);
        setenv("LAB_CHECK_SECONDS", "1", 1);
        status = check_main(argc, argv, bad,
                            name != NULL ? COUNT(bad) : COUNT(bad) - 2);
        fflush(stdout);
        _exit(status);
    }
    close(fds[1]);
    for (size_t used = 0;; used += (size_t)n) {
        n = read(fds[0], out + used, size - used - 1);
        if (n <= 0) {
            out[used] = '\0';
            break;
        }
    }
    close(fds[0]);
    waitpid(pid, &status, 0);
    return WEXITSTATUS(status);
}

static void check_says(const char *name, int status, const char *expected)
{
    char out[4096], *path;

    CHECK_INT(status, run_bad(name, out, sizeof out));
    while ((path = strstr(out, __FILE__)) != NULL)
        memmove(path, path + strlen(__FILE__), strlen(path)
                - strlen(__FILE__) + 1);
    hide_numbers(out);
    CHECK(strstr(out, expected) != NULL || (puts(out), 0));
}

TEST(a_good_test_is_ok)
{
    check_says("good", 0, "ok good\n1 passed, 0 failed\n");
}

TEST(a_wrong_value_is_told_with_place_expected_and_got)
{
    check_says("wrong", 1, "not ok wrong: :: 2 + 2: expected 3, got 4\n"
               "0 passed, 1 failed\n");
}

TEST(a_crash_is_one_failed_test)
{
    check_says("crash", 1, "not ok crash: killed by signal 9, Killed\n"
               "0 passed, 1 failed\n");
}

TEST(a_forgotten_fd_fails_the_test)
{
    check_says("leaves_fd", 1, "is still open\n");
}

TEST(forgotten_bytes_fail_the_test_under_asan)
{
#ifdef __SANITIZE_ADDRESS__
    check_says("leaves_bytes", 1, "not ok leaves_bytes: ended with status 1"
               ": a sanitizer's words are above\n");
#else
    SKIP("not built with ASan");
#endif
}

TEST(a_forgotten_loop_fails_the_test)
{
    check_says("leaves_loop", 1, "its loop was never closed\n");
}

TEST(a_forgotten_timer_fails_the_test)
{
    check_says("leaves_timer", 1,
               "timers left running: 1, the first is due");
}

TEST(logs_are_compared_line_by_line)
{
    check_says("says_otherwise", 1,
               "the log differs from line 2 on\n"
               "  expected:\n    A\n    C\n"
               "  got:\n    A\n    B\n"
               "  line 2: expected \"C\", got \"B\"\n");
}

TEST(a_hang_is_named_with_its_tasks_and_log)
{
    check_says("hangs", 1, "unfinished tasks:\n  its log:\n    0 before\n"
               "0 passed, 1 failed\n");
}

TEST(not_written_is_not_wrong)
{
    check_says("unwritten", 77, "todo unwritten: not written yet\n"
               "0 passed, 0 failed, 1 not written\n");
}

TEST(what_cannot_run_is_skipped)
{
    check_says("cannot", 0, "skip cannot: no moon\n"
               "0 passed, 0 failed, 1 skipped\n");
}

TEST(a_test_that_does_not_exist_is_a_usage_error)
{
    check_says("nothing", 2, "no test nothing; --list names them\n");
}

TEST(without_arguments_all_run)
{
    char out[8192];

    CHECK_INT(1, run_bad(NULL, out, sizeof out));
    CHECK(strstr(out, "1 passed, 6 failed, 1 skipped, 1 not written\n"));
}

TEST(faults_come_in_order_and_are_counted)
{
    struct faults faults;
    int fds[2];
    char byte = 'x';

    socket_pair(fds);
    faults_open(&faults);
    faults_fail(&faults, CALL_SEND, EINTR, 2);
    faults_fail(&faults, CALL_SEND, EAGAIN, 1);
    for (int i = 0; i < 3; i++) {
        CHECK_INT(-1, faults.sys->send(fds[0], &byte, 1, 0));
        CHECK_INT(i < 2 ? EINTR : EAGAIN, errno);
    }
    CHECK_INT(1, faults.sys->send(fds[0], &byte, 1, 0));
    CHECK_INT(4, faults.calls[CALL_SEND]);
    CHECK_INT(0, faults.sys->close(fds[0]));
    CHECK_INT(0, faults.sys->close(fds[1]));
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(a_good_test_is_ok),
        ENTRY(a_wrong_value_is_told_with_place_expected_and_got),
        ENTRY(a_crash_is_one_failed_test),
        ENTRY(a_forgotten_fd_fails_the_test),
        ENTRY(forgotten_bytes_fail_the_test_under_asan),
        ENTRY(a_forgotten_loop_fails_the_test),
        ENTRY(a_forgotten_timer_fails_the_test),
        ENTRY(logs_are_compared_line_by_line),
        ENTRY(a_hang_is_named_with_its_tasks_and_log),
        ENTRY(not_written_is_not_wrong),
        ENTRY(what_cannot_run_is_skipped),
        ENTRY(a_test_that_does_not_exist_is_a_usage_error),
        ENTRY(without_arguments_all_run),
        ENTRY(faults_come_in_order_and_are_counted),
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
