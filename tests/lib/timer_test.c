/* timer_test.c - the heap of timers: rows L04-L06, and its own traps. */
#include "actors.h"

#include "faults.h"
#include "sys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A timer that says its name. */
struct bell {
    struct timer timer;
    const char *name;
    int rings;
};

static void ring(struct callback *callback)
{
    struct bell *bell = CONTAINER(callback, struct bell, timer.callback);

    say("%s", bell->name);
    bell->rings++;
}

static void set(struct lab *lab, struct bell *bell, const char *name,
                int64_t delay_ns)
{
    bell->name = name;
    bell->rings = 0;
    CHECK_INT(0, timer_start(&lab->loop, &bell->timer, delay_ns, ring));
}

TEST(timers_fire_in_order_of_deadline__L04)
{
    struct bell a, b, c;
    struct lab lab;

    lab_open(&lab);
    set(&lab, &c, "c", SECONDS(3));
    set(&lab, &a, "a", SECONDS(1));
    set(&lab, &b, "b", SECONDS(2));
    run_dry(&lab);
    CHECK_LOG("1 a\n2 b\n3 c\n");
    lab_close(&lab);
}

TEST(a_negative_delay_is_an_earlier_deadline__L04)
{
    struct bell now, past, long_past;
    struct lab lab;

    lab_open(&lab);
    lab.loop.now_ns = SECONDS(10);
    set(&lab, &now, "now", 0);
    set(&lab, &past, "past", -1);
    set(&lab, &long_past, "long past", -SECONDS(9));
    run_dry(&lab);
    CHECK_LOG("10 long past\n10 past\n10 now\n");
    lab_close(&lab);
}

TEST(equal_deadlines_fire_in_order_of_creation__L05)
{
    static const char *const names[] = { "0", "1", "2", "3", "4", "5" };
    struct bell bells[6];
    struct lab lab;

    lab_open(&lab);
    for (int i = 0; i < 6; i++)
        set(&lab, &bells[i], names[i], SECONDS(1));
    run_dry(&lab);
    CHECK_LOG("1 0\n1 1\n1 2\n1 3\n1 4\n1 5\n");
    lab_close(&lab);
}

TEST(order_of_creation_survives_the_counter_s_overflow__L05)
{
    static const char *const names[] = { "0", "1", "2", "3", "4", "5" };
    struct bell bells[6];
    struct lab lab;

    lab_open(&lab);
    lab.loop.timers.seq = UINT32_MAX - 2;
    for (int i = 0; i < 6; i++)
        set(&lab, &bells[i], names[i], SECONDS(1));
    run_dry(&lab);
    CHECK_LOG("1 0\n1 1\n1 2\n1 3\n1 4\n1 5\n");
    lab_close(&lab);
}

static void set_again(struct callback *callback)
{
    struct bell *bell = CONTAINER(callback, struct bell, timer.callback);

    bell->rings++;
}

TEST(a_timer_of_zero_comes_after_what_is_ready__L03)
{
    struct bell bell;
    struct note note;
    struct lab lab;

    lab_open(&lab);
    note_init(&note, &lab, "ready");
    set(&lab, &bell, "timer", 0);
    loop_call_soon(&lab.loop, &note.callback);
    loop_turn(&lab.loop, false);
    CHECK_LOG("0 ready\n0 timer\n");
    lab_close(&lab);
}

struct rearm {
    struct bell bell;
    struct lab *lab;
};

static void ring_and_rearm(struct callback *callback)
{
    struct bell *bell = CONTAINER(callback, struct bell, timer.callback);
    struct rearm *rearm = (struct rearm *)bell;

    bell->rings++;
    timer_start(&rearm->lab->loop, &bell->timer, 0, ring_and_rearm);
}

/* Otherwise a timer of 0 that starts itself again would never let go. */
TEST(a_timer_started_by_a_timer_waits_for_the_next_turn)
{
    struct rearm rearm = { .bell.rings = 0 };
    struct lab lab;

    lab_open(&lab);
    rearm.lab = &lab;
    timer_start(&lab.loop, &rearm.bell.timer, 0, ring_and_rearm);
    loop_turn(&lab.loop, true);
    CHECK_INT(1, rearm.bell.rings);
    loop_turn(&lab.loop, true);
    CHECK_INT(2, rearm.bell.rings);
    timer_stop(&lab.loop, &rearm.bell.timer);
    lab_close(&lab);
}

static void stop_other(struct note *note)
{
    timer_stop(note->loop, (struct timer *)(void *)note->next);
}

TEST(a_timer_that_is_due_and_queued_can_still_be_stopped__L06)
{
    struct bell bell;
    struct note note;
    struct lab lab;

    lab_open(&lab);
    note_init(&note, &lab, "stop it");
    note.then = stop_other;
    note.next = (struct note *)(void *)&bell.timer;
    set(&lab, &bell, "bell", 0);
    loop_call_soon(&lab.loop, &note.callback);
    loop_turn(&lab.loop, false);
    settle(&lab);
    CHECK_LOG("0 stop it\n");
    lab_close(&lab);
}

TEST(stopping_what_does_not_run_does_nothing)
{
    struct timer zero = { .when = 0 };
    struct bell bell;
    struct lab lab;

    lab_open(&lab);
    timer_stop(&lab.loop, &zero);
    set(&lab, &bell, "bell", 1);
    timer_stop(&lab.loop, &bell.timer);
    timer_stop(&lab.loop, &bell.timer);
    set(&lab, &bell, "bell", 1);
    run_dry(&lab);
    timer_stop(&lab.loop, &bell.timer);
    CHECK_INT(1, bell.rings);
    lab_close(&lab);
}

/* ae.c dereferenced NULL here. */
TEST(the_only_timer_may_be_one_shot)
{
    struct bell bell;
    struct lab lab;

    lab_open(&lab);
    set(&lab, &bell, "bell", SECONDS(1));
    CHECK(loop_turn(&lab.loop, true));
    CHECK(!loop_turn(&lab.loop, true));
    CHECK_LOG("1 bell\n");
    lab_close(&lab);
}

TEST(a_stopped_timer_is_not_waited_for__S04)
{
    struct bell early, late;
    struct lab lab;

    lab_open(&lab);
    set(&lab, &early, "early", SECONDS(1));
    set(&lab, &late, "late", SECONDS(2));
    timer_stop(&lab.loop, &early.timer);
    run_dry(&lab);
    CHECK_LOG("2 late\n");
    lab_close(&lab);
}

TEST(a_huge_delay_does_not_wrap_into_the_past)
{
    struct bell huge, one;
    struct lab lab;

    lab_open(&lab);
    lab.loop.now_ns = SECONDS(5);
    set(&lab, &huge, "huge", INT64_MAX);
    set(&lab, &one, "one", SECONDS(1));
    CHECK_INT(INT64_MAX, huge.timer.when);
    CHECK(loop_turn(&lab.loop, true));
    CHECK_LOG("6 one\n");
    timer_stop(&lab.loop, &huge.timer);
    lab_close(&lab);
}

static void wait_really(int64_t delay_ns, const char *log)
{
    struct bell bell;
    struct lab lab;

    lab_open_with(&lab, (struct loop_options){ .virtual_time = false });
    set(&lab, &bell, "bell", delay_ns);
    loop_turn(&lab.loop, delay_ns < 0);
    CHECK_LOG(log);
    timer_stop(&lab.loop, &bell.timer);
    lab_close(&lab);
}

/* The time left is a difference: it must not overflow either way. */
TEST(the_shortest_and_longest_delays_work_on_the_real_clock)
{
    wait_really(INT64_MIN, "bell\n");
    wait_really(INT64_MAX, "");
}

TEST(a_timer_is_never_early_on_the_real_clock)
{
    struct bell bell;
    struct lab lab;
    int64_t due;

    lab_open_with(&lab, (struct loop_options){ .virtual_time = false });
    for (int i = 1; i <= 20; i++) {
        set(&lab, &bell, "bell", i * 170001);
        due = bell.timer.when;
        lab.polls = 0;
        while (bell.rings == 0) {
            loop_turn(&lab.loop, true);
            CHECK(bell.rings == 0 || sys_real.now() >= due);
        }
        /* Rounded up: truncated, it would spin through the last ms. */
        CHECK(lab.polls <= 2);
    }
    lab_close(&lab);
}

/* --- Against a reference ------------------------------------------------- */

enum { TIMERS = 300, ROUNDS = 10000 };

struct model {
    struct bell bells[TIMERS];
    int64_t when[TIMERS]; /* -1: not running */
    long created[TIMERS], clock;
};

/* The one to fire next, by a search of all; -1: none. */
static int first(const struct model *model)
{
    int best = -1;

    for (int i = 0; i < TIMERS; i++)
        if (model->when[i] >= 0
            && (best < 0 || model->when[i] < model->when[best]
                || (model->when[i] == model->when[best]
                    && model->created[i] < model->created[best])))
            best = i;
    return best;
}

static void start_or_stop(struct lab *lab, struct model *model)
{
    int i = rand() % TIMERS;

    if (model->when[i] >= 0) {
        timer_stop(&lab->loop, &model->bells[i].timer);
        model->when[i] = -1;
        return;
    }
    model->when[i] = lab->loop.now_ns + rand() % 50;
    model->created[i] = model->clock;
    model->clock++;
    timer_start(&lab->loop, &model->bells[i].timer,
                model->when[i] - lab->loop.now_ns, set_again);
}

/* All that must fire now, one by one in the order of the ready queue. */
static void fire_next(struct lab *lab, struct model *model)
{
    struct callback *callback;
    int i = first(model);

    if (i < 0)
        return;
    lab->loop.now_ns = model->when[i];
    timer_collect(&lab->loop);
    for (;;) {
        callback = queue_pop(&lab->loop.ready);
        if (callback == NULL)
            break;
        i = first(model);
        CHECK(callback == &model->bells[i].timer.callback);
        model->when[i] = -1;
    }
    i = first(model);
    CHECK(i < 0 || model->when[i] > lab->loop.now_ns);
}

TEST(ten_thousand_random_starts_and_stops_agree_with_a_search)
{
    static struct model model;
    struct lab lab;

    srand(7);
    lab_open(&lab);
    for (int i = 0; i < TIMERS; i++)
        model.when[i] = -1;
    for (int i = 0; i < ROUNDS; i++) {
        start_or_stop(&lab, &model);
        if (i % 8 == 0)
            fire_next(&lab, &model);
    }
    while (first(&model) >= 0)
        fire_next(&lab, &model);
    lab_close(&lab);
}

/* The 65th needs more room; when there is none, the 64 ring all the same,
 * and a sleep says so. */
TEST(without_memory_a_timer_is_refused_and_the_others_ring)
{
    static struct bell bells[64];
    struct bell more = { .name = "more" };
    struct sleep sleep = { CORO(sleep), .delay_ns = 1 };
    struct task sleeper;
    struct faults faults;
    struct lab lab;

    faults_open(&faults);
    lab_open_with(&lab, (struct loop_options){ .virtual_time = true,
                                               .sys = faults.sys });
    for (size_t i = 0; i < COUNT(bells); i++)
        set(&lab, &bells[i], "-", SECONDS(64 - (int)i));
    faults_fail(&faults, CALL_RESIZE, ENOMEM, 2);
    CHECK_CODE(ENOMEM, timer_start(&lab.loop, &more.timer, 1, ring));
    timer_stop(&lab.loop, &more.timer);
    task_create(&lab.loop, &sleeper, "sleeper", &sleep.coro);
    settle(&lab);
    CHECK_CODE(ENOMEM, future_outcome(&sleeper.future));
    set(&lab, &more, "more", SECONDS(65)); /* and now there is */
    run_dry(&lab);
    for (size_t i = 0; i < COUNT(bells); i++)
        CHECK_INT(1, bells[i].rings);
    CHECK_INT(1, more.rings);
    CHECK_INT(SECONDS(65), lab.loop.now_ns);
    lab_close(&lab);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(timers_fire_in_order_of_deadline__L04),
        ENTRY(a_negative_delay_is_an_earlier_deadline__L04),
        ENTRY(equal_deadlines_fire_in_order_of_creation__L05),
        ENTRY(order_of_creation_survives_the_counter_s_overflow__L05),
        ENTRY(a_timer_of_zero_comes_after_what_is_ready__L03),
        ENTRY(a_timer_started_by_a_timer_waits_for_the_next_turn),
        ENTRY(a_timer_that_is_due_and_queued_can_still_be_stopped__L06),
        ENTRY(stopping_what_does_not_run_does_nothing),
        ENTRY(the_only_timer_may_be_one_shot),
        ENTRY(a_stopped_timer_is_not_waited_for__S04),
        ENTRY(a_huge_delay_does_not_wrap_into_the_past),
        ENTRY(the_shortest_and_longest_delays_work_on_the_real_clock),
        ENTRY(a_timer_is_never_early_on_the_real_clock),
        ENTRY(ten_thousand_random_starts_and_stops_agree_with_a_search),
        ENTRY(without_memory_a_timer_is_refused_and_the_others_ring),
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
