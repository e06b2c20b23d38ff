/* 02_nonblocking.c - nobody waits for the slow one, and nobody sleeps. */
#include "02_nonblocking/nonblocking.h"
#include "check.h"
#include "sockets/cases.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

TEST(a_line_comes_back_in_upper_case)
{
    case_line_in_upper_case(serve_nonblocking);
}

TEST(one_byte_at_a_time_is_answered_at_once)
{
    case_one_byte_at_a_time(serve_nonblocking);
}

TEST(a_byte_of_0_is_a_byte_like_any_other)
{
    case_byte_of_0(serve_nonblocking);
}

TEST(clients_are_served_one_after_the_other)
{
    case_one_after_the_other(serve_nonblocking);
}

/* Catches: O_NONBLOCK forgotten on the connection or the listener (then it
 * sleeps), EAGAIN taken for the end (then SLOW hears it). And the price: it
 * asked everybody in vain, nearly once for each step of the script. */
TEST(quick_ones_are_answered_while_the_slow_one_is_silent)
{
    struct world world;

    world_open(&world);
    case_quick_while_slow(serve_nonblocking, &world);
    promise("no call sleeps");
    CHECK_INT(0, world.sleeps[IN_ACCEPT]);
    CHECK_INT(0, world.sleeps[IN_RECV]);
    CHECK_INT(0, world.sleeps[IN_SEND]);
    CHECK_INT(0, world.naps);
    promise("the server does not wait for anything");
    CHECK_INT(0, world.waits);
    promise("it asks everybody in vain, nearly once for each step");
    CHECK(world.spins >= 12);
}

TEST(two_hundred_at_once)
{
    case_two_hundred(serve_nonblocking);
}

TEST(who_has_no_room_waits_in_the_queue)
{
    case_full_table(serve_nonblocking, NONBLOCKING_MAX);
}

TEST(one_too_many_stays_in_the_queue)
{
    case_one_too_many(serve_nonblocking);
}

TEST(half_close_still_gets_all_answers)
{
    case_half_close(serve_nonblocking);
}

TEST(a_short_send_is_gone_on_with)
{
    case_short_send(serve_nonblocking);
}

TEST(a_signal_interrupts_no_connection)
{
    case_interrupted(serve_nonblocking);
}

TEST(a_reset_ends_only_its_connection)
{
    case_reset(serve_nonblocking);
}

TEST(a_client_gone_before_its_answer_kills_nobody)
{
    case_gone_before_its_answer(serve_nonblocking);
}

TEST(a_flood_comes_back_whole)
{
    struct world world;

    case_flood(serve_nonblocking, &world);
    promise("no call sleeps");
    CHECK_INT(0, world.sleeps[IN_SEND]);
}

TEST(no_fds_left_for_one_is_no_end_for_the_others)
{
    struct world world;

    case_no_fds_left(serve_nonblocking, &world);
}

/* Catches: a failure of accept passed over, for ever. */
TEST(a_listener_that_fails_is_told)
{
    int fd = open("/dev/null", O_RDONLY);

    CHECK(fd >= 0);
    scene("the listener is no socket");
    promise("the server returns -1, with errno ENOTSOCK");
    CHECK_INT(-1, serve_nonblocking(fd, 1));
    CHECK_INT(ENOTSOCK, errno);
    CHECK_INT(0, close(fd));
}

/* What went wrong, the likely first. */
static const struct cause causes[] = {

    CASE_FACTS
    { NULL, { "it returns -1", "temporarily" },
      "EAGAIN of accept, nobody is there yet, is taken for a failure of "
      "the listener: ask again later (wire_again)", "row \"on error\"" },
    { NULL, { "was accept of the listener" },
      "the server asks only the listener until somebody comes: ask each "
      "connection in turn, too", "row \"result\"" },
    { "a_line*", { "sleeps in recv" },
      "the connection still sleeps: it does not inherit O_NONBLOCK from "
      "the listener; wire_nonblocking(fd)", "row \"does\"" },
    { NULL, { "server sleeps in accept" },
      "the listener still sleeps, so that nobody else is asked "
      "meanwhile: wire_nonblocking(listener)", "row \"does\"" },
    { NULL, { "server sleeps in recv" },
      "the connection still sleeps, so that nobody else is asked "
      "meanwhile: it does not inherit O_NONBLOCK from the listener; "
      "wire_nonblocking(fd)", "row \"does\"" },
    { NULL, { "no call sleeps", "world.naps" },
      "the server sleeps between two rounds (sleep, usleep, nanosleep), "
      "and every answer is that much later: nobody sleeps here",
      "row \"does\"" },
    { NULL, { "no call sleeps" },
      "a connection or the listener still sleeps: wire_nonblocking for "
      "each of them", "row \"does\"" },
    { "quick_ones*", { "hears nothing: the server asks" },
      "the server stays with one client until it has finished: ask each "
      "once, then the next, and the listener, too", "row \"result\"" },
    { "a_flood*", { "hears nothing" },
      "what send did not take when it said EAGAIN is thrown away: the socket "
      "buffer was full, send the same bytes again (it spins)",
      "row \"does\"" },
    { NULL, { "does not wait for anything" },
      "the server sleeps in poll or select: that is better than this "
      "lesson's, which asks again and again to show the price",
      "row \"does\"" },
    CASE_CAUSES
};

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(a_line_comes_back_in_upper_case),
        ENTRY(one_byte_at_a_time_is_answered_at_once),
        ENTRY(a_byte_of_0_is_a_byte_like_any_other),
        ENTRY(clients_are_served_one_after_the_other),
        ENTRY(quick_ones_are_answered_while_the_slow_one_is_silent),
        ENTRY(two_hundred_at_once),
        ENTRY(one_too_many_stays_in_the_queue),
        ENTRY(who_has_no_room_waits_in_the_queue),
        ENTRY(half_close_still_gets_all_answers),
        ENTRY(a_short_send_is_gone_on_with),
        ENTRY(a_signal_interrupts_no_connection),
        ENTRY(a_reset_ends_only_its_connection),
        ENTRY(a_client_gone_before_its_answer_kills_nobody),
        ENTRY(a_flood_comes_back_whole),
        ENTRY(no_fds_left_for_one_is_no_end_for_the_others),
        ENTRY(a_listener_that_fails_is_told),
    };

    return lesson_main(argc, argv, &(struct lesson){
        "02_nonblocking", tests, COUNT(tests), causes, COUNT(causes) });
}
