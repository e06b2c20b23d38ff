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
    CHECK_INT(0, world.sleeps[IN_ACCEPT]);
    CHECK_INT(0, world.sleeps[IN_RECV]);
    CHECK_INT(0, world.timeouts);
    CHECK_INT(0, world.useless);
    CHECK_INT(0, world.spins);
    CHECK(world.waits <= 11);
}

TEST(two_hundred_at_once)
{
    case_two_hundred(serve_select);
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

TEST(a_megabyte_comes_back_whole)
{
    case_megabyte(serve_select);
}

/* Catches: a failure of accept passed over, for ever. */
TEST(a_listener_that_fails_is_told)
{
    int fd = open("/dev/null", O_RDONLY);

    CHECK(fd >= 0);
    CHECK_INT(-1, serve_select(fd, 1));
    CHECK_INT(ENOTSOCK, errno);
    CHECK_INT(0, close(fd));
}

/* fds of 1500 and more, if the system lets us have them. */
static int high_fd(void)
{
    struct rlimit limit;

    CHECK_INT(0, getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = limit.rlim_max < 2000 ? limit.rlim_max : 2000;
    if (limit.rlim_cur < 1600 || setrlimit(RLIMIT_NOFILE, &limit) != 0)
        SKIP("no more than %lu fds allowed", (unsigned long)limit.rlim_cur);
    if (FD_SETSIZE > 1500)
        SKIP("FD_SETSIZE is %d", FD_SETSIZE);
    return 1500;
}

/* Catches: FD_SET beyond the set. ASan, or a set that is longer than it
 * looks, would say it louder; without them memory is silently broken. */
TEST(an_fd_beyond_fd_setsize_is_refused)
{
    static const struct scene steps[] = {
        connects(SLOW), hears_end(SLOW), closes(SLOW),
        connects(QUICK), hears_end(QUICK), closes(QUICK),
    };
    struct world world;

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
    CHECK_INT(-1, serve_select(high, 1));
    CHECK_INT(EINVAL, errno);
    close(high);
    close(fd);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(a_line_comes_back_in_upper_case),
        ENTRY(one_byte_at_a_time_is_answered_at_once),
        ENTRY(clients_are_served_one_after_the_other),
        ENTRY(quick_ones_are_answered_while_the_slow_one_is_silent),
        ENTRY(two_hundred_at_once),
        ENTRY(one_too_many_stays_in_the_queue),
        ENTRY(half_close_still_gets_all_answers),
        ENTRY(a_short_send_is_gone_on_with),
        ENTRY(a_signal_interrupts_no_connection),
        ENTRY(a_reset_ends_only_its_connection),
        ENTRY(a_client_gone_before_its_answer_kills_nobody),
        ENTRY(a_megabyte_comes_back_whole),
        ENTRY(a_listener_that_fails_is_told),
        ENTRY(an_fd_beyond_fd_setsize_is_refused),
        ENTRY(a_listener_beyond_fd_setsize_is_refused),
    };

    return lesson_main(argc, argv, &(struct lesson){
        "03_select", tests, COUNT(tests), NULL, 0 });
}
