/* 04_poll.c - interest on demand, partial writes, half-close. */
#include "04_poll/poll.h"
#include "check.h"
#include "sockets/cases.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

TEST(a_line_comes_back_in_upper_case)
{
    case_line_in_upper_case(serve_poll);
}

TEST(one_byte_at_a_time_is_answered_at_once)
{
    case_one_byte_at_a_time(serve_poll);
}

TEST(a_byte_of_0_is_a_byte_like_any_other)
{
    case_byte_of_0(serve_poll);
}

TEST(clients_are_served_one_after_the_other)
{
    case_one_after_the_other(serve_poll);
}

/* Catches: a sleep anywhere else than in poll, a timeout, POLLOUT with
 * nothing to send: with everybody silent it makes no system call. */
TEST(quick_ones_are_answered_while_the_slow_one_is_silent)
{
    struct world world;

    world_open(&world);
    case_quick_while_slow(serve_poll, &world);
    world_check_waits(&world, "poll");
}

static void is_held_back(void)
{
    promise("the server does not take all of a megabyte that it cannot send");
    CHECK(world_taken(SLOW) < 1 << 20);
    promise("%s", "");
}

/* Catches: a send that waits for one client, POLLOUT never asked for (then
 * the flood never comes back), a buffer without a limit. */
TEST(a_client_that_does_not_read_stops_nobody)
{
    static const struct scene steps[] = {
        connects(SLOW), floods(SLOW, 1 << 20), connects(QUICK),
        sends(QUICK, "one\n"), hears(QUICK, "ONE\n"),
        calls(is_held_back), drains(SLOW, 500000),
        sends(QUICK, "two\n"), hears(QUICK, "TWO\n"),
        drains(SLOW, 1 << 20), closes(SLOW), closes(QUICK),
    };
    struct world world;

    scene("client 0 sends a megabyte and reads nothing");
    world_open(&world);
    world.small_bytes = 4096;
    PLAY(&world, steps, serve_poll);
    world_check_waits(&world, "poll");
}

/* Catches: closing at the end of input with answers unsent, and the end of
 * input that stays readable and spins while they wait to be sent. 10000
 * bytes are two buffers under way and one that is not full. */
TEST(half_close_with_a_full_buffer_loses_nothing)
{
    static const struct scene steps[] = {
        connects(SLOW), floods(SLOW, 10000), shuts(SLOW), connects(QUICK),
        sends(QUICK, "one\n"), hears(QUICK, "ONE\n"),
        drains(SLOW, 10000), hears_end(SLOW), closes(SLOW), closes(QUICK),
    };
    struct world world;

    scene("client 0 sends 10000 bytes, finishes, and reads late");
    world_open(&world);
    world.holds = 2 * POLL_BUFFER;
    PLAY(&world, steps, serve_poll);
    world_check_waits(&world, "poll");
}

/* Catches: POLLERR and POLLHUP not looked at: they come unasked, with
 * POLLOUT or without, and until somebody takes the error. */
TEST(a_reset_with_answers_unsent_ends_only_its_connection)
{
    static const struct scene steps[] = {
        connects(SLOW), floods(SLOW, 1 << 20), connects(QUICK),
        sends(QUICK, "one\n"), hears(QUICK, "ONE\n"), resets(SLOW),
        sends(QUICK, "two\n"), hears(QUICK, "TWO\n"), closes(QUICK),
    };
    struct world world;

    scene("client 0 breaks its connection while answers wait for it");
    world_open(&world);
    world.small_bytes = 4096;
    PLAY(&world, steps, serve_poll);
    world_check_waits(&world, "poll");
}

/* Catches: what one byte a send makes of start and end, and of POLLOUT; and
 * POLLOUT that is asked for instead of POLLIN. */
TEST(a_slow_line_out_is_sent_byte_by_byte_without_spinning)
{
    static const struct scene steps[] = {
        connects(0), sends(0, "0123456789 abcdef\n"),
        sends(0, "and more\n"), shuts(0),
        hears(0, "0123456789 ABCDEF\nAND MORE\n"), hears_end(0), closes(0),
    };
    struct world world;

    scene("each send takes one byte and no more");
    world_open(&world);
    world.send_at_most = 1;
    world.room = POLL_BUFFER;
    PLAY(&world, steps, serve_poll);
    world_check_waits(&world, "poll");
}

/* Catches: recv to the start of the buffer, or for more than its room: its
 * end is client 1's slot. */
TEST(what_comes_while_an_answer_goes_out_is_put_behind_it)
{
    static const struct scene steps[] = {
        connects(0), connects(1), floods(0, 100), floods(0, 6000), shuts(0),
        drains(0, 6100), sends(1, "hi\n"), hears(1, "HI\n"),
        hears_end(0), closes(0), closes(1),
    };
    struct world world;

    scene("each send takes 7 bytes, and client 0 sends more meanwhile");
    world_open(&world);
    world.send_at_most = 7;
    world.eager = true;
    PLAY(&world, steps, serve_poll);
    world_check_waits(&world, "poll");
}

TEST(two_hundred_at_once)
{
    case_two_hundred(serve_poll);
}

TEST(who_has_no_room_waits_in_the_queue)
{
    case_full_table(serve_poll, POLL_MAX);
}

TEST(one_too_many_stays_in_the_queue)
{
    case_one_too_many(serve_poll);
}

TEST(half_close_still_gets_all_answers)
{
    case_half_close(serve_poll);
}

TEST(a_short_send_is_gone_on_with)
{
    case_short_send(serve_poll);
}

TEST(a_signal_interrupts_no_connection)
{
    case_interrupted(serve_poll);
}

TEST(a_reset_ends_only_its_connection)
{
    case_reset(serve_poll);
}

TEST(a_client_gone_before_its_answer_kills_nobody)
{
    case_gone_before_its_answer(serve_poll);
}

TEST(a_flood_comes_back_whole)
{
    struct world world;

    case_flood(serve_poll, &world);
    world_check_waits(&world, "poll");
}

TEST(no_fds_left_for_one_is_no_end_for_the_others)
{
    struct world world;

    case_no_fds_left(serve_poll, &world);
    world_check_waits(&world, "poll");
}

/* Catches: a failure of accept passed over, for ever. */
TEST(a_listener_that_fails_is_told)
{
    int fd = open("/dev/null", O_RDONLY);

    CHECK(fd >= 0);
    scene("the listener is no socket");
    promise("the server returns -1, with errno ENOTSOCK");
    CHECK_INT(-1, serve_poll(fd, 1));
    CHECK_INT(ENOTSOCK, errno);
    CHECK_INT(0, close(fd));
}

/* What went wrong, the likely first. */
static const struct cause causes[] = {
    { NULL, { "asks for POLLOUT alone" },
      "POLLIN is not asked for while an answer waits, though there is room "
      "for more: the two conditions do not know of each other, join them "
      "with | (or EAGAIN of recv, nothing has come yet, was taken for the "
      "end)", "row \"result\"" },
    { NULL, { "has said 0", "and it is asked again" },
      "recv's 0 is not remembered while answers still wait: then it has "
      "finished sending, so no POLLIN and no recv any more, and it is over "
      "when everything is sent", "row \"result\"" },
    { "a_slow_line*", { "server sleeps in poll" },
      "what was not sent waits for ever: POLLOUT while start < end, and "
      "what send took moves start", "row \"does\"" },
    { NULL, { "recv said EAGAIN" },
      "EAGAIN, nothing has come (this time it was POLLOUT that woke "
      "us), is taken for the end: it means later (wire_again)",
      "row \"on error\"" },
    CASE_FACTS
    { NULL, { "returns: all", "sleeps in poll" },
      "talk never says that it is over: false when it has finished "
      "sending and everything is sent", "row \"result\"" },
    { "one_byte*", { "its answer waits" },
      "talk waits for a whole line: a stream has no lines; send what "
      "has come", "row \"does\"" },
    { NULL, { "its answer waits" },
      "talk does not send though it can, and POLLOUT wakes us again and "
      "again: each time, receive and send, as far as interest says",
      "row \"does\"" },
    { NULL, { "wakes it", " out" },
      "POLLOUT is asked for though there is nothing to send: a socket "
      "is writable nearly always; only while start < end", "row \"does\"" },
    { NULL, { "again and again instead", " out" },
      "POLLOUT is asked for though there is nothing to send: a socket "
      "is writable nearly always; only while start < end", "row \"does\"" },
    { NULL, { "again and again instead", " in" },
      "POLLIN is asked for though nothing is taken: not while the "
      "buffer is full, and not when it has finished sending",
      "row \"does\"" },
    { NULL, { "undefined behaviour" },
      "something has written over a client's state: recv's size is the "
      "room that is left, POLL_BUFFER - end", "row \"does\"" },
    { NULL, { "did nothing", " out" },
      "POLLOUT is asked for though there is nothing to send: a socket "
      "is writable nearly always; only while start < end", "row \"does\"" },
    { NULL, { "wakes it", " in" },
      "POLLIN is asked for though nothing is taken: not while the "
      "buffer is full, and not when it has finished sending",
      "row \"does\"" },
    { NULL, { "did nothing", " in" },
      "POLLIN is asked for though nothing is taken: not while the "
      "buffer is full, and not when it has finished sending",
      "row \"does\"" },
    { NULL, { "wakes it", "broken" },
      "a broken connection is not taken for the end: POLLERR and "
      "POLLHUP come unasked; recv or send tell the error",
      "row \"on error\"" },
    { "half_close*", { "hears the end" },
      "the end of its input is taken for the end of the connection: "
      "first send what is still in the buffer", "row \"result\"" },
    { "a_short_send*", { "hears the end" },
      "the end of its input is taken for the end of the connection: "
      "first send what is still in the buffer", "row \"result\"" },
    { "a_slow_line*", { "hears the end" },
      "the end of its input is taken for the end of the connection: "
      "first send what is still in the buffer", "row \"result\"" },
    { "half_close*", { "sleeps in poll, for: nobody" },
      "talk does not say that it is over: false when it has finished "
      "sending and everything is sent", "row \"result\"" },
    { NULL, { "in poll, for: nobody" },
      "interest is in nothing: POLLIN while there is room, POLLOUT "
      "while there is something to send; and an empty buffer begins "
      "again at 0", "row \"result\"" },
    { "a_line*", { "hears nothing: the server sleeps in poll" },
      "what has come is not sent, or not taken: talk receives into the "
      "buffer at end and sends from start, and each moves by what the call "
      "said", "row \"does\"" },
    { "a_client_that*", { "server sleeps in poll, for" },
      "what was not sent waits for ever: POLLOUT while start < end, and "
      "what send took moves start", "row \"does\"" },
    { NULL, { "was send of" },
      "talk stays with a client that does not read: send once, keep the "
      "rest, and POLLOUT will wake us", "row \"does\"" },
    { NULL, { "was recv of" },
      "talk stays with a client until recv has said EAGAIN, or longer: "
      "take once what has come", "row \"does\"" },
    { "a_slow_line*", { NULL },
      "send took less than it was given, and the rest is lost: start "
      "moves by what send said, the rest stays", "row \"does\"" },
    { "a_reset_with*", { NULL },
      "a broken connection is not taken for the end: POLLERR and "
      "POLLHUP come unasked, and recv or send tell the error; talk says "
      "false then", "row \"on error\"" },
    { "half_close_with*", { "lost, doubled" },
      "send took less than it was given, and the rest is lost: start "
      "moves by what send said, the rest stays", "row \"does\"" },
    { NULL, { "never made upper case" },
      "what comes in does not go behind what waits to be sent: recv and "
      "wire_upper begin at buffer + end, and then end moves",
      "row \"does\"" },
    { NULL, { "lost, doubled" },
      "send took less than it was given, and the rest is lost or sent "
      "twice: start moves by what send said, and send comes from buffer "
      "+ start", "row \"does\"" },
    { "what_comes*", { "server sleeps in poll" },
      "the room behind what was sent is never used again: an empty "
      "buffer begins again at 0", "row \"does\"" },
    { "what_comes*", { NULL },
      "what comes while an answer waits does not go behind it: recv to "
      "buffer + end, for POLL_BUFFER - end bytes", "row \"does\"" },
    { NULL, { "it has returned while" },
      "talk says \"over\" too early: only when recv said 0 and everything "
      "is sent, or when the connection is broken", "row \"result\"" },
    { "a_client_that*", { "world_taken" },
      "the server takes all that a client sends though it reads "
      "nothing: POLLIN only while there is room", "row \"does\"" },
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
        ENTRY(a_slow_line_out_is_sent_byte_by_byte_without_spinning),
        ENTRY(what_comes_while_an_answer_goes_out_is_put_behind_it),
        ENTRY(a_client_that_does_not_read_stops_nobody),
        ENTRY(half_close_with_a_full_buffer_loses_nothing),
        ENTRY(a_reset_with_answers_unsent_ends_only_its_connection),
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
        "04_poll", tests, COUNT(tests), causes, COUNT(causes) });
}
