/* 05_loop.c - what one turn of the loop promises.
 *
 * Every loop here runs on a clock of the test's: it jumps to the next timer
 * when nothing is ready, so the log, "SECONDS s  turn N" and below it what
 * was called in that turn, is the same in every run. mini_turn is what is
 * judged; the parts are given.
 */
#include "05_loop/loop.h"
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define S(n) ((int64_t)((n) * 1e9))

enum { TURNS_MAX = 20 }; /* of a run: more are a loop that never ends */

struct bench {
    struct mini mini;
    int64_t clock_ns;
    int turns;
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

    say("%g s  %s", (double)word->bench->clock_ns / 1e9, word->name);
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

/* One turn, and what it says about the next. */
static bool turn(struct bench *bench)
{
    bench->turns++;
    say("%g s  turn %d", (double)bench->clock_ns / 1e9, bench->turns);
    if (mini_turn(&bench->mini))
        return true;
    say("the turn returned false");
    return false;
}

/* Turns until there is nothing left to do. */
static void run(struct bench *bench)
{
    while (bench->turns < TURNS_MAX && turn(bench))
        continue;
}

/* Nothing may be left in any list. */
static void bench_close(struct bench *bench)
{
    promise("no list of the loop holds anything any more");
    CHECK(bench->mini.ready.first == NULL);
    CHECK(bench->mini.batch.first == NULL);
    CHECK(bench->mini.timers.first == NULL);
    CHECK_INT(0, bench->mini.fd_count);
    promise("%s", "");
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

/* What is ready must still be in a list, or nobody could take it out. */
static void cancel_other(struct word *word)
{
    say("%s: mini_cancel(%s): %s", word->name, word->other->name,
        mini_cancel(&word->other->handle) ? "true" : "false: in no list");
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

    scene("call_soon(B), call_soon(A), call_soon(C)");
    bench_open(&bench);
    soon(&b, &bench, "B");
    soon(&a, &bench, "A");
    soon(&c, &bench, "C");
    turn(&bench);
    CHECK_LOG("0 s  turn 1\n" "0 s  B\n" "0 s  A\n" "0 s  C\n");
    bench_close(&bench);
}

static void *called_with;

static void remember(void *arg)
{
    called_with = arg;
}

/* Catches: the handle itself passed on; a handle is often the first member
 * of what its argument is, and then nobody notices. */
TEST(a_handle_is_called_with_its_own_argument)
{
    struct bench bench;
    struct handle handle = { .run = remember, .arg = &called_with };

    scene("call_soon(handle), whose argument is not the handle");
    bench_open(&bench);
    mini_call_soon(&bench.mini, &handle);
    CHECK(mini_turn(&bench.mini));
    promise("run is called with the handle's arg");
    CHECK(called_with == &called_with);
    bench_close(&bench);
}

TEST(nothing_left_to_do_ends_the_run)
{
    struct bench bench;
    struct word a;

    scene("call_soon(A), then turns until one returns false");
    bench_open(&bench);
    soon(&a, &bench, "A");
    run(&bench);
    CHECK_LOG("0 s  turn 1\n" "0 s  A\n"
              "0 s  turn 2\n" "the turn returned false\n");
    bench_close(&bench);
}

TEST(what_a_callback_schedules_runs_in_the_next_turn__L02)
{
    struct bench bench;
    struct word a, b, c;

    scene("call_soon(A), call_soon(B); A will call_soon(C)");
    bench_open(&bench);
    soon(&a, &bench, "A");
    soon(&b, &bench, "B");
    word_init(&c, &bench, "C");
    a.then = other_soon;
    a.other = &c;
    turn(&bench);
    turn(&bench);
    CHECK_LOG("0 s  turn 1\n" "0 s  A\n" "0 s  B\n"
              "0 s  turn 2\n" "0 s  C\n");
    bench_close(&bench);
}

TEST(a_callback_may_schedule_itself_again__L02)
{
    struct bench bench;
    struct word greedy;

    scene("call_soon(greedy); twice it will call_soon(greedy)");
    bench_open(&bench);
    soon(&greedy, &bench, "greedy");
    greedy.then = again;
    greedy.number = 3;
    for (int i = 0; i < 3; i++)
        turn(&bench);
    CHECK_LOG("0 s  turn 1\n" "0 s  greedy\n"
              "0 s  turn 2\n" "0 s  greedy\n"
              "0 s  turn 3\n" "0 s  greedy\n");
    bench_close(&bench);
}

static void free_word(struct word *word)
{
    free(word);
}

TEST(a_callback_may_free_its_own_handle)
{
    struct bench bench;
    struct word *word = malloc(sizeof *word), other;

    scene("call_soon(A), call_soon(B); A will free its own handle");
    CHECK(word != NULL);
    bench_open(&bench);
    soon(word, &bench, "A");
    word->then = free_word;
    soon(&other, &bench, "B");
    turn(&bench);
    CHECK_LOG("0 s  turn 1\n" "0 s  A\n" "0 s  B\n");
    bench_close(&bench);
}

/* --- Sockets ------------------------------------------------------------- */

static void reader_init(struct word *word, struct bench *bench,
                        const char *name, int fd)
{
    word_init(word, bench, name);
    word->then = read_byte;
    word->number = fd;
    mini_reader(&bench->mini, fd, &word->handle);
}

static void close_pair(const int fds[static 2])
{
    close(fds[0]);
    close(fds[1]);
}

TEST(one_that_schedules_itself_lets_a_socket_in_between__L02)
{
    struct bench bench;
    struct word greedy, reader;
    int fds[2];

    scene("reader(socket), call_soon(greedy); greedy calls itself soon; a "
          "byte comes");
    bench_open(&bench);
    socket_pair(fds);
    soon(&greedy, &bench, "greedy");
    greedy.then = again;
    greedy.number = 3;
    reader_init(&reader, &bench, "socket", fds[0]);
    turn(&bench);
    CHECK_INT(1, write(fds[1], "x", 1));
    turn(&bench);
    turn(&bench);
    CHECK_LOG("0 s  turn 1\n" "0 s  greedy\n"
              "0 s  turn 2\n" "0 s  greedy\n" "0 s  socket\n"
              "0 s  turn 3\n" "0 s  greedy\n");
    mini_reader(&bench.mini, fds[0], NULL);
    close_pair(fds);
    bench_close(&bench);
}

TEST(a_turn_runs_what_was_ready_then_sockets_then_timers__L03)
{
    struct bench bench;
    struct word timer, ready, reader;
    int fds[2];

    scene("call_later(timer, 0 s), reader(socket) with a byte, "
          "call_soon(ready)");
    bench_open(&bench);
    socket_pair(fds);
    later(&timer, &bench, "timer", 0);
    reader_init(&reader, &bench, "socket", fds[0]);
    CHECK_INT(1, write(fds[1], "x", 1));
    soon(&ready, &bench, "ready");
    turn(&bench);
    CHECK_LOG("0 s  turn 1\n" "0 s  ready\n" "0 s  socket\n"
              "0 s  timer\n");
    mini_reader(&bench.mini, fds[0], NULL);
    close_pair(fds);
    bench_close(&bench);
}

/* --- Timers -------------------------------------------------------------- */

TEST(timers_fire_in_the_order_of_their_deadlines__L04)
{
    struct bench bench;
    struct word a, b, c;

    scene("call_later(C, 3 s), call_later(A, 1 s), call_later(B, 2 s)");
    bench_open(&bench);
    later(&c, &bench, "C", S(3));
    later(&a, &bench, "A", S(1));
    later(&b, &bench, "B", S(2));
    run(&bench);
    CHECK_LOG("0 s  turn 1\n" "1 s  A\n" "1 s  turn 2\n" "2 s  B\n"
              "2 s  turn 3\n" "3 s  C\n"
              "3 s  turn 4\n" "the turn returned false\n");
    bench_close(&bench);
}

TEST(equal_deadlines_fire_in_the_order_of_creation__L05)
{
    static const char *const names[] = { "A", "B", "C", "D", "E", "F" };
    struct bench bench;
    struct word words[COUNT(names)];

    scene("call_later(A, 1 s), ... call_later(F, 1 s)");
    bench_open(&bench);
    for (size_t i = 0; i < COUNT(names); i++)
        later(&words[i], &bench, names[i], S(1));
    run(&bench); /* all of them in one turn */
    CHECK_LOG("0 s  turn 1\n"
              "1 s  A\n" "1 s  B\n" "1 s  C\n" "1 s  D\n" "1 s  E\n"
              "1 s  F\n"
              "1 s  turn 2\n" "the turn returned false\n");
    bench_close(&bench);
}

TEST(a_timer_that_was_due_in_the_past_fires_now)
{
    struct bench bench;
    struct word past;

    scene("call_later(past, -1 s)");
    bench_open(&bench);
    later(&past, &bench, "past", -S(1));
    run(&bench);
    CHECK_LOG("0 s  turn 1\n" "0 s  past\n"
              "0 s  turn 2\n" "the turn returned false\n");
    bench_close(&bench);
}

TEST(who_is_ready_does_not_wait_for_a_timer)
{
    struct bench bench;
    struct word timer, ready;

    scene("call_later(timer, 5 s), call_soon(ready)");
    bench_open(&bench);
    later(&timer, &bench, "timer", S(5));
    soon(&ready, &bench, "ready");
    turn(&bench);
    turn(&bench);
    CHECK_LOG("0 s  turn 1\n" "0 s  ready\n"
              "0 s  turn 2\n" "5 s  timer\n");
    bench_close(&bench);
}

/* On the real clock a wait is a wait, and the watchdog sees it. */
TEST(on_the_real_clock_too_who_is_ready_does_not_wait)
{
    struct bench bench;
    struct word timer, ready, reader;
    int fds[2];

    bench_open(&bench);
    bench.mini.clock_ns = NULL;
    scene("the real clock; reader(socket) without a byte, call_soon(ready)");
    socket_pair(fds);
    reader_init(&reader, &bench, "socket", fds[0]);
    soon(&ready, &bench, "ready");
    turn(&bench);
    scene("the real clock; call_later(timer, 1 hour), call_soon(ready)");
    later(&timer, &bench, "timer", S(3600));
    mini_call_soon(&bench.mini, &ready.handle);
    turn(&bench);
    CHECK_LOG("0 s  turn 1\n" "0 s  ready\n" "0 s  turn 2\n"
              "0 s  ready\n");
    mini_cancel(&timer.handle);
    mini_reader(&bench.mini, fds[0], NULL);
    close_pair(fds);
    bench_close(&bench);
}

/* The clock is read after the poll: what became due while it lasted runs
 * in this turn. And a timer that is overdue does not make it endless. */
TEST(a_busy_callback_makes_timers_late_but_loses_none)
{
    struct bench bench;
    struct word busy, a, b;

    scene("call_later(A, 1 s), call_later(B, 4 s), call_soon(busy), which "
          "takes 3 s");
    bench_open(&bench);
    soon(&busy, &bench, "busy");
    busy.then = take_time;
    busy.number = S(3);
    later(&a, &bench, "A", S(1));
    later(&b, &bench, "B", S(4));
    run(&bench);
    CHECK_LOG("0 s  turn 1\n" "0 s  busy\n"
              "3 s  turn 2\n" "3 s  A\n"
              "3 s  turn 3\n" "4 s  B\n"
              "4 s  turn 4\n" "the turn returned false\n");
    bench_close(&bench);
}

TEST(a_timer_set_for_now_by_a_callback_waits_for_the_next_turn__L03)
{
    struct bench bench;
    struct word a, b;

    scene("call_soon(A); A will call_later(B, 0 s)");
    bench_open(&bench);
    soon(&a, &bench, "A");
    word_init(&b, &bench, "B");
    a.then = other_later;
    a.other = &b;
    turn(&bench);
    turn(&bench);
    CHECK_LOG("0 s  turn 1\n" "0 s  A\n" "0 s  turn 2\n" "0 s  B\n");
    bench_close(&bench);
}

/* B's call_soon comes when the timer is due already, but a turn collects
 * timers once, behind what is ready. */
TEST(a_timer_that_fell_due_in_a_batch_comes_behind_what_was_ready__L03)
{
    struct bench bench;
    struct word busy, b, c, timer;

    scene("call_later(timer, 1 s), call_soon(busy), which takes 3 s, "
          "call_soon(B); B will call_soon(C)");
    bench_open(&bench);
    later(&timer, &bench, "timer", S(1));
    soon(&busy, &bench, "busy");
    busy.then = take_time;
    busy.number = S(3);
    soon(&b, &bench, "B");
    word_init(&c, &bench, "C");
    b.then = other_soon;
    b.other = &c;
    turn(&bench);
    turn(&bench);
    CHECK_LOG("0 s  turn 1\n" "0 s  busy\n" "3 s  B\n"
              "3 s  turn 2\n" "3 s  C\n" "3 s  timer\n");
    bench_close(&bench);
}

/* --- Cancelling ---------------------------------------------------------- */

TEST(a_cancelled_handle_does_not_run_though_it_was_ready__L06)
{
    struct bench bench;
    struct word a, b, c;

    scene("call_soon(A), call_soon(B), call_soon(C); A will cancel B");
    bench_open(&bench);
    soon(&a, &bench, "A");
    soon(&b, &bench, "B");
    soon(&c, &bench, "C");
    a.then = cancel_other; /* in the very batch that B is in */
    a.other = &b;
    turn(&bench);
    CHECK_LOG("0 s  turn 1\n" "0 s  A\n" "A: mini_cancel(B): true\n"
              "0 s  C\n");
    bench_close(&bench);
}

/* A that cancels the last one of the batch must not lead to what comes in
 * the next turn being run in this. */
TEST(cancelling_in_a_batch_does_not_pull_the_next_one_in__L02_L06)
{
    struct bench bench;
    struct word a, b, c, late;

    scene("call_soon(A), call_soon(B), call_soon(C); A will cancel C, B "
          "will call_soon(late)");
    bench_open(&bench);
    soon(&a, &bench, "A");
    soon(&b, &bench, "B");
    soon(&c, &bench, "C");
    word_init(&late, &bench, "late");
    a.then = cancel_other;
    a.other = &c;
    b.then = other_soon;
    b.other = &late;
    turn(&bench);
    turn(&bench);
    CHECK_LOG("0 s  turn 1\n" "0 s  A\n" "A: mini_cancel(C): true\n"
              "0 s  B\n" "0 s  turn 2\n" "0 s  late\n");
    bench_close(&bench);
}

static void cancel_and_call_soon(struct word *word)
{
    cancel_other(word);
    say("%s: call_soon(%s)", word->name, word->other->name);
    other_soon(word);
}

TEST(one_cancelled_and_scheduled_again_runs_in_the_next_turn__L02_L06)
{
    struct bench bench;
    struct word a, b;

    scene("call_soon(A), call_soon(B); A will cancel B and call_soon(B)");
    bench_open(&bench);
    soon(&a, &bench, "A");
    soon(&b, &bench, "B");
    a.then = cancel_and_call_soon;
    a.other = &b;
    turn(&bench);
    turn(&bench);
    CHECK_LOG("0 s  turn 1\n" "0 s  A\n" "A: mini_cancel(B): true\n"
              "A: call_soon(B)\n" "0 s  turn 2\n" "0 s  B\n");
    bench_close(&bench);
}

TEST(a_cancelled_timer_is_not_waited_for__L06)
{
    struct bench bench;
    struct word a, b, c;

    scene("call_later(A, 1 s), call_later(B, 2 s), call_later(C, 9 s); A is "
          "cancelled, and B will cancel C");
    bench_open(&bench);
    later(&a, &bench, "A", S(1));
    later(&b, &bench, "B", S(2));
    later(&c, &bench, "C", S(9));
    mini_cancel(&a.handle);
    b.then = cancel_other;
    b.other = &c;
    run(&bench);
    CHECK_LOG("0 s  turn 1\n" "2 s  B\n" "B: mini_cancel(C): true\n"
              "2 s  turn 2\n" "the turn returned false\n");
    bench_close(&bench);
}

TEST(two_timers_due_together_and_the_first_cancels_the_second__L06)
{
    struct bench bench;
    struct word a, b;

    scene("call_later(A, 1 s), call_later(B, 1 s); A will cancel B");
    bench_open(&bench);
    later(&a, &bench, "A", S(1));
    later(&b, &bench, "B", S(1));
    a.then = cancel_other;
    a.other = &b;
    run(&bench);
    CHECK_LOG("0 s  turn 1\n" "1 s  A\n" "A: mini_cancel(B): true\n"
              "1 s  turn 2\n" "the turn returned false\n");
    bench_close(&bench);
}

static void unread_other(struct word *word)
{
    say("A: mini_reader(B's fd, NULL)");
    mini_reader(&word->bench->mini, (int)word->number, NULL);
}

TEST(a_removed_reader_does_not_run_though_it_was_readable)
{
    struct bench bench;
    struct word a, b;
    int first[2], second[2];

    scene("reader(A), reader(B), a byte for each; A will remove B's reader");
    bench_open(&bench);
    socket_pair(first);
    socket_pair(second);
    reader_init(&a, &bench, "A", first[0]);
    reader_init(&b, &bench, "B", second[0]);
    a.then = unread_other;
    a.number = second[0];
    CHECK_INT(1, write(first[1], "x", 1));
    CHECK_INT(1, write(second[1], "x", 1));
    turn(&bench);
    CHECK_LOG("0 s  turn 1\n" "0 s  A\n" "A: mini_reader(B's fd, NULL)\n");
    mini_reader(&bench.mini, first[0], NULL);
    close_pair(first);
    close_pair(second);
    bench_close(&bench);
}

/* --- More of sockets ----------------------------------------------------- */

TEST(readable_and_writable_are_two_handles_and_both_stay)
{
    struct bench bench;
    struct word in, out;
    int fds[2];

    scene("reader(socket), writer(socket); a byte comes after turn 1");
    bench_open(&bench);
    socket_pair(fds);
    word_init(&in, &bench, "readable");
    word_init(&out, &bench, "writable");
    mini_reader(&bench.mini, fds[0], &in.handle);
    mini_writer(&bench.mini, fds[0], &out.handle);
    turn(&bench);
    CHECK_INT(1, write(fds[1], "x", 1));
    turn(&bench);
    turn(&bench);
    mini_writer(&bench.mini, fds[0], NULL);
    turn(&bench);
    CHECK_LOG("0 s  turn 1\n" "0 s  writable\n"
              "0 s  turn 2\n" "0 s  readable\n" "0 s  writable\n"
              "0 s  turn 3\n" "0 s  readable\n" "0 s  writable\n"
              "0 s  turn 4\n" "0 s  readable\n");
    mini_reader(&bench.mini, fds[0], NULL);
    close_pair(fds);
    bench_close(&bench);
}

TEST(a_peer_that_hangs_up_wakes_the_reader)
{
    struct bench bench;
    struct word in;
    int fds[2];

    scene("reader(socket), and the peer closes");
    bench_open(&bench);
    socket_pair(fds);
    word_init(&in, &bench, "readable");
    mini_reader(&bench.mini, fds[0], &in.handle);
    close(fds[1]);
    turn(&bench);
    CHECK_LOG("0 s  turn 1\n" "0 s  readable\n");
    mini_reader(&bench.mini, fds[0], NULL);
    close(fds[0]);
    bench_close(&bench);
}

/* --- Ending -------------------------------------------------------------- */

TEST(a_socket_that_nobody_writes_to_is_the_end_too)
{
    struct bench bench;
    struct word in;
    int fds[2];

    scene("reader(socket), on a clock that knows that nobody will write");
    bench_open(&bench);
    socket_pair(fds);
    word_init(&in, &bench, "readable");
    mini_reader(&bench.mini, fds[0], &in.handle);
    run(&bench);
    CHECK_LOG("0 s  turn 1\n" "the turn returned false\n");
    mini_reader(&bench.mini, fds[0], NULL);
    close_pair(fds);
    bench_close(&bench);
}

/* mini_run calls mini_turn by itself. */
static void run_and_say(struct bench *bench)
{
    say("%g s  mini_run", (double)bench->clock_ns / 1e9);
    mini_run(&bench->mini);
    say("%g s  mini_run has returned", (double)bench->clock_ns / 1e9);
}

TEST(stop_lets_the_batch_finish_and_keeps_the_rest__L08)
{
    struct bench bench;
    struct word a, b, c, d;

    scene("call_soon(A), call_soon(B), call_soon(C); A will mini_stop, B "
          "will call_soon(D)");
    bench_open(&bench);
    soon(&a, &bench, "A");
    soon(&b, &bench, "B");
    soon(&c, &bench, "C");
    word_init(&d, &bench, "D");
    a.then = stop;
    b.then = other_soon;
    b.other = &d;
    run_and_say(&bench);
    run_and_say(&bench);
    CHECK_LOG("0 s  mini_run\n" "0 s  A\n" "0 s  B\n" "0 s  C\n"
              "0 s  mini_run has returned\n"
              "0 s  mini_run\n" "0 s  D\n" "0 s  mini_run has returned\n");
    bench_close(&bench);
}

TEST(stopped_before_its_start_it_runs_one_turn__L08)
{
    struct bench bench;
    struct word timer, ready;

    scene("call_later(timer, 5 s), and mini_stop before mini_run");
    bench_open(&bench);
    later(&timer, &bench, "timer", S(5));
    mini_stop(&bench.mini);
    run_and_say(&bench);
    say("call_soon(ready), mini_stop");
    soon(&ready, &bench, "ready");
    mini_stop(&bench.mini);
    run_and_say(&bench);
    run_and_say(&bench);
    CHECK_LOG("0 s  mini_run\n" "0 s  mini_run has returned\n"
              "call_soon(ready), mini_stop\n"
              "0 s  mini_run\n" "0 s  ready\n"
              "0 s  mini_run has returned\n"
              "0 s  mini_run\n" "5 s  timer\n"
              "5 s  mini_run has returned\n");
    bench_close(&bench);
}

/* --- The real clock ------------------------------------------------------ */

static void note_time(void *arg)
{
    struct word *word = arg;

    word->number = mini_now(&word->bench->mini);
}

/* Never early, and the time until then is one poll, not a hundred. */
/* Catches: true only if something ran. A poll may be broken off, or end a
 * little before the timer is due. */
TEST(a_turn_in_which_nothing_ran_is_not_the_end)
{
    struct bench bench;
    struct word timer;

    scene("call_later(timer, 5 s), and a turn that must not wait");
    bench_open(&bench);
    later(&timer, &bench, "timer", S(5));
    mini_stop(&bench.mini);
    promise("it returns true: a timer is still to come");
    CHECK(turn(&bench));
    promise("%s", "");
    bench.mini.stopping = false;
    run(&bench);
    CHECK_LOG("0 s  turn 1\n" "0 s  turn 2\n" "5 s  timer\n"
              "5 s  turn 3\n" "the turn returned false\n");
    bench_close(&bench);
}

TEST(on_the_real_clock_a_timer_is_never_early_and_nothing_spins)
{
    struct bench bench;
    struct word word;

    scene("the real clock; call_later(tick, 2.5 ms)");
    bench_open(&bench);
    bench.mini.clock_ns = NULL;
    word_init(&word, &bench, "tick");
    word.handle.run = note_time;
    mini_call_later(&bench.mini, &word.handle, 2500000);
    while (bench.turns < 1000 && mini_turn(&bench.mini))
        bench.turns++;
    promise("tick is called, and not before its time");
    CHECK(word.number >= word.handle.when_ns);
    promise("one turn waits for the timer, not a hundred that ask for it");
    CHECK(bench.turns >= 1 && bench.turns <= 3);
    bench_close(&bench);
}

/* --- What went wrong ----------------------------------------------------- */

#define COPIED "a list is copied as a whole: each handle knows the list that " \
    "it is in (handle->in); move them one by one, handles_add(&batch, "      \
    "handles_take(&ready))"

static const struct cause causes[] = {
    { NULL, { "null pointer" }, COPIED, "row \"on cancel\"" },
    { NULL, { "NULL pointer" }, COPIED, "row \"on cancel\"" },
    { NULL, { "killed by signal 11" }, COPIED, "row \"on cancel\"" },
    { "a_callback_may_schedule_itself*", { "handle->in == NULL" },
      "a handle is called while it is still in a list: it may want to go "
      "into one again, so take it out first, then call it",
      "row \"who frees\"" },
    { NULL, { "handle->in == NULL" },
      "a handle is put into a list while it is still in another one: take "
      "it out of that one first (handles_take)", "row \"order\"" },
    { NULL, { "mini.batch.first == NULL" },
      "a handle has run, and is in `batch` still: take each out as it runs "
      "(handles_take), or nobody can schedule it again", "row \"who frees\"" },
    { NULL, { "uses memory that was freed" },
      "a handle is looked at after its callback has run: by then it may be "
      "gone; take it out of its list first", "row \"who frees\"" },

    { "a_handle_is_called*", { "called_with" },
      "a handle's function gets something else than it is to: "
      "handle->run(handle->arg)", "row \"order\"" },
    { "a_turn_in_which*", { "it is not so" },
      "a turn returns false because nothing ran in it: false means that "
      "nothing ever will, no timer is set and there is no fd",
      "row \"result\"" },
    { "what_is_ready*", { "expected   nothing more",
                          "yours      the turn returned false" },
      "a turn says after its batch whether there is more to do: it is the "
      "next one that finds nothing ready, no timer and no fd", NULL },
    { "what_is_ready*", { "yours      the turn returned false" },
      "the wait is worked out without a look at `ready`: something is ready, "
      "so it is 0 and not \"for ever\"", "row \"wait\"" },
    { "what_is_ready*", { "expected   0 s  B" },
      "a turn does not call all of what is ready, from first to last",
      "row \"order\"" },
    { "what_is_ready*", { "expected   0 s  A" },
      "a turn does not call all of what is ready, from first to last",
      "row \"order\"" },

    { "what_a_callback_schedules*", { "yours      0 s  C" },
      "the turn goes on until `ready` is empty: run only what was ready "
      "when it began, and poll again before the rest", "row \"order\"" },
    { "a_callback_may_schedule_itself*", { "yours      0 s  greedy" },
      "the turn goes on until `ready` is empty: run only what was ready "
      "when it began, and poll again before the rest", "row \"order\"" },
    { "what_a_callback_schedules*", { "expected   0 s  C" },
      "what the callbacks make ready is thrown away with the batch: it must "
      "stay in `ready` for the next turn", "row \"order\"" },
    { "one_that_schedules_itself*", { "expected   0 s  socket" },
      "the poll is left out while something is ready, or comes when the "
      "batch is already put together: a busy program never hears its "
      "sockets; poll first, with a wait of 0", "row \"order\"" },

    { "timers_fire*", { "yours      0 s  turn 2" },
      "the loop does not wait although nothing is ready: it asks again and "
      "again (a busy wait); sleep until the first timer", "row \"wait\"" },
    { "timers_fire*", { "yours      1 s  turn 2\n             1 s  turn 3" },
      "a timer that is due does not become ready: due is when_ns <= now, "
      "and mini_turn itself moves it from `timers` to `ready`",
      "row \"order\"" },
    { "timers_fire*", { "yours      1 s  turn 2" },
      "timers are collected, or the clock is read, before the poll: what "
      "becomes due while it waits is missed until the next turn",
      "row \"order\"" },
    { "timers_fire*", { "yours      3 s  B" },
      "the wait is the first timer's deadline itself: poll waits for a time "
      "span, so subtract mini_now", "row \"wait\"" },
    { "timers_fire*", { "yours      3 s  A" },
      "the loop waits for a later timer than the first: `timers` is sorted, "
      "the soonest is timers.first", "row \"wait\"" },
    { "timers_fire*", { "yours      1e-06 s" },
      "the wait is told in milliseconds: mini_poll takes nanoseconds",
      "row \"wait\"" },
    { "timers_fire*", { "yours      0." },
      "the loop wakes up before anybody is due and finds nothing to do: wait "
      "until the first timer, all of it", "row \"wait\"" },
    { "timers_fire*", { "yours      1 s  B" },
      "timers fire before their time: only those with when_ns <= now become "
      "ready", "row \"order\"" },
    { "timers_fire*", { "yours      the turn returned false",
                        "expected   1 s  A" },
      "a turn returns false though a timer is still to come: only when "
      "nothing is ready, no timer is set and there is no fd is it the end",
      "row \"result\"" },
    { "equal_deadlines*", { "yours      1 s  turn 2" },
      "a turn takes one timer though several are due: `while`, not `if`",
      "row \"order\"" },
    { "a_timer_that_was_due*", { "yours      the turn returned false" },
      "the wait goes below 0 when a timer is overdue, and below 0 means for "
      "ever: make it 0", "row \"wait\"" },
    { "a_busy_callback*", { "yours      the turn returned false" },
      "the wait goes below 0 when a timer is overdue, and below 0 means for "
      "ever: make it 0", "row \"wait\"" },
    { NULL, { "expected   the turn returned false" },
      "a turn does not see that it was the last: nothing ready, no timer, "
      "no fd (the wait is -1 then), or mini_poll returns false",
      "row \"result\"" },
    { "a_timer_set_for_now*", { "yours      0 s  B" },
      "the turn goes on until `ready` is empty: run only what was ready "
      "when it began, and poll again before the rest", "row \"order\"" },

    { "on_the_real_clock_too*", { "sleeps in a system call" },
      "the turn waits though something is ready: the wait must be 0 then, "
      "whatever timers and fds there are", "row \"wait\"" },
    { "on_the_real_clock_a*", { "sleeps in a system call" },
      "the turn waits for ever with nobody to wake it: nothing ready, no "
      "timer and no fd is the end", "row \"result\"" },
    { NULL, { "sleeps in a system call" },
      "mini_poll waits longer than it should: 0 if something is ready, else "
      "until the first timer", "row \"wait\"" },

    { "a_timer_that_fell_due*", { "yours      3 s  timer" },
      "timers are collected while the batch runs: do it once a turn, after "
      "the poll", "row \"order\"" },
    { "one_cancelled_and*", { "yours      0 s  B" },
      "the batch remembers B, which was taken out of it and put into "
      "`ready`: keep the batch as a list of its own, mini->batch",
      "row \"on cancel\"" },
    { "a_turn_runs*", { "expected   0 s  ready", "yours      0 s  timer" },
      "timers are called on the spot: they become ready, behind what was "
      "ready before them", "row \"order\"" },
    { "a_turn_runs*", { "yours      0 s  timer" },
      "timers are collected before the poll: sockets come first",
      "row \"order\"" },
    { "a_turn_runs*", { "expected   0 s  timer" },
      "a timer that is due waits for another turn: collect timers after the "
      "poll and before the batch is put together", "row \"order\"" },

    { "a_cancelled_handle*", { "false: in no list" },
      "the batch is kept where mini_cancel cannot find it, in an array or a "
      "list of your own: keep it in mini->batch, and take one at a time",
      "row \"on cancel\"" },
    { "a_cancelled_handle*", { "yours      0 s  B" },
      "the turn remembers which one comes next, and that one was cancelled "
      "meanwhile: ask the list again after each call", "row \"on cancel\"" },
    { NULL, { "false: in no list" },
      "the batch is kept where mini_cancel cannot find it, in an array or a "
      "list of your own: keep it in mini->batch, and take one at a time",
      "row \"on cancel\"" },
    { "cancelling_in_a_batch*", { "yours      0 s  late" },
      "the batch is counted, and one that is cancelled makes room for one "
      "of the next turn: move exactly this batch to a list of its own",
      "row \"on cancel\"" },
    { "a_removed_reader*", { "yours      0 s  B" },
      "the turn remembers which one comes next, and that one was cancelled "
      "meanwhile: ask the list again after each call", "row \"on cancel\"" },

    { "stop_lets*", { "yours      0 s  mini_run has returned" },
      "mini_stop breaks the batch off: the turn finishes, then mini_run "
      "looks at `stopping`", "row \"order\"" },
    { "stopped_before*", { "yours      5 s" },
      "the turn waits although the loop is stopping: the wait is 0 then, "
      "too", "row \"wait\"" },
    { "stopped_before*", { "expected   0 s  ready" },
      "a loop that is stopping skips the turn: it does not wait, but it "
      "runs what is ready", "row \"wait\"" },
    { NULL, { "runs on and on" },
      "mini_turn goes round by itself: a turn waits once, in mini_poll, calls "
      "its batch and returns", NULL },
    { NULL, { "yours      the turn returned false" },
      "a turn returns false though something is still to come: only nothing "
      "ready, no timer and no fd, or mini_poll's false, is the end",
      "row \"result\"" },
    { "on_the_real_clock_a*", { "not a hundred that ask for it" },
      "the loop does not wait although nothing is ready: it asks again and "
      "again (a busy wait); sleep until the first timer", "row \"wait\"" },
};

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(what_is_ready_runs_in_the_order_of_its_scheduling__L01),
        ENTRY(what_a_callback_schedules_runs_in_the_next_turn__L02),
        ENTRY(a_callback_may_schedule_itself_again__L02),
        ENTRY(a_callback_may_free_its_own_handle),
        ENTRY(one_that_schedules_itself_lets_a_socket_in_between__L02),
        ENTRY(timers_fire_in_the_order_of_their_deadlines__L04),
        ENTRY(equal_deadlines_fire_in_the_order_of_creation__L05),
        ENTRY(a_timer_that_was_due_in_the_past_fires_now),
        ENTRY(a_handle_is_called_with_its_own_argument),
        ENTRY(nothing_left_to_do_ends_the_run),
        ENTRY(who_is_ready_does_not_wait_for_a_timer),
        ENTRY(on_the_real_clock_too_who_is_ready_does_not_wait),
        ENTRY(a_turn_runs_what_was_ready_then_sockets_then_timers__L03),
        ENTRY(a_busy_callback_makes_timers_late_but_loses_none),
        ENTRY(a_timer_set_for_now_by_a_callback_waits_for_the_next_turn__L03),
        ENTRY(
          a_timer_that_fell_due_in_a_batch_comes_behind_what_was_ready__L03),
        ENTRY(a_cancelled_handle_does_not_run_though_it_was_ready__L06),
        ENTRY(cancelling_in_a_batch_does_not_pull_the_next_one_in__L02_L06),
        ENTRY(
          one_cancelled_and_scheduled_again_runs_in_the_next_turn__L02_L06),
        ENTRY(a_cancelled_timer_is_not_waited_for__L06),
        ENTRY(two_timers_due_together_and_the_first_cancels_the_second__L06),
        ENTRY(a_removed_reader_does_not_run_though_it_was_readable),
        ENTRY(readable_and_writable_are_two_handles_and_both_stay),
        ENTRY(a_peer_that_hangs_up_wakes_the_reader),
        ENTRY(a_socket_that_nobody_writes_to_is_the_end_too),
        ENTRY(stop_lets_the_batch_finish_and_keeps_the_rest__L08),
        ENTRY(stopped_before_its_start_it_runs_one_turn__L08),
        ENTRY(a_turn_in_which_nothing_ran_is_not_the_end),
        ENTRY(on_the_real_clock_a_timer_is_never_early_and_nothing_spins),
    };

    return lesson_main(argc, argv, &(struct lesson){
        "05_loop", tests, COUNT(tests), causes, COUNT(causes) });
}
