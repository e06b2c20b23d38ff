/* 01_blocking.c - correct to the byte, and one slow client stops everyone.
 * Both are promises of lesson 01. */
#include "01_blocking/blocking.h"
#include "check.h"
#include "sockets/cases.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

TEST(a_line_comes_back_in_upper_case)
{
    case_line_in_upper_case(serve_blocking);
}

TEST(one_byte_at_a_time_is_answered_at_once)
{
    case_one_byte_at_a_time(serve_blocking);
}

TEST(a_byte_of_0_is_a_byte_like_any_other)
{
    case_byte_of_0(serve_blocking);
}

TEST(clients_are_served_one_after_the_other)
{
    case_one_after_the_other(serve_blocking);
}

/* Catches: a server that is better than this lesson's, a fork or a thread
 * for each: then hears_nothing fails. */
TEST(the_quick_one_is_answered_only_when_the_slow_one_has_gone)
{
    static const struct scene steps[] = {
        connects(SLOW), sends(SLOW, "h"), hears(SLOW, "H"),
        connects(QUICK), sends(QUICK, "one\n"), shuts(QUICK),
        hears_nothing(QUICK),
        sends(SLOW, "ello\n"), hears(SLOW, "ELLO\n"), hears_nothing(QUICK),
        closes(SLOW), hears(QUICK, "ONE\n"), hears_end(QUICK),
        closes(QUICK),
    };
    struct world world;

    scene("client 0 is slow, client 1 is quick");
    world_open(&world);
    PLAY(&world, steps, serve_blocking);
    promise("the server sleeps in recv until something has come");
    CHECK(world.sleeps[IN_RECV] > 0);
    CHECK_INT(0, world.spins);
    CHECK_INT(0, world.naps);
}

TEST(one_too_many_stays_in_the_queue)
{
    case_one_too_many(serve_blocking);
}

TEST(half_close_still_gets_all_answers)
{
    case_half_close(serve_blocking);
}

TEST(a_short_send_is_gone_on_with)
{
    case_short_send(serve_blocking);
}

TEST(a_signal_interrupts_no_connection)
{
    case_interrupted(serve_blocking);
}

TEST(a_reset_ends_only_its_connection)
{
    case_reset(serve_blocking);
}

TEST(a_client_gone_before_its_answer_kills_nobody)
{
    case_gone_before_its_answer(serve_blocking);
}

TEST(a_flood_comes_back_whole)
{
    struct world world;

    case_flood(serve_blocking, &world);
}

/* Catches: a failure of accept passed over, for ever. */
TEST(a_listener_that_fails_is_told)
{
    int fd = open("/dev/null", O_RDONLY);

    CHECK(fd >= 0);
    scene("the listener is no socket");
    promise("the server returns -1, with errno ENOTSOCK");
    CHECK_INT(-1, serve_blocking(fd, 1));
    CHECK_INT(ENOTSOCK, errno);
    CHECK_INT(0, close(fd));
}

/* What went wrong, the likely first. */
static const struct cause causes[] = {

    CASE_FACTS
    { NULL, { "world.naps" },
      "the server sleeps by the clock: recv itself sleeps, until "
      "something has come", "row \"does\"" },
    { "a_line*", { "hears nothing: the server sleeps in recv" },
      "the server waits for more than has come: recv gives what is "
      "there, and that goes back at once", "row \"does\"" },
    { "a_line*", { "it has returned while" },
      "the server returns before its client has finished: it is left after "
      "its first answer, or to a child process or a thread; serve it here, "
      "one answer after the other, until recv says 0", "row \"does\"" },
    { "the_quick_one*", { "is answered" },
      "a second client is served before the first has gone: that is a "
      "better server than this lesson's (fork? threads?), which shows "
      "what one at a time costs", "row \"result\"" },
    { "the_quick_one*", { NULL },
      "clients are not served one after the other, each to its end",
      "row \"result\"" },
    CASE_CAUSES
};

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(a_line_comes_back_in_upper_case),
        ENTRY(one_byte_at_a_time_is_answered_at_once),
        ENTRY(a_byte_of_0_is_a_byte_like_any_other),
        ENTRY(clients_are_served_one_after_the_other),
        ENTRY(the_quick_one_is_answered_only_when_the_slow_one_has_gone),
        ENTRY(one_too_many_stays_in_the_queue),
        ENTRY(half_close_still_gets_all_answers),
        ENTRY(a_short_send_is_gone_on_with),
        ENTRY(a_signal_interrupts_no_connection),
        ENTRY(a_reset_ends_only_its_connection),
        ENTRY(a_client_gone_before_its_answer_kills_nobody),
        ENTRY(a_flood_comes_back_whole),
        ENTRY(a_listener_that_fails_is_told),
    };

    return lesson_main(argc, argv, &(struct lesson){
        "01_blocking", tests, COUNT(tests), causes, COUNT(causes) });
}
