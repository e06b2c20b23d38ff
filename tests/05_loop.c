/* 05_loop.c - what one turn of the loop promises.
 *
 * Every loop here runs on a clock of the test's: it jumps to the next timer
 * when nothing is ready, so a line of the log, "SECONDS word", is the same
 * in every run. mini_turn is what is judged; the parts are given.
 */
#include "05_loop/loop.h"
#include "check.h"

#include <string.h>
#include <unistd.h>

#define S(n) ((int64_t)((n) * 1e9))

struct bench {
    struct mini mini;
    int64_t clock_ns;
};

/* A callback that says its name, and may then do something. */
struct word {
    struct handle handle;
    struct bench *bench;
    const char *name;
    void (*then)(struct word *word);
    struct word *other;
    int64_t number;
};

static void speak(void *arg)
{
    struct word *word = arg;

    say("%g %s", (double)word->bench->clock_ns / 1e9, word->name);
    if (word->then != NULL)
        word->then(word);
}

static void bench_open(struct bench *bench)
{
    *bench = (struct bench){ .clock_ns = 0 };
    mini_init(&bench->mini, &bench->clock_ns);
}

static void word_init(struct word *word, struct bench *bench,
                      const char *name)
{
    *word = (struct word){ .bench = bench, .name = name,
                           .handle = { .run = speak, .arg = word } };
}

static void soon(struct word *word, struct bench *bench, const char *name)
{
    word_init(word, bench, name);
    mini_call_soon(&bench->mini, &word->handle);
}

static void later(struct word *word, struct bench *bench, const char *name,
                  int64_t delay_ns)
{
    word_init(word, bench, name);
    mini_call_later(&bench->mini, &word->handle, delay_ns);
}

/* Nothing may be left in any list. */
static void bench_close(struct bench *bench)
{
    CHECK(bench->mini.ready.first == NULL);
    CHECK(bench->mini.batch.first == NULL);
    CHECK(bench->mini.timers.first == NULL);
    CHECK_INT(0, bench->mini.fd_count);
}

/* --- What word->then may be ---------------------------------------------- */

static void again(struct word *word)
{
    word->number--;
    if (word->number > 0)
        mini_call_soon(&word->bench->mini, &word->handle);
}

static void other_soon(struct word *word)
{
    mini_call_soon(&word->bench->mini, &word->other->handle);
}

static void other_later(struct word *word)
{
    mini_call_later(&word->bench->mini, &word->other->handle, word->number);
}

static void cancel_other(struct word *word)
{
    CHECK(mini_cancel(&word->other->handle));
    CHECK(!mini_cancel(&word->other->handle));
}

static void take_time(struct word *word)
{
    word->bench->clock_ns += word->number;
}

static void stop(struct word *word)
{
    mini_stop(&word->bench->mini);
}

static void read_byte(struct word *word)
{
    char byte;

    CHECK_INT(1, read((int)word->number, &byte, 1));
}

/* --- Ready --------------------------------------------------------------- */

TEST(what_is_ready_runs_in_the_order_of_its_scheduling__L01)
{
    struct bench bench;
    struct word a, b, c;

    bench_open(&bench);
    soon(&b, &bench, "B");
    soon(&a, &bench, "A");
    soon(&c, &bench, "C");
    CHECK_LOG("");
    CHECK(mini_turn(&bench.mini));
    CHECK_LOG("0 B\n" "0 A\n" "0 C\n");
    bench_close(&bench);
}

TEST(what_a_callback_schedules_runs_in_the_next_turn__L02)
{
    struct bench bench;
    struct word a, b, c;

    bench_open(&bench);
    soon(&a, &bench, "A");
    soon(&b, &bench, "B");
    word_init(&c, &bench, "C");
    a.then = other_soon;
    a.other = &c;
    CHECK(mini_turn(&bench.mini));
    CHECK_LOG("0 A\n" "0 B\n");
    CHECK(mini_turn(&bench.mini));
    CHECK_LOG("0 C\n");
    bench_close(&bench);
}

TEST(one_that_schedules_itself_lets_a_socket_in_between__L02)
{
    struct bench bench;
    struct word greedy, reader;
    int fds[2];

    bench_open(&bench);
    socket_pair(fds);
    soon(&greedy, &bench, "greedy");
    greedy.then = again;
    greedy.number = 3;
    word_init(&reader, &bench, "reader");
    reader.then = read_byte;
    reader.number = fds[0];
    mini_reader(&bench.mini, fds[0], &reader.handle);
    CHECK(mini_turn(&bench.mini));
    CHECK_INT(1, write(fds[1], "x", 1));
    CHECK(mini_turn(&bench.mini));
    CHECK(mini_turn(&bench.mini));
    CHECK_LOG("0 greedy\n" "0 greedy\n" "0 reader\n" "0 greedy\n");
    mini_reader(&bench.mini, fds[0], NULL);
    close(fds[0]);
    close(fds[1]);
    bench_close(&bench);
}

TEST(a_turn_runs_what_was_ready_then_sockets_then_timers__L03)
{
    struct bench bench;
    struct word timer, ready, reader;
    int fds[2];

    bench_open(&bench);
    socket_pair(fds);
    later(&timer, &bench, "timer", 0);
    word_init(&reader, &bench, "socket");
    reader.then = read_byte;
    reader.number = fds[0];
    mini_reader(&bench.mini, fds[0], &reader.handle);
    CHECK_INT(1, write(fds[1], "x", 1));
    soon(&ready, &bench, "ready");
    CHECK(mini_turn(&bench.mini));
    CHECK_LOG("0 ready\n" "0 socket\n" "0 timer\n");
    mini_reader(&bench.mini, fds[0], NULL);
    close(fds[0]);
    close(fds[1]);
    bench_close(&bench);
}

/* --- Timers -------------------------------------------------------------- */

TEST(timers_fire_in_the_order_of_their_deadlines__L04)
{
    struct bench bench;
    struct word a, b, c, past;

    bench_open(&bench);
    later(&c, &bench, "C", S(3));
    later(&a, &bench, "A", S(1));
    later(&b, &bench, "B", S(2));
    later(&past, &bench, "past", -S(1));
    mini_run(&bench.mini);
    CHECK_LOG("0 past\n" "1 A\n" "2 B\n" "3 C\n");
    bench_close(&bench);
}

TEST(equal_deadlines_fire_in_the_order_of_creation__L05)
{
    static const char *const names[] = { "A", "B", "C", "D", "E", "F" };
    struct bench bench;
    struct word words[COUNT(names)];

    bench_open(&bench);
    for (size_t i = 0; i < COUNT(names); i++)
        later(&words[i], &bench, names[i], S(1));
    CHECK(mini_turn(&bench.mini)); /* all of them in one turn */
    CHECK_LOG("1 A\n" "1 B\n" "1 C\n" "1 D\n" "1 E\n" "1 F\n");
    bench_close(&bench);
}

TEST(who_is_ready_does_not_wait_for_a_timer)
{
    struct bench bench;
    struct word timer, ready;

    bench_open(&bench);
    later(&timer, &bench, "timer", S(5));
    soon(&ready, &bench, "ready");
    CHECK(mini_turn(&bench.mini));
    CHECK_INT(0, bench.clock_ns);
    CHECK_LOG("0 ready\n");
    CHECK(mini_turn(&bench.mini));
    CHECK_LOG("5 timer\n");
    bench_close(&bench);
}

/* The clock is read after the poll: what became due while it lasted runs
 * in this turn. And a timer that is overdue does not make it endless. */
TEST(a_busy_callback_makes_timers_late_but_loses_none)
{
    struct bench bench;
    struct word busy, a, b;

    bench_open(&bench);
    soon(&busy, &bench, "busy");
    busy.then = take_time;
    busy.number = S(3);
    later(&a, &bench, "A", S(1));
    later(&b, &bench, "B", S(4));
    CHECK(mini_turn(&bench.mini));
    CHECK_LOG("0 busy\n");
    CHECK(mini_turn(&bench.mini));
    CHECK_LOG("3 A\n");
    CHECK(mini_turn(&bench.mini));
    CHECK_LOG("4 B\n");
    CHECK(!mini_turn(&bench.mini));
    bench_close(&bench);
}

TEST(a_timer_set_for_now_by_a_callback_waits_for_the_next_turn__L03)
{
    struct bench bench;
    struct word a, b;

    bench_open(&bench);
    soon(&a, &bench, "A");
    word_init(&b, &bench, "B");
    a.then = other_later;
    a.other = &b;
    CHECK(mini_turn(&bench.mini));
    CHECK_LOG("0 A\n");
    CHECK(mini_turn(&bench.mini));
    CHECK_LOG("0 B\n");
    bench_close(&bench);
}

/* --- Cancelling ---------------------------------------------------------- */

TEST(a_cancelled_handle_does_not_run_though_it_was_ready__L06)
{
    struct bench bench;
    struct word a, b, c;

    bench_open(&bench);
    soon(&a, &bench, "A");
    soon(&b, &bench, "B");
    soon(&c, &bench, "C");
    a.then = cancel_other; /* in the very batch that B is in */
    a.other = &b;
    CHECK(mini_turn(&bench.mini));
    CHECK_LOG("0 A\n" "0 C\n");
    bench_close(&bench);
}

/* A that cancels the last one of the batch must not lead to what comes in
 * the next turn being run in this. */
TEST(cancelling_in_a_batch_does_not_pull_the_next_one_in__L02_L06)
{
    struct bench bench;
    struct word a, b, c, late;

    bench_open(&bench);
    soon(&a, &bench, "A");
    soon(&b, &bench, "B");
    soon(&c, &bench, "C");
    word_init(&late, &bench, "late");
    a.then = cancel_other;
    a.other = &c;
    b.then = other_soon;
    b.other = &late;
    CHECK(mini_turn(&bench.mini));
    CHECK_LOG("0 A\n" "0 B\n");
    CHECK(mini_turn(&bench.mini));
    CHECK_LOG("0 late\n");
    bench_close(&bench);
}

TEST(a_cancelled_timer_is_not_waited_for__L06)
{
    struct bench bench;
    struct word a, b, c;

    bench_open(&bench);
    later(&a, &bench, "A", S(1));
    later(&b, &bench, "B", S(2));
    later(&c, &bench, "C", S(9));
    mini_cancel(&a.handle);
    b.then = cancel_other;
    b.other = &c;
    mini_run(&bench.mini);
    CHECK_LOG("2 B\n");
    CHECK_INT(S(2), bench.clock_ns);
    bench_close(&bench);
}

TEST(two_timers_due_together_and_the_first_cancels_the_second__L06)
{
    struct bench bench;
    struct word a, b;

    bench_open(&bench);
    later(&a, &bench, "A", S(1));
    later(&b, &bench, "B", S(1));
    a.then = cancel_other;
    a.other = &b;
    mini_run(&bench.mini);
    CHECK_LOG("1 A\n");
    bench_close(&bench);
}

/* --- Sockets ------------------------------------------------------------- */

static void unread_other(struct word *word)
{
    mini_reader(&word->bench->mini, (int)word->number, NULL);
}

TEST(a_removed_reader_does_not_run_though_it_was_readable)
{
    struct bench bench;
    struct word a, b;
    int first[2], second[2];

    bench_open(&bench);
    socket_pair(first);
    socket_pair(second);
    word_init(&a, &bench, "A");
    word_init(&b, &bench, "B");
    a.then = unread_other;
    a.number = second[0];
    mini_reader(&bench.mini, first[0], &a.handle);
    mini_reader(&bench.mini, second[0], &b.handle);
    CHECK_INT(1, write(first[1], "x", 1));
    CHECK_INT(1, write(second[1], "x", 1));
    CHECK(mini_turn(&bench.mini));
    CHECK_LOG("0 A\n");
    mini_reader(&bench.mini, first[0], NULL);
    for (int i = 0; i < 2; i++) {
        close(first[i]);
        close(second[i]);
    }
    bench_close(&bench);
}

TEST(readable_and_writable_are_two_handles_and_both_stay)
{
    struct bench bench;
    struct word in, out;
    int fds[2];

    bench_open(&bench);
    socket_pair(fds);
    word_init(&in, &bench, "readable");
    word_init(&out, &bench, "writable");
    mini_reader(&bench.mini, fds[0], &in.handle);
    mini_writer(&bench.mini, fds[0], &out.handle);
    CHECK(mini_turn(&bench.mini));
    CHECK_LOG("0 writable\n");
    CHECK_INT(1, write(fds[1], "x", 1));
    for (int turn = 0; turn < 2; turn++) {
        CHECK(mini_turn(&bench.mini));
        CHECK_LOG("0 readable\n" "0 writable\n");
    }
    mini_writer(&bench.mini, fds[0], NULL);
    CHECK(mini_turn(&bench.mini));
    CHECK_LOG("0 readable\n");
    mini_reader(&bench.mini, fds[0], NULL);
    close(fds[0]);
    close(fds[1]);
    bench_close(&bench);
}

TEST(a_peer_that_hangs_up_wakes_the_reader)
{
    struct bench bench;
    struct word in;
    int fds[2];

    bench_open(&bench);
    socket_pair(fds);
    word_init(&in, &bench, "readable");
    mini_reader(&bench.mini, fds[0], &in.handle);
    close(fds[1]);
    CHECK(mini_turn(&bench.mini));
    CHECK_LOG("0 readable\n");
    mini_reader(&bench.mini, fds[0], NULL);
    close(fds[0]);
    bench_close(&bench);
}

/* --- Ending -------------------------------------------------------------- */

TEST(nothing_left_to_do_ends_the_run)
{
    struct bench bench;

    bench_open(&bench);
    CHECK(!mini_turn(&bench.mini));
    mini_run(&bench.mini);
    bench_close(&bench);
}

TEST(a_socket_that_nobody_writes_to_is_the_end_too)
{
    struct bench bench;
    struct word in;
    int fds[2];

    bench_open(&bench);
    socket_pair(fds);
    word_init(&in, &bench, "readable");
    mini_reader(&bench.mini, fds[0], &in.handle);
    CHECK(!mini_turn(&bench.mini));
    CHECK_LOG("");
    mini_reader(&bench.mini, fds[0], NULL);
    close(fds[0]);
    close(fds[1]);
    bench_close(&bench);
}

TEST(stop_lets_the_batch_finish_and_keeps_the_rest__L08)
{
    struct bench bench;
    struct word a, b, c, d;

    bench_open(&bench);
    soon(&a, &bench, "A");
    soon(&b, &bench, "B");
    soon(&c, &bench, "C");
    word_init(&d, &bench, "D");
    a.then = stop;
    b.then = other_soon;
    b.other = &d;
    mini_run(&bench.mini);
    CHECK_LOG("0 A\n" "0 B\n" "0 C\n");
    mini_run(&bench.mini);
    CHECK_LOG("0 D\n");
    bench_close(&bench);
}

TEST(stopped_before_its_start_it_runs_one_turn__L08)
{
    struct bench bench;
    struct word timer, ready;

    bench_open(&bench);
    later(&timer, &bench, "timer", S(5));
    mini_stop(&bench.mini);
    mini_run(&bench.mini);
    CHECK_INT(0, bench.clock_ns);
    soon(&ready, &bench, "ready");
    mini_stop(&bench.mini);
    mini_run(&bench.mini);
    CHECK_LOG("0 ready\n");
    mini_run(&bench.mini);
    CHECK_LOG("5 timer\n");
    bench_close(&bench);
}

/* --- The real clock ------------------------------------------------------ */

/* Never early, and the time until then is one poll, not a hundred. */
static void note_time(void *arg)
{
    struct word *word = arg;

    word->number = mini_now(&word->bench->mini);
}

TEST(on_the_real_clock_a_timer_is_never_early_and_nothing_spins)
{
    struct bench bench;
    struct word word;
    int turns = 0;

    mini_init(&bench.mini, NULL);
    word_init(&word, &bench, "tick");
    word.handle.run = note_time;
    mini_call_later(&bench.mini, &word.handle, 2500000);
    while (mini_turn(&bench.mini))
        turns++;
    CHECK(word.number >= word.handle.when_ns);
    CHECK(turns >= 1 && turns <= 3);
    bench_close(&bench);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(what_is_ready_runs_in_the_order_of_its_scheduling__L01),
        ENTRY(what_a_callback_schedules_runs_in_the_next_turn__L02),
        ENTRY(one_that_schedules_itself_lets_a_socket_in_between__L02),
        ENTRY(a_turn_runs_what_was_ready_then_sockets_then_timers__L03),
        ENTRY(timers_fire_in_the_order_of_their_deadlines__L04),
        ENTRY(equal_deadlines_fire_in_the_order_of_creation__L05),
        ENTRY(who_is_ready_does_not_wait_for_a_timer),
        ENTRY(a_busy_callback_makes_timers_late_but_loses_none),
        ENTRY(a_timer_set_for_now_by_a_callback_waits_for_the_next_turn__L03),
        ENTRY(a_cancelled_handle_does_not_run_though_it_was_ready__L06),
        ENTRY(cancelling_in_a_batch_does_not_pull_the_next_one_in__L02_L06),
        ENTRY(a_cancelled_timer_is_not_waited_for__L06),
        ENTRY(two_timers_due_together_and_the_first_cancels_the_second__L06),
        ENTRY(a_removed_reader_does_not_run_though_it_was_readable),
        ENTRY(readable_and_writable_are_two_handles_and_both_stay),
        ENTRY(a_peer_that_hangs_up_wakes_the_reader),
        ENTRY(nothing_left_to_do_ends_the_run),
        ENTRY(a_socket_that_nobody_writes_to_is_the_end_too),
        ENTRY(stop_lets_the_batch_finish_and_keeps_the_rest__L08),
        ENTRY(stopped_before_its_start_it_runs_one_turn__L08),
        ENTRY(on_the_real_clock_a_timer_is_never_early_and_nothing_spins),
    };

    return lesson_main(argc, argv, &(struct lesson){
        "05_loop", tests, COUNT(tests), NULL, 0 });
}
