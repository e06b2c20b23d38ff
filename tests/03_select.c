/* 03_select.c - one thread, many sockets; sleeps, and within FD_SETSIZE. */
#include "03_select/select.h"
#include "check.h"
#include "sockets/cases.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <unistd.h>

TEST(a_line_comes_back_in_upper_case)
{
    case_line_in_upper_case(serve_select);
}

TEST(one_byte_at_a_time_is_answered_at_once)
{
    case_one_byte_at_a_time(serve_select);
}

TEST(a_byte_of_0_is_a_byte_like_any_other)
{
    case_byte_of_0(serve_select);
}

TEST(clients_are_served_one_after_the_other)
{
    case_one_after_the_other(serve_select);
}

/* Catches: a sleep anywhere else than in select, a timeout, a wake-up for
 * nothing: with everybody silent it makes no system call. The most that it
 * may wait: once for each of the 3 connects, 5 lines and 3 closes, and the
 * listener may come with none of them. */
TEST(quick_ones_are_answered_while_the_slow_one_is_silent)
{
    struct world world;

    world_open(&world);
    case_quick_while_slow(serve_select, &world);
    world_check_waits(&world, "select");
    promise("only who is ready is asked");
    CHECK_INT(0, world.in_vain);
    promise("it waits once for each connect, line and close, 11 times");
    CHECK(world.waits <= 11);
}

TEST(two_hundred_at_once)
{
    case_two_hundred(serve_select);
}

TEST(who_has_no_room_waits_in_the_queue)
{
    case_full_table(serve_select, SELECT_MAX);
}

TEST(one_too_many_stays_in_the_queue)
{
    case_one_too_many(serve_select);
}

TEST(half_close_still_gets_all_answers)
{
    case_half_close(serve_select);
}

TEST(a_short_send_is_gone_on_with)
{
    case_short_send(serve_select);
}

TEST(a_signal_interrupts_no_connection)
{
    case_interrupted(serve_select);
}

TEST(a_reset_ends_only_its_connection)
{
    case_reset(serve_select);
}

TEST(a_client_gone_before_its_answer_kills_nobody)
{
    case_gone_before_its_answer(serve_select);
}

TEST(a_flood_comes_back_whole)
{
    struct world world;

    case_flood(serve_select, &world);
    promise("the server sleeps in select and nowhere else");
    CHECK_INT(0, world.sleeps[IN_SEND]);
    CHECK_INT(0, world.spins);
}

TEST(no_fds_left_for_one_is_no_end_for_the_others)
{
    struct world world;

    case_no_fds_left(serve_select, &world);
    world_check_waits(&world, "select");
}

/* Catches: a failure of accept passed over, for ever. */
TEST(a_listener_that_fails_is_told)
{
    int fd = open("/dev/null", O_RDONLY);

    CHECK(fd >= 0);
    scene("the listener is no socket");
    promise("the server returns -1, with errno ENOTSOCK");
    CHECK_INT(-1, serve_select(fd, 1));
    CHECK_INT(ENOTSOCK, errno);
    CHECK_INT(0, close(fd));
}

/* FD_SETSIZE itself, the first that does not fit, if the system lets us have
 * it and some more. */
static int high_fd(void)
{
    struct rlimit limit;

    CHECK_INT(0, getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = limit.rlim_max < 2000 ? limit.rlim_max : 2000;
    if (FD_SETSIZE > 1900)
        SKIP("FD_SETSIZE is %d", FD_SETSIZE);
    if (limit.rlim_cur < FD_SETSIZE + 100
        || setrlimit(RLIMIT_NOFILE, &limit) != 0)
        SKIP("no more than %lu fds allowed", (unsigned long)limit.rlim_cur);
    return FD_SETSIZE;
}

/* Catches: FD_SET beyond the set, `>` for `>=` too. ASan, or a set that is
 * longer than it looks, would say it louder; without them memory is silently
 * broken. */
TEST(an_fd_beyond_fd_setsize_is_refused)
{
    static const struct scene steps[] = {
        connects(SLOW), hears_end(SLOW), closes(SLOW),
        connects(QUICK), hears_end(QUICK), closes(QUICK),
    };
    struct world world;

    scene("the connections get numbers of %d and more", FD_SETSIZE);
    world_open(&world);
    world.first_fd = high_fd();
    PLAY(&world, steps, serve_select);
}

TEST(a_listener_beyond_fd_setsize_is_refused)
{
    int fd = open("/dev/null", O_RDONLY), high;

    CHECK(fd >= 0);
    high = fcntl(fd, F_DUPFD_CLOEXEC, high_fd());
    CHECK(high >= FD_SETSIZE);
    scene("the listener is fd %d", high);
    promise("the server returns -1, with errno EINVAL");
    CHECK_INT(-1, serve_select(high, 1));
    CHECK_INT(EINVAL, errno);
    close(high);
    close(fd);
}

/* A crash by it has ASan's words, clang's or gcc's. */
#define BEYOND "an fd of FD_SETSIZE or more is not closed at once, and " \
    "counted as served: FD_SET would write behind the end of the set"
#define LISTENER_BEYOND "a listener of FD_SETSIZE or more is put into the " \
    "set: it does not fit; return -1 with errno EINVAL"

/* What went wrong, the likely first. */
static const struct cause causes[] = {
    { NULL, { "it sleeps in poll" },
      "the server sleeps in poll, which is lesson 04's: here it is select, "
      "to learn where its limits are", "row \"does\"" },
    { NULL, { "accept may sleep" },
      "the listener still blocks: a client that leaves between select and "
      "accept would make accept sleep, and everybody wait; "
      "wire_nonblocking(listener)", "row \"who frees\"" },
    { NULL, { "select about", "closed already" },
      "select is asked about a connection that was closed: fill the set "
      "anew before each call, FD_ZERO first, from the table of those "
      "that are connected", "row \"does\"" },
    { "an_fd_beyond*", { "past the end" }, BEYOND, "row \"on error\"" },
    { "an_fd_beyond*", { "out of bounds" }, BEYOND, "row \"on error\"" },
    { "an_fd_beyond*", { "insufficient space" }, BEYOND, "row \"on error\"" },
    { "a_listener_beyond*", { "past the end" }, LISTENER_BEYOND,
      "row \"on error\"" },
    { "a_listener_beyond*", { "out of bounds" }, LISTENER_BEYOND,
      "row \"on error\"" },
    { "a_listener_beyond*", { "insufficient space" }, LISTENER_BEYOND,
      "row \"on error\"" },
    { "an_fd_beyond*", { NULL }, BEYOND, "row \"on error\"" },
    { "a_flood*", { "hears nothing: the server sleeps in select" },
      "after EAGAIN of send the server sleeps in select for reading, and "
      "who does not hear his answers does not send: for writing is the "
      "third argument, NULL before it", "row \"does\"" },
    CASE_FACTS
    { NULL, { "returns: all", "sleeps in select" },
      "the server sleeps though all its clients have gone: it is over "
      "when nobody is to come and nobody is connected", "row \"result\"" },
    { NULL, { "select and nowhere else", "world.sleeps[IN_SEND]" },
      "a connection still sleeps, in send: wire_nonblocking(fd), and "
      "select for writing when it says EAGAIN", "row \"does\"" },
    { NULL, { "select and nowhere else", "world.spins" },
      "send is asked again and again while the socket buffer is full: "
      "select for writing until there is room", "row \"does\"" },
    { NULL, { "sleeps in sleep, usleep" },
      "the server sleeps by the clock, and nobody can wake it: sleep in "
      "select", "row \"does\"" },
    { NULL, { "in select, for: nobody" },
      "select is asked about nobody: fill the set anew before each "
      "call, with the listener and with all that are connected, and its "
      "first argument is the highest fd plus one",
      "row \"does\"" },
    { NULL, { "in select, for: the listener\n" },
      "select is not asked about the connections: fill the set anew "
      "before each call with all of them, and its first argument is the "
      "highest fd plus one", "row \"does\"" },
    { NULL, { "hears nothing: the server sleeps in select" },
      "select is not asked about all: it leaves in the set only who is "
      "ready, so fill the set anew before each call; its first argument "
      "is the highest fd plus one", "row \"does\"" },
    { NULL, { "returns: all", "sleeps in select" },
      "the server sleeps though all its clients have gone: it is over "
      "when nobody is to come and nobody is connected", "row \"result\"" },
    { "one_too_many*", { NULL },
      "the listener stays in the set though nobody is to come, or more "
      "than `clients` are accepted", "row \"does\"" },
    { NULL, { "wakes it", "the listener in" },
      "the listener stays in the set though nobody is accepted: it is "
      "ready again and again", "row \"does\"" },
    { NULL, { "wakes it", " out" },
      "select is asked who can be written to though there is nothing to "
      "write: nearly all can, always", "row \"does\"" },
    { NULL, { "wakes it" },
      "select finds somebody ready whom the server does not ask: each "
      "that is left in the set has something, data or its end (and "
      "FD_ZERO comes before each filling)", "row \"does\"" },
    { NULL, { "has a timeout" },
      "select has a timeout: then the server wakes up to look, which "
      "select does for it; NULL sleeps until there is something",
      "row \"does\"" },
    { NULL, { "would have slept in accept" },
      "accept is called though the listener is not ready: ask FD_ISSET "
      "first", "row \"does\"" },
    { NULL, { "would have slept in" },
      "a connection is asked though select did not say that it is "
      "ready: ask FD_ISSET first", "row \"does\"" },
    { NULL, { "sleeps in accept" },
      "the server sleeps in accept, where only a new client wakes it: "
      "sleep in select, and accept when the listener is left in the set",
      "row \"does\"" },
    { NULL, { "sleeps in recv" },
      "the server sleeps in recv, where only that client wakes it: "
      "sleep in select, and recv from those who are left in the set",
      "row \"does\"" },
    { NULL, { "who is ready" },
      "connections are asked of which select did not say that they are "
      "ready: ask FD_ISSET first", "row \"does\"" },
    { NULL, { "again and again instead" },
      "somebody is asked again and again though select did not say that "
      "he is ready: once for each that is left in the set, then select",
      "row \"does\"" },
    { NULL, { "asks again and again" },
      "the server asks everybody again and again instead of sleeping in "
      "select", "row \"does\"" },
    { "a_listener_beyond*", { NULL }, LISTENER_BEYOND, "row \"on error\"" },
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
        ENTRY(an_fd_beyond_fd_setsize_is_refused),
        ENTRY(a_listener_beyond_fd_setsize_is_refused),
    };

    return lesson_main(argc, argv, &(struct lesson){
        "03_select", tests, COUNT(tests), causes, COUNT(causes) });
}
