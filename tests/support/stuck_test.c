/* stuck_test.c - what a verdict says of code that comes to no end: from a
 * stack, a dump and a report, as they are left behind, to the words. */
#include "check.h"
#include "words.h"

#include <string.h>

#define EXERCISE "/a/lessons/13_wait/exercise.c"

static char place[REPORT_LINE], words[REPORT_LINE];

/* `times` frames of the functions in turn, as the sanitizers print them. */
static const char *stack(const char *leaf, const char *one, const char *two,
                         int times)
{
    static char text[8192];
    size_t used = 0;

    used += (size_t)snprintf(text, sizeof text, "    #0 0x1 in bark "
                             "/a/tests/support/run.c:9\n");
    if (leaf != NULL)
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "    #1 0x2 in %s " EXERCISE ":5\n", leaf);
    for (int i = 0; i < times; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "    #%d "
            "0x3 in %s " EXERCISE ":%d:7\n", i + 2, i % 2 == 0 ? one : two,
            i % 2 == 0 ? 40 : 50);
    return text;
}

TEST(a_function_that_calls_itself_is_named)
{
    CHECK(stuck_in_recursion(stack(NULL, "child_done", "child_done", 50),
                             place, words));
    CHECK_STR("child_done calls itself", words);
    CHECK_STR(EXERCISE ":40 in child_done", place);
}

TEST(two_that_call_each_other_are_named)
{
    CHECK(stuck_in_recursion(stack(NULL, "ping", "pong_body", 50), place,
                             words));
    CHECK_STR("ping and pong call each other", words);
}

/* What stands on top was called at last, and would have returned. */
TEST(the_last_one_called_is_not_to_blame)
{
    CHECK(stuck_in_recursion(stack("say", "leave", "leave", 50), place,
                             words));
    CHECK_STR("leave calls itself", words);
    CHECK_STR(EXERCISE ":40 in leave", place);
}

TEST(a_stack_of_a_few_calls_is_no_recursion)
{
    CHECK(!stuck_in_recursion(stack("say", "leave", "wait_body", 3), place,
                              words));
    CHECK(!stuck_in_recursion("", place, words));
}

/* clang's runtime is in the program, which may lie in the lesson's folder. */
TEST(a_frame_without_a_source_is_nobody_s)
{
    CHECK(words_of_frame("    #0 0x1 in __sanitizer_print_stack_trace "
                         "(/a/wrong/13_wait/spins+0x13b491) (BuildId: 3f)\n"
                         "    #1 0x2 in wait_body " EXERCISE ":62:9\n",
                         place));
    CHECK_STR(EXERCISE ":62 in wait_body", place);
}

static const char dump[] =
    "deadlock: nothing is ready, no timer is set; unfinished tasks:\n"
    "  task server waits for fd 6\n"
    "    peer (tests/08_get.c:80)\n"
    "        sock_accept (lib/loop/net.c:203)\n"
    "  task main waits for a future that nobody has completed\n"
    "    parent (tests/13_wait.c:174)\n"
    "        wait (lessons/13_wait/exercise.c:92)\n"
    "  task other waits for a timer\n"
    "    wait (lessons/13_wait/exercise.c:93)\n";

TEST(of_a_dump_the_learner_s_own_await_is_told)
{
    char who[REPORT_LINE];

    CHECK(words_of_parked(dump, place, who));
    CHECK_STR("lessons/13_wait/exercise.c:92 in wait", place);
    CHECK_STR("main waits for a future that nobody has completed", who);
    CHECK(!words_of_parked("  task a waits for fd 6\n"
                           "    peer (tests/08_get.c:80)\n", place, who));
}

static void says(const char *part)
{
    if (strstr(words, part) == NULL)
        check_fail(__FILE__, __LINE__, "expected \"%s\" in: %s", part,
                   words);
}

TEST(a_round_without_an_await_names_task_function_and_line)
{
    static struct report report;

    report = (struct report){ .end = END_SPIN, .task = "main",
        .place = "lessons/10_timeout/exercise.c:63 in timeout_body" };
    CHECK(words_of_end(&report, words));
    says("timeout goes round at exercise.c:63 without an await");
    says("task main");
    report.task[0] = '\0';
    CHECK(words_of_end(&report, words));
    says("does not return to the loop");
}

TEST(who_yields_for_ever_is_named_with_the_line_of_his_await)
{
    static struct report report;

    report = (struct report){ .end = END_RUSH, .task = "main" };
    snprintf(report.dump, sizeof report.dump, "  task main is running\n"
             "    parent (tests/13_wait.c:174)\n"
             "        wait (lessons/13_wait/exercise.c:92) and on from "
             "there\n");
    CHECK(words_of_end(&report, words));
    says("wait asks again and again at exercise.c:92");
}

/* The stack is the loop's, or cut the callback in two: only where nobody of
 * the learner's is in it, the one in the queue is to blame. */
TEST(a_callback_that_is_queued_for_ever_is_named)
{
    static const char queued[] = "    #0 0x1 in loop_turn "
        "/a/lib/loop/loop.c:9\n" words_queued
        "    #0 0x0 in child_done " EXERCISE ":33\n";
    static struct report report;

    report = (struct report){ .end = END_SPIN };
    words_of_hang(&report, queued);
    CHECK_INT(END_RUSH, report.end);
    CHECK_STR("a callback is called again and again, and time stands "
              "still\n", report.yours);
    CHECK(words_of_end(&report, words));
    says("child_done (exercise.c:33) is queued anew");
    report = (struct report){ .end = END_SPIN };
    words_of_hang(&report, stack("time_is_up", "wait_body", "parent", 1));
    CHECK_INT(END_SPIN, report.end);
    CHECK_STR(EXERCISE ":5 in time_is_up", report.place);
}

TEST(a_deadlock_names_who_awaits_and_where)
{
    static struct report report;

    report = (struct report){ .end = END_CHECK, .deadlock = true };
    memcpy(report.dump, dump, sizeof dump);
    CHECK(words_of_end(&report, words));
    says("wait awaits at exercise.c:92 what nobody completes");
    memcpy(strstr(report.dump, "a future that"), "fd 7\n   ", 8);
    CHECK(words_of_end(&report, words));
    says("wait is parked at exercise.c:92, and nobody will write there");
}

TEST(a_recursion_says_what_to_do_instead)
{
    static struct report report;

    report = (struct report){ .end = END_CRASH };
    snprintf(report.task, sizeof report.task, "get");
    words_of_crash(&report, "ERROR: AddressSanitizer: stack-overflow on "
                   "address 0x7f", 0);
    CHECK_STR("endless recursion: the stack is full\n", report.yours);
    CHECK(words_of_end(&report, words));
    says("two call each other"); /* no frames: nobody to name */
}

/* On a busy machine the watchdog may see it before the stack is full. */
TEST(a_recursion_seen_as_a_spin_is_told_as_a_recursion)
{
    static struct report report;

    report = (struct report){ .end = END_SPIN, .task = "main" };
    words_of_hang(&report, stack("say", "leave", "leave", 50));
    CHECK_STR("endless recursion: it calls and calls, and nobody else runs\n"
              "leave calls itself, in task main\n", report.yours);
    CHECK(words_of_end(&report, words));
    says("nothing ends the calls of leave (exercise.c:40)");
}

TEST(what_ends_by_itself_gets_no_general_words)
{
    static struct report report;

    report = (struct report){ .end = END_CHECK, .place = "a.c:1 in f" };
    CHECK(!words_of_end(&report, words));
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(a_function_that_calls_itself_is_named),
        ENTRY(two_that_call_each_other_are_named),
        ENTRY(the_last_one_called_is_not_to_blame),
        ENTRY(a_stack_of_a_few_calls_is_no_recursion),
        ENTRY(a_frame_without_a_source_is_nobody_s),
        ENTRY(of_a_dump_the_learner_s_own_await_is_told),
        ENTRY(a_round_without_an_await_names_task_function_and_line),
        ENTRY(who_yields_for_ever_is_named_with_the_line_of_his_await),
        ENTRY(a_callback_that_is_queued_for_ever_is_named),
        ENTRY(a_deadlock_names_who_awaits_and_where),
        ENTRY(a_recursion_says_what_to_do_instead),
        ENTRY(a_recursion_seen_as_a_spin_is_told_as_a_recursion),
        ENTRY(what_ends_by_itself_gets_no_general_words),
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
