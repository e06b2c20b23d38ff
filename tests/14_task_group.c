/* 14_task_group.c - promises of lesson 14: nobody leaves before everybody
 * has, one failure cancels the rest, a shield stops a cancellation; and who
 * passes a cancellation on.
 */
#include "14_task_group/task_group.h"

#include "10_timeout/timeout.h"
#include "11_gather/gather.h"
#include "12_as_completed/as_completed.h"
#include "13_wait/wait.h"
#include "assassin.h"
#include "check.h"

#include <string.h>

enum { KIDS = 4, NEVER = 1000 };

/* Sleeps, and says how it ended. Cancelled, it takes `cleanup` seconds to
 * clean up, and then ends cancelled, or failed, or as if nothing was. */
struct kid {
    struct coro coro;
    const char *name;
    double seconds, cleanup;
    bool fails, fails_late, swallows;
    int ends; /* out: how often it ended */
    struct cleanup counting;
    struct sleep sleep;
};
ASYNC_DECLARE(kid);

static void count_end(void *kid)
{
    ((struct kid *)kid)->ends++;
}

ASYNC(kid)
{
    BEGIN;
    DEFER(&self->counting, count_end, self);
    CATCH_AWAIT(sleep, .delay_ns = SECONDS(self->seconds));
    if (self->sleep.coro.error != 0) {
        say("%s cancelled", self->name);
        if (self->cleanup > 0)
            AWAIT(sleep, .delay_ns = SECONDS(self->cleanup));
        if (self->cleanup > 0)
            say("%s cleaned up", self->name);
        if (self->fails_late)
            RAISE(E_USER + 1, "%s failed late", self->name);
        if (!self->swallows)
            RERAISE(E_CANCELLED);
    }
    say("%s %s", self->name, self->fails ? "fails" : "ends");
    if (self->fails)
        RAISE(E_USER, "%s failed", self->name);
    END;
}

/* A body that starts kids and does one thing more; around it the group, and
 * around that what became of it. */
struct crew;

struct body {
    struct coro coro;
    struct crew *crew;
    struct sleep sleep;
};
ASYNC_DECLARE(body);

struct crew {
    struct coro coro;
    struct kid kids[KIDS];    /* ends with the first without a length */
    double body_seconds;      /* the body sleeps after the start     */
    double body_cleanup;      /* ... and takes so long if cancelled  */
    bool body_swallows;       /* ... or goes on as if nothing was    */
    bool body_fails;          /* ... and then raises                 */
    bool body_fails_late;     /* ... raises if cancelled             */
    double after;             /* sleep after the group: are we well? */
    struct group_child children[KIDS];
    struct body body;
    struct task_group task_group;
    struct sleep sleep;
};
ASYNC_DECLARE(crew);

static const char *const names[KIDS] = { "A", "B", "C", "D" };

ASYNC(body)
{
    struct crew *crew = self->crew;

    BEGIN;
    for (int i = 0; i < KIDS && crew->kids[i].seconds > 0; i++) {
        crew->kids[i].coro.type = &kid_type;
        crew->kids[i].name = names[i];
        CHECK_CODE(0, task_group_create_task(&crew->task_group,
            &crew->children[i], names[i], &crew->kids[i].coro,
            &task->error));
    }
    if (crew->body_seconds > 0) {
        CATCH_AWAIT(sleep, .delay_ns = SECONDS(crew->body_seconds));
        say("body %s", self->sleep.coro.error == 0 ? "wakes" : "cancelled");
        if (self->sleep.coro.error != 0) {
            if (crew->body_cleanup > 0)
                AWAIT(sleep, .delay_ns = SECONDS(crew->body_cleanup));
            if (crew->body_fails_late)
                RAISE(E_VALUE, "body failed late");
            if (!crew->body_swallows)
                RERAISE(E_CANCELLED);
        }
    }
    if (crew->body_fails)
        RAISE(E_VALUE, "body failed");
    END;
}

/* "group: A B, body" - whose failures the group has, in order. */
static void say_errors(const struct task_group *group)
{
    char line[80] = "";

    LIST_EACH(&group->errors, link) {
        const struct task *task = &CONTAINER(link, struct group_child,
                                             link)->task;

        strcat(line, " ");
        strcat(line, task->name);
    }
    if (group->body_error.code != 0)
        strcat(line, ", body");
    say("%s, errors:%s", error_name(group->coro.error), line);
}

ASYNC(crew)
{
    BEGIN;
    CATCH_AWAIT(task_group, .body = CALL(body, .crew = self));
    say_errors(&self->task_group);
    if (self->after > 0) {
        AWAIT(sleep, .delay_ns = SECONDS(self->after));
        say("and on we go");
        RETURN();
    }
    RERAISE(self->task_group.coro.error);
    END;
}

/* "group(A ok@1, B fails@2, C ok@9 cleanup 1, body ok@9)" and more */
static void set_scene(const struct crew *crew, const char *more)
{
    char line[240] = "";
    size_t used = 0, room = sizeof line;

    for (int i = 0; i < KIDS && crew->kids[i].seconds > 0; i++) {
        const struct kid *kid = &crew->kids[i];

        used += (size_t)snprintf(line + used, room - used, "%s %s@%g",
                                 names[i], kid->fails ? "fails" : "ok",
                                 kid->seconds);
        if (kid->cleanup > 0)
            used += (size_t)snprintf(line + used, room - used, " cleanup %g",
                                     kid->cleanup);
        used += (size_t)snprintf(line + used, room - used, "%s, ",
                                 kid->fails_late ? " fails then"
                                 : kid->swallows ? " swallows" : "");
    }
    scene("group(%sbody %s@%g)%s", line, crew->body_fails ? "fails" : "ok",
          crew->body_seconds, more);
}

/* Plays it as main: how it ends, and what all say. */
static void play(struct crew crew, int expected, const char *log)
{
    struct lab lab;

    lab_open(&lab);
    set_scene(&crew, "");
    crew.coro.type = &crew_type;
    CHECK_CODE(expected, lab_run(&lab, &crew.coro));
    CHECK_LOG(log);
    promise("nothing is reported when the loop is closed");
    lab_close(&lab);
    promise("");
}

/* --- The group ----------------------------------------------------------- */

TEST(the_group_ends_with_its_last_child__TG01)
{
    struct crew crew = { CORO(crew),
        .kids = { { .seconds = 2 }, { .seconds = 3 }, { .seconds = 1 } } };
    struct lab lab;

    lab_open(&lab);
    set_scene(&crew, "");
    CHECK_CODE(0, lab_run(&lab, &crew.coro));
    CHECK_LOG("1 C ends\n" "2 A ends\n" "3 B ends\n" "3 OK, errors:\n");
    for (int i = 0; i < 3; i++)
        CHECK_CODE(0, future_outcome(&crew.children[i].task.future));
    lab_close(&lab);
}

TEST(the_group_waits_for_its_body_too__TG01)
{
    play((struct crew){ .kids = { { .seconds = 1 } }, .body_seconds = 2 },
         0,
        "1 A ends\n" "2 body wakes\n" "2 OK, errors:\n");
}

TEST(one_fails_and_all_are_cancelled_and_waited_for__TG02)
{
    play((struct crew){
        .kids = { { .seconds = 1 }, { .seconds = 2, .fails = true },
                  { .seconds = 9, .cleanup = 1 },
                  { .seconds = 9, .cleanup = 3 } },
        .body_seconds = 9, .after = 4 }, 0,
        "1 A ends\n" "2 B fails\n" "2 C cancelled\n" "2 D cancelled\n"
        "2 body cancelled\n" "3 C cleaned up\n" "5 D cleaned up\n"
        "5 E_GROUP, errors: B\n" "9 and on we go\n");
}

TEST(the_parent_is_not_left_cancelled__TG02)
{
    struct crew crew = { CORO(crew),
        .kids = { { .seconds = 1, .fails = true }, { .seconds = 9 } },
        .body_seconds = 9, .after = 1 };
    struct lab lab;

    lab_open(&lab);
    set_scene(&crew, "");
    CHECK_CODE(0, lab_run(&lab, &crew.coro));
    CHECK_LOG("1 A fails\n" "1 B cancelled\n" "1 body cancelled\n"
              "1 E_GROUP, errors: A\n" "2 and on we go\n");
    promise("the group takes back its own request: 0 left");
    CHECK_INT(0, lab.loop.main.cancelling);
    promise("");
    lab_close(&lab);
}

TEST(a_failure_after_the_body_has_ended_is_the_same__TG02)
{
    play((struct crew){
        .kids = { { .seconds = 1, .fails = true },
                  { .seconds = 9, .cleanup = 1 } }, .after = 1 }, 0,
        "1 A fails\n" "1 B cancelled\n" "2 B cleaned up\n"
        "2 E_GROUP, errors: A\n" "3 and on we go\n");
}

TEST(all_failures_are_kept_in_the_order_they_came__TG03)
{
    play((struct crew){
        .kids = { { .seconds = 9, .cleanup = 2, .fails_late = true },
                  { .seconds = 1, .fails = true },
                  { .seconds = 9, .cleanup = 1, .fails_late = true },
                  { .seconds = 9 } } }, E_GROUP,
        "1 B fails\n" "1 A cancelled\n" "1 C cancelled\n"
        "1 D cancelled\n" "2 C cleaned up\n" "3 A cleaned up\n"
        "3 E_GROUP, errors: B C A\n");
}

/* Catches: the body's failure kept only if it is the first. */
TEST(a_body_that_fails_as_it_is_cancelled_counts_too__TG03)
{
    play((struct crew){
        .kids = { { .seconds = 1, .fails = true } },
        .body_seconds = 9, .body_fails_late = true }, E_GROUP,
        "1 A fails\n" "1 body cancelled\n"
        "1 E_GROUP, errors: A, body\n");
}

TEST(a_child_is_cancelled_once__TG03)
{
    struct crew crew = { CORO(crew),
        .kids = { { .seconds = 1, .fails = true },
                  { .seconds = 1, .fails = true },
                  { .seconds = 9, .cleanup = 1 } } };
    struct lab lab;

    lab_open(&lab);
    set_scene(&crew, "");
    CHECK_CODE(E_GROUP, lab_run(&lab, &crew.coro));
    CHECK_LOG("1 A fails\n" "1 B fails\n" "1 C cancelled\n"
              "2 C cleaned up\n" "2 E_GROUP, errors: A B\n");
    promise("C was asked once");
    CHECK_INT(1, crew.children[2].task.cancelling);
    promise("");
    lab_close(&lab);
}

TEST(the_body_raises_and_the_children_are_cancelled__TG04)
{
    play((struct crew){
        .kids = { { .seconds = 9, .cleanup = 1, .fails_late = true },
                  { .seconds = 9, .cleanup = 2 } },
        .body_seconds = 1, .body_fails = true }, E_GROUP,
        "1 body wakes\n" "1 A cancelled\n" "1 B cancelled\n"
        "2 A cleaned up\n" "3 B cleaned up\n"
        "3 E_GROUP, errors: A, body\n");
}

/* Cancels the victim at some second; a second time if asked. */
struct killer {
    struct coro coro;
    double first, second;
    struct task *victim;
    struct task task;
    struct sleep sleep;
};
ASYNC_DECLARE(killer);

ASYNC(killer)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = SECONDS(self->first));
    say("cancel %s", self->victim->name);
    task_cancel(self->victim);
    if (self->second > 0) {
        AWAIT(sleep, .delay_ns = SECONDS(self->second - self->first));
        say("cancel %s", self->victim->name);
        task_cancel(self->victim);
    }
    END;
}

static void kill_at(struct lab *lab, struct killer *killer, double first,
                    double second, struct task *victim)
{
    *killer = (struct killer){ CORO(killer), .first = first,
                               .second = second, .victim = victim };
    task_create(&lab->loop, &killer->task, "killer", &killer->coro);
}

static void play_and_cancel(struct crew crew, double first, double second,
                            int expected, const char *log)
{
    char more[80];
    struct killer killer;
    struct lab lab;

    lab_open(&lab);
    crew.coro.type = &crew_type;
    snprintf(more, sizeof more, second > 0 ? ", cancelled at %g s and at %g s"
             : ", cancelled at %g s", first, second);
    set_scene(&crew, more);
    kill_at(&lab, &killer, first, second, &lab.loop.main);
    CHECK_CODE(expected, lab_run(&lab, &crew.coro));
    CHECK_LOG(log);
    lab_close(&lab);
}

TEST(cancelled_outside_while_the_body_runs__TG05)
{
    play_and_cancel((struct crew){
        .kids = { { .seconds = 9, .cleanup = 1 }, { .seconds = 9 } },
        .body_seconds = 9 }, 1, 0, E_CANCELLED,
        "1 cancel main\n" "1 body cancelled\n" "1 A cancelled\n"
        "1 B cancelled\n" "2 A cleaned up\n"
        "2 E_CANCELLED, errors:\n");
}

TEST(cancelled_outside_after_the_body_has_ended__TG05)
{
    play_and_cancel((struct crew){
        .kids = { { .seconds = 9, .cleanup = 1 }, { .seconds = 9 } } },
        1, 0, E_CANCELLED,
        "1 cancel main\n" "1 A cancelled\n" "1 B cancelled\n"
        "2 A cleaned up\n" "2 E_CANCELLED, errors:\n");
}

TEST(cancelled_twice_it_waits_all_the_same__TG05)
{
    play_and_cancel((struct crew){
        .kids = { { .seconds = 9, .cleanup = 4 } } }, 1, 2, E_CANCELLED,
        "1 cancel main\n" "1 A cancelled\n" "2 cancel main\n"
        "5 A cleaned up\n" "5 E_CANCELLED, errors:\n");
}

/* Cancelled while it waits, the parent meets another error; that of the body
 * must be safe by then. */
TEST(the_bodys_error_keeps_its_words__TG04)
{
    struct crew crew = { CORO(crew), .body_seconds = 1,
        .body_fails = true,
        .kids = { { .seconds = 9, .cleanup = 1, .fails_late = true } } };
    struct killer killer;
    struct lab lab;

    lab_open(&lab);
    set_scene(&crew, ", cancelled at 1.5 s");
    kill_at(&lab, &killer, 1.5, 0, &lab.loop.main);
    CHECK_CODE(E_GROUP, lab_run(&lab, &crew.coro));
    CHECK_LOG("1 body wakes\n" "1 A cancelled\n" "1.5 cancel main\n"
              "2 A cleaned up\n" "2 E_GROUP, errors: A, body\n");
    promise("the body's error is kept as the body left it");
    CHECK_STR("body failed", crew.task_group.body_error.text);
    CHECK_CODE(E_VALUE, crew.task_group.body_error.code);
    promise("");
    CHECK_STR("task group: 2 failed", lab.loop.main.error.text);
    lab_close(&lab);
}

/* The group has asked the parent already, and the body takes its time; then
 * a stranger asks, too. */
TEST(a_strangers_cancellation_is_not_taken_back__TG05)
{
    struct crew crew = { CORO(crew),
        .kids = { { .seconds = 1, .fails = true } }, .body_seconds = 9,
        .body_cleanup = 2, .after = 5 };
    struct killer killer;
    struct lab lab;

    lab_open(&lab);
    set_scene(&crew, " cleanup 2, cancelled at 2 s, too");
    kill_at(&lab, &killer, 2, 0, &lab.loop.main);
    CHECK_CODE(0, lab_run(&lab, &crew.coro));
    CHECK_LOG("1 A fails\n" "1 body cancelled\n" "2 cancel main\n"
              "2 E_GROUP, errors: A\n" "7 and on we go\n");
    promise("the stranger's request is still there: 1 left");
    CHECK_INT(1, lab.loop.main.cancelling);
    promise("");
    lab_close(&lab);
}

/* Catches: task_uncancel where E_CANCELLED came out of the body, only. */
TEST(a_body_that_swallows_it_leaves_nothing_behind__TG02)
{
    struct crew crew = { CORO(crew),
        .kids = { { .seconds = 1, .fails = true } },
        .body_seconds = 9, .body_swallows = true, .after = 1 };
    struct lab lab;

    lab_open(&lab);
    set_scene(&crew, ", which swallows the group's request");
    CHECK_CODE(0, lab_run(&lab, &crew.coro));
    CHECK_LOG("1 A fails\n" "1 body cancelled\n" "1 E_GROUP, errors: A\n"
              "2 and on we go\n");
    promise("the group takes back its own request: 0 left");
    CHECK_INT(0, lab.loop.main.cancelling);
    promise("%s", "");
    lab_close(&lab);
}

TEST(a_failure_during_the_cancellation_wins__TG06)
{
    play_and_cancel((struct crew){
        .kids = { { .seconds = 9, .cleanup = 1, .fails_late = true } },
        .body_seconds = 9 }, 1, 0, E_GROUP,
        "1 cancel main\n" "1 body cancelled\n" "1 A cancelled\n"
        "2 A cleaned up\n" "2 E_GROUP, errors: A\n");
}

TEST(a_child_cancelled_alone_is_nobodys_trouble__TG07)
{
    struct crew crew = { CORO(crew), .body_seconds = 2,
        .kids = { { .seconds = 9 }, { .seconds = 3 } } };
    struct killer killer;
    struct lab lab;

    lab_open(&lab);
    set_scene(&crew, ", A cancelled at 1 s");
    kill_at(&lab, &killer, 1, 0, &crew.children[0].task);
    CHECK_CODE(0, lab_run(&lab, &crew.coro));
    CHECK_LOG("1 cancel A\n" "1 A cancelled\n" "2 body wakes\n"
              "3 B ends\n" "3 OK, errors:\n");
    lab_close(&lab);
}

/* Tries to join the group of a crew at some second. */
struct latecomer {
    struct coro coro;
    struct crew *crew;
    double seconds;
    struct task task;
    struct kid kid;
    struct group_child child;
    struct error error;
    struct sleep sleep;
};
ASYNC_DECLARE(latecomer);

static void join(struct latecomer *self)
{
    int code;

    self->kid = (struct kid){ CORO(kid), .name = "late", .seconds = 1 };
    self->error.code = 0;
    code = task_group_create_task(&self->crew->task_group, &self->child,
                                  "late", &self->kid.coro, &self->error);
    CHECK_CODE(self->error.code, code);
    say("%s", code == 0 ? "joined" : self->error.text);
}

ASYNC(latecomer)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = SECONDS(self->seconds));
    join(self);
    END;
}

static void play_with_latecomer(struct crew crew, double seconds,
                                int expected, const char *log)
{
    char more[40];
    struct latecomer late = { CORO(latecomer), .seconds = seconds };
    struct lab lab;

    lab_open(&lab);
    crew.coro.type = &crew_type;
    late.crew = &crew;
    snprintf(more, sizeof more, ", one wants to join at %g s", seconds);
    set_scene(&crew, more);
    task_create(&lab.loop, &late.task, "latecomer", &late.coro);
    CHECK_CODE(expected, lab_run(&lab, &crew.coro));
    CHECK_LOG(log);
    lab_close(&lab);
}

TEST(before_its_beginning_nobody_joins__TG08)
{
    struct crew crew = { CORO(crew), .after = 0 };
    struct latecomer late = { CORO(latecomer), .crew = &crew };

    scene("a task joins a group that was not awaited yet");
    join(&late);
    CHECK_LOG("create task late: the group has not been entered\n");
}

TEST(while_it_aborts_nobody_joins__TG08)
{
    play_with_latecomer((struct crew){
        .kids = { { .seconds = 1, .fails = true },
                  { .seconds = 9, .cleanup = 2 } } }, 2, E_GROUP,
        "1 A fails\n" "1 B cancelled\n"
        "2 create task late: the group is shutting down\n"
        "3 B cleaned up\n" "3 E_GROUP, errors: A\n");
}

TEST(after_its_end_nobody_joins__TG08)
{
    play_with_latecomer((struct crew){
        .kids = { { .seconds = 1 } }, .after = 2 }, 2, 0,
        "1 A ends\n" "1 OK, errors:\n"
        "2 create task late: the group is finished\n"
        "3 and on we go\n");
}

TEST(who_joins_while_one_is_alive_is_waited_for__TG09)
{
    play_with_latecomer((struct crew){ .kids = { { .seconds = 3 } } }, 2.5,
                        0,
        "2.5 joined\n" "3 A ends\n" "3.5 late ends\n"
        "3.5 OK, errors:\n");
}

TEST(a_child_that_swallows_it_is_waited_for__TG10)
{
    play((struct crew){
        .kids = { { .seconds = 1, .fails = true },
                  { .seconds = 9, .cleanup = 7, .swallows = true } },
        .body_seconds = 9 }, E_GROUP,
        "1 A fails\n" "1 B cancelled\n" "1 body cancelled\n"
        "8 B cleaned up\n" "8 B ends\n" "8 E_GROUP, errors: A\n");
}

/* A group whose one child is a crew, with a group of its own. */
struct outer_crew {
    struct coro coro;
    struct crew inner;
    struct group_child child;
    struct outer_body {
        struct coro coro;
        struct outer_crew *crew;
    } outer_body;
    struct task_group task_group;
};
ASYNC_DECLARE(outer_crew);
ASYNC_DECLARE(outer_body);

ASYNC(outer_body)
{
    BEGIN;
    CHECK_CODE(0, task_group_create_task(&self->crew->task_group,
        &self->crew->child, "inner", &self->crew->inner.coro,
        &task->error));
    END;
}

ASYNC(outer_crew)
{
    BEGIN;
    CATCH_AWAIT(task_group, .body = CALL(outer_body, .crew = self));
    say_errors(&self->task_group);
    END;
}

TEST(groups_nest_and_so_do_their_errors__TG11)
{
    struct outer_crew outer = { CORO(outer_crew),
        .inner = { CORO(crew), .kids = {
            { .seconds = 1, .fails = true }, { .seconds = 9 } } } };
    struct lab lab;

    lab_open(&lab);
    scene("group(group(A fails@1, B ok@9))");
    CHECK_CODE(0, lab_run(&lab, &outer.coro));
    CHECK_LOG("1 A fails\n" "1 B cancelled\n" "1 E_GROUP, errors: A\n"
              "1 E_GROUP, errors: inner\n");
    CHECK_CODE(E_GROUP, outer.child.task.error.code);
    lab_close(&lab);
}

TEST(one_failure_is_a_group_of_one__TG12)
{
    play((struct crew){ .kids = { { .seconds = 1, .fails = true } } },
         E_GROUP,
        "1 A fails\n" "1 E_GROUP, errors: A\n");
}

TEST(the_bodys_failure_alone_is_a_group_too__TG12)
{
    play((struct crew){ .body_fails = true }, E_GROUP,
        "0 E_GROUP, errors:, body\n");
}

TEST(the_empty_group_does_not_yield__TG12)
{
    struct task_group group = { CORO(task_group), .body = NULL };
    struct task task;
    struct lab lab;
    int turns;

    lab_open(&lab);
    task_create(&lab.loop, &task, "task", &group.coro);
    scene("group(nobody, no body)");
    turns = lab_turns(&lab, &task.future);
    promise("it ends in the step in which it began");
    CHECK_INT(1, turns);
    CHECK_CODE(0, future_outcome(&task.future));
    lab_close(&lab);
}

TEST(the_last_child_wakes_us_two_turns_later__TG01)
{
    struct crew crew = { CORO(crew),
        .kids = { { .seconds = 1 }, { .seconds = 1 } } };
    struct task task;
    struct lab lab;
    int turns;

    lab_open(&lab);
    set_scene(&crew, "");
    task_create(&lab.loop, &task, "crew", &crew.coro);
    while (!future_done(&crew.children[1].task.future))
        CHECK(loop_turn(&lab.loop, true));
    turns = lab_turns(&lab, &task.future);
    CHECK_LOG("1 A ends\n" "1 B ends\n" "1 OK, errors:\n");
    promise("one turn for child_done, one to wake up");
    CHECK_INT(2, turns);
    lab_close(&lab);
}

TEST(failures_in_a_group_are_looked_at__F10)
{
    struct crew crew = { CORO(crew),
        .kids = { { .seconds = 1, .fails = true },
                  { .seconds = 9, .cleanup = 1, .fails_late = true } },
        .after = 1 };
    struct lab lab;

    lab_open(&lab);
    set_scene(&crew, "");
    CHECK_CODE(0, lab_run(&lab, &crew.coro));
    CHECK_LOG("1 A fails\n" "1 B cancelled\n" "2 B cleaned up\n"
              "2 E_GROUP, errors: A B\n" "3 and on we go\n");
    promise("nothing is reported when the loop is closed");
    lab_close_reporting(&lab, "");
}

/* --- The shield ---------------------------------------------------------- */

/* Awaits `on`, directly or through a shield of its own; says the outcome. */
struct behind {
    struct coro coro;
    struct future *on;
    bool stays; /* its frame does, so it need not close the shield */
    struct shield shield;
    struct cleanup closing;
    struct task task;
};
ASYNC_DECLARE(behind);

ASYNC(behind)
{
    BEGIN;
    if (!self->stays)
        DEFER(&self->closing, shield_close, &self->shield);
    CATCH_AWAIT_FUTURE(shield(&self->shield, self->on));
    say("behind: %s", error_name(task->outcome));
    RERAISE(task->outcome);
    END;
}

/* A kid, and a task behind a shield that waits for it. */
struct pair {
    struct kid kid;
    struct task task;
    struct behind behind;
};

static struct future *start_pair(struct lab *lab, struct pair *pair,
                                 struct kid kid)
{
    *pair = (struct pair){ .kid = kid };
    pair->kid.coro.type = &kid_type;
    pair->kid.name = "A";
    pair->behind = (struct behind){ CORO(behind) };
    pair->behind.on = task_create(&lab->loop, &pair->task, "A",
                                  &pair->kid.coro);
    return task_create(&lab->loop, &pair->behind.task, "behind",
                       &pair->behind.coro);
}

static void run_dry(struct lab *lab)
{
    for (int turns = 0; loop_turn(&lab->loop, true); turns++)
        CHECK(turns < 1000);
}

TEST(cancelling_stops_at_the_shield__SH01)
{
    struct killer killer;
    struct pair pair;
    struct lab lab;

    lab_open(&lab);
    start_pair(&lab, &pair, (struct kid){ .seconds = 3 });
    kill_at(&lab, &killer, 1, 0, &pair.behind.task);
    run_dry(&lab);
    CHECK_CODE(E_CANCELLED, future_outcome(&pair.behind.task.future));
    CHECK_CODE(0, future_outcome(&pair.task.future));
    CHECK_INT(0, pair.task.cancelling);
    lab_close(&lab);
    CHECK_LOG("1 cancel behind\n" "1 behind: E_CANCELLED\n" "3 A ends\n");
}

/* wait_for cancels the shield's outer future, and that is all it can do. */
struct impatient {
    struct coro coro;
    struct future *on;
    struct shield shield;
    struct cleanup closing;
    struct wait_for wait_for;
    struct task task;
};
ASYNC_DECLARE(impatient);

ASYNC(impatient)
{
    BEGIN;
    DEFER(&self->closing, shield_close, &self->shield);
    CATCH_AWAIT(wait_for, .future = shield(&self->shield, self->on),
                .timeout = WITHIN(SECONDS(1)));
    say("wait_for: %s", error_name(self->wait_for.coro.error));
    END;
}

TEST(wait_for_a_shield_times_out_and_the_task_lives_on__WF09)
{
    struct kid kid = { CORO(kid), .name = "A", .seconds = 3 };
    struct impatient impatient = { CORO(impatient) };
    struct task task;
    struct lab lab;

    lab_open(&lab);
    impatient.on = task_create(&lab.loop, &task, "A", &kid.coro);
    task_create(&lab.loop, &impatient.task, "impatient", &impatient.coro);
    run_dry(&lab);
    CHECK_CODE(0, future_outcome(&task.future));
    CHECK_INT(0, task.cancelling);
    lab_close(&lab);
    CHECK_LOG("1 wait_for: E_TIMEOUT\n" "3 A ends\n");
}

/* How A's end looks from behind the shield. */
static void see_through(struct kid kid, double cancel_at, int expected,
                        const char *log)
{
    struct killer killer;
    struct pair pair;
    struct lab lab;

    lab_open(&lab);
    start_pair(&lab, &pair, kid);
    if (cancel_at > 0)
        kill_at(&lab, &killer, cancel_at, 0, &pair.task);
    run_dry(&lab);
    CHECK_CODE(expected, future_outcome(&pair.behind.task.future));
    CHECK_INT(0, pair.behind.task.cancelling);
    if (expected == E_USER)
        CHECK_STR("A failed", pair.behind.task.error.text);
    lab_close(&lab);
    CHECK_LOG(log);
}

TEST(a_result_passes_the_shield__SH02)
{
    see_through((struct kid){ .seconds = 2 }, 0, 0,
                "2 A ends\n" "2 behind: OK\n");
}

TEST(an_error_passes_the_shield__SH02)
{
    see_through((struct kid){ .seconds = 2, .fails = true }, 0, E_USER,
                "2 A fails\n" "2 behind: E_USER\n");
}

TEST(the_inner_ones_cancellation_passes_the_shield__SH02)
{
    see_through((struct kid){ .seconds = 9, .cleanup = 1 }, 1, E_CANCELLED,
                "1 cancel A\n" "1 A cancelled\n" "2 A cleaned up\n"
                "2 behind: E_CANCELLED\n");
}

TEST(the_shield_of_a_done_future_is_that_future__SH03)
{
    struct shield cover = { .inner = NULL };
    struct future done;
    struct lab lab;

    lab_open(&lab);
    future_init(&done, &lab.loop, FUTURE_PLAIN);
    future_set_result(&done);
    CHECK(shield(&cover, &done) == &done);
    shield_close(&cover);
    lab_close(&lab);
}

/* Let go of by the cancellation itself, or by shield_close. */
static void fail_behind_an_abandoned_shield(bool stays)
{
    struct killer killer;
    struct pair pair;
    struct lab lab;

    lab_open(&lab);
    start_pair(&lab, &pair, (struct kid){ .seconds = 3, .fails = true });
    pair.behind.stays = stays;
    kill_at(&lab, &killer, 1, 0, &pair.behind.task);
    run_dry(&lab);
    lab_close_reporting(&lab, "task A failed and nobody looked: A failed\n");
    CHECK_LOG("1 cancel behind\n" "1 behind: E_CANCELLED\n" "3 A fails\n");
}

TEST(a_failure_behind_an_abandoned_shield_is_reported__SH04)
{
    fail_behind_an_abandoned_shield(true);
    fail_behind_an_abandoned_shield(false);
}

TEST(a_closed_shield_may_go__SH01)
{
    struct shield cover;
    struct future inner;
    struct lab lab;

    lab_open(&lab);
    future_init(&inner, &lab.loop, FUTURE_PLAIN);
    CHECK(shield(&cover, &inner) == &cover.outer);
    shield_close(&cover);
    memset(&cover, 0xa5, sizeof cover);
    future_set_result(&inner);
    run_dry(&lab);
    lab_close(&lab);
}

TEST(a_failure_that_passed_the_shield_is_looked_at__SH04)
{
    struct pair pair;
    struct lab lab;

    lab_open(&lab);
    start_pair(&lab, &pair, (struct kid){ .seconds = 1, .fails = true });
    run_dry(&lab);
    future_look(&pair.behind.task.future);
    lab_close_reporting(&lab, "");
    CHECK_LOG("1 A fails\n" "1 behind: E_USER\n");
}

TEST(a_gather_of_shields_leaves_them_alive__SH05)
{
    struct kid kid = { CORO(kid), .name = "A", .seconds = 3 };
    struct shield cover = { .inner = NULL };
    struct gather gathered;
    struct gather_slot slots[1];
    struct future *children[1];
    struct task task;
    struct lab lab;

    lab_open(&lab);
    task_create(&lab.loop, &task, "A", &kid.coro);
    children[0] = shield(&cover, &task.future);
    CHECK(future_cancel(gather(&gathered, &lab.loop, slots, children, 1,
                               GATHER_RAISE)));
    run_dry(&lab);
    CHECK_CODE(E_CANCELLED, future_outcome(&gathered.outer.future));
    CHECK_CODE(0, future_outcome(&task.future));
    lab_close(&lab);
    CHECK_LOG("3 A ends\n");
}

TEST(a_shielded_gather_leaves_its_children_alive__SH05)
{
    struct kid kid = { CORO(kid), .name = "A", .seconds = 3 };
    struct behind behind = { CORO(behind) };
    struct gather gathered;
    struct gather_slot slots[1];
    struct future *children[1];
    struct killer killer;
    struct task task;
    struct lab lab;

    lab_open(&lab);
    children[0] = task_create(&lab.loop, &task, "A", &kid.coro);
    behind.on = gather(&gathered, &lab.loop, slots, children, 1,
                       GATHER_RAISE);
    task_create(&lab.loop, &behind.task, "behind", &behind.coro);
    kill_at(&lab, &killer, 1, 0, &behind.task);
    run_dry(&lab);
    CHECK_CODE(0, future_outcome(&gathered.outer.future));
    lab_close(&lab);
    CHECK_LOG("1 cancel behind\n" "1 behind: E_CANCELLED\n" "3 A ends\n");
}

TEST(a_shield_costs_one_turn__SH06)
{
    struct future inner;
    struct behind behind = { CORO(behind), .on = &inner };
    struct lab lab;

    lab_open(&lab);
    future_init(&inner, &lab.loop, FUTURE_PLAIN);
    task_create(&lab.loop, &behind.task, "behind", &behind.coro);
    loop_turn(&lab.loop, false);
    future_set_result(&inner);
    CHECK_INT(2, lab_turns(&lab, &behind.task.future));
    lab_close(&lab);
    CHECK_LOG("0 behind: OK\n");
}

/* --- Who passes a cancellation on ---------------------------------------- */

enum way { AWAITS, GATHERS, LIMITS, WAITS, TAKES_TURNS, SHIELDS };

/* Waits for A in one of six ways. */
struct waiting {
    struct coro coro;
    enum way way;
    struct future *on;
    struct wait_slot wait_slot;
    struct gather gathered;
    struct gather_slot gather_slot;
    struct as_completed turns;
    struct completed completed;
    struct shield shield;
    struct cleanup closing_shield, closing_turns;
    struct wait wait;
    struct wait_for wait_for;
    struct next_completed next_completed;
};
ASYNC_DECLARE(waiting);

static struct future *stand_in(struct waiting *self, struct loop *loop)
{
    if (self->way == GATHERS)
        return gather(&self->gathered, loop, &self->gather_slot, &self->on,
                      1, GATHER_RAISE);
    if (self->way == SHIELDS)
        return shield(&self->shield, self->on);
    return self->on;
}

ASYNC(waiting)
{
    BEGIN;
    if (self->way == LIMITS) {
        AWAIT(wait_for, .future = self->on, .timeout = WITHIN(SECONDS(99)));
    } else if (self->way == WAITS) {
        AWAIT(wait, .futures = &self->on, .count = 1,
              .slots = &self->wait_slot);
    } else if (self->way == TAKES_TURNS) {
        CHECK_INT(0, as_completed(&self->turns, task_loop(task),
                                  &self->completed, &self->on, 1,
                                  (struct limit){ .set = false }));
        DEFER(&self->closing_turns, as_completed_close, &self->turns);
        AWAIT(next_completed, .from = &self->turns);
    } else {
        DEFER(&self->closing_shield, shield_close, &self->shield);
        AWAIT_FUTURE(stand_in(self, task_loop(task)));
    }
    END;
}

/* Cancels, at 1 s, a task that waits for A in that way; A needs a second
 * to clean up, and swallows it if told to. */
static void cancel_the_waiting(enum way way, bool swallows, int expected,
                               const char *log)
{
    static const char *const ways[] = { "awaits A", "gathers A",
        "wait_for A", "waits for A", "takes A as completed", "shields A" };
    struct kid kid = { CORO(kid), .name = "A", .seconds = 3, .cleanup = 1,
                       .swallows = swallows };
    struct waiting waiting = { CORO(waiting), .way = way };
    struct killer killer;
    struct task task, parent;
    struct lab lab;

    lab_open(&lab);
    waiting.on = task_create(&lab.loop, &task, "A", &kid.coro);
    task_create(&lab.loop, &parent, "parent", &waiting.coro);
    kill_at(&lab, &killer, 1, 0, &parent);
    scene("A ok@3 cleanup 1%s; parent %s; cancelled at 1 s",
          swallows ? " swallows" : "", ways[way]);
    loop_run_until(&lab.loop, &parent.future);
    say("parent: %s", error_name(future_outcome(&parent.future)));
    run_dry(&lab);
    CHECK_LOG(log);
    CHECK_CODE(expected, future_outcome(&parent.future));
    lab_close(&lab);
}

static const char down[] = "1 cancel parent\n" "1 A cancelled\n"
    "2 A cleaned up\n" "2 parent: E_CANCELLED\n";
static const char not_down[] = "1 cancel parent\n"
    "1 parent: E_CANCELLED\n" "3 A ends\n";

TEST(await_gather_wait_for_pass_a_cancel_down__T12_G08_WF05)
{
    cancel_the_waiting(AWAITS, false, E_CANCELLED, down);
    cancel_the_waiting(GATHERS, false, E_CANCELLED, down);
    cancel_the_waiting(LIMITS, false, E_CANCELLED, down);
}

TEST(wait_as_completed_shield_do_not__W10_A11_SH01)
{
    cancel_the_waiting(WAITS, false, E_CANCELLED, not_down);
    cancel_the_waiting(TAKES_TURNS, false, E_CANCELLED, not_down);
    cancel_the_waiting(SHIELDS, false, E_CANCELLED, not_down);
}

TEST(a_child_that_swallows_it_takes_it_from_its_parent__T13)
{
    cancel_the_waiting(AWAITS, true, 0, "1 cancel parent\n"
                       "1 A cancelled\n" "2 A cleaned up\n" "2 A ends\n"
                       "2 parent: OK\n");
}

TEST(a_bare_future_is_cancelled_for_all_its_waiters__F07)
{
    struct future shared;
    struct waiting one = { CORO(waiting), .way = AWAITS, .on = &shared };
    struct waiting two = one;
    struct task tasks[2];
    struct lab lab;

    lab_open(&lab);
    future_init(&shared, &lab.loop, FUTURE_PLAIN);
    task_create(&lab.loop, &tasks[0], "one", &one.coro);
    task_create(&lab.loop, &tasks[1], "two", &two.coro);
    loop_turn(&lab.loop, false);
    CHECK(task_cancel(&tasks[0]));
    lab_turns(&lab, &tasks[1].future);
    CHECK_CODE(E_CANCELLED, future_outcome(&tasks[1].future));
    CHECK_INT(0, tasks[1].cancelling);
    lab_close(&lab);
}

/* --- Cancelled anywhere -------------------------------------------------- */

/* A crew in a frame with two cleanups of its own. */
struct stage_hand {
    struct coro coro;
    struct crew crew;
    struct cleanup first, second;
};
ASYNC_DECLARE(stage_hand);

static void say_words(void *words)
{
    say("%s", (const char *)words);
}

ASYNC(stage_hand)
{
    static char old[] = "older cleanup", new[] = "newer cleanup";

    BEGIN;
    DEFER(&self->first, say_words, old);
    DEFER(&self->second, say_words, new);
    AWAIT_CORO(&self->crew.coro);
    END;
}

static bool cancel_at(int k, struct crew crew, int expected,
                      const char *log)
{
    struct stage_hand hand = { CORO(stage_hand), .crew = crew };
    struct assassin assassin;
    char more[64];
    struct lab lab;

    lab_open(&lab);
    assassin_hire(&assassin, &lab.loop, &lab.loop.main, k);
    hand.crew.coro.type = &crew_type;
    snprintf(more, sizeof more, ", cancelled when it suspends for time %d",
             k);
    set_scene(&crew, more);
    CHECK_CODE(expected, lab_run(&lab, &hand.coro));
    CHECK_LOG(log);
    promise("each child has ended once");
    for (int i = 0; i < KIDS; i++)
        CHECK_INT(hand.crew.kids[i].seconds > 0, hand.crew.kids[i].ends);
    promise("");
    lab_close(&lab);
    return assassin.struck;
}

/* Suspends in the body's sleep, then in the wait for the children. */
TEST(cancel_at_every_suspension)
{
    const struct crew crew = {
        .kids = { { .seconds = 2, .cleanup = 1 },
                  { .seconds = 3, .cleanup = 2 } },
        .body_seconds = 1 };

    CHECK(cancel_at(1, crew, E_CANCELLED, "0 body cancelled\n"
                    "0 A cancelled\n" "0 B cancelled\n" "1 A cleaned up\n"
                    "2 B cleaned up\n" "2 E_CANCELLED, errors:\n"
                    "2 newer cleanup\n" "2 older cleanup\n"));
    CHECK(cancel_at(2, crew, E_CANCELLED, "1 body wakes\n"
                    "1 A cancelled\n" "1 B cancelled\n" "2 A cleaned up\n"
                    "3 B cleaned up\n" "3 E_CANCELLED, errors:\n"
                    "3 newer cleanup\n" "3 older cleanup\n"));
    CHECK(!cancel_at(3, crew, 0, "1 body wakes\n" "2 A ends\n"
                     "3 B ends\n" "3 OK, errors:\n" "3 newer cleanup\n"
                     "3 older cleanup\n"));
}

/* What a broken promise looks like, and what breaks it. The general ones
 * last. */
static const struct cause causes[] = {
    { "the_group_ends*", { "yours        0 s  OK" },
      "the group leaves when its body has ended, without its children: wait "
      "while anybody is unfinished", "row \"who frees\"" },
    { "the_group_ends*", { "yours        1 s  OK" },
      "the first child to end wakes the parent, and it leaves: only the last "
      "one does (`unfinished` is empty), and the wait is a loop",
      "row \"who frees\"" },
    { NULL, { " on and on", "happened in count_errors" },
      "a child joins `errors` twice, and the list has no end any more: "
      "list_add it once, when it has failed", "row \"on error\"" },
    { "a_failure_after*", { "yours        9 s  B ends" },
      "a failure that comes when the body has ended stops nobody: it cancels "
      "the others as before", "row \"on error\"" },
    { NULL, { "is running" },
      "the group asks in a loop instead of waiting: all_done is a fresh "
      "future each time around, and what is awaited is not over yet",
      "row \"on cancel\"" },
    { "the_group_*", { "E_DEADLOCK" },
      "the last child wakes nobody: if the parent waits (`waiting`) and "
      "nobody is unfinished, set the result of all_done",
      "row \"who frees\"" },
    { "the_last_child_wakes*", { "turns is" },
      "the wake-up goes another way than child_done, all_done, parent: no "
      "turn more, no turn less", NULL },
    { "one_fails*", { "yours        9 s  C ends" },
      "a failure stops nobody: nobody cancels the siblings, nor the body",
      "row \"on error\"" },
    { "one_fails*", { "body cancelled\n               2 s  C cancelled" },
      "the siblings are cancelled after the body, by its end perhaps: the "
      "first failure asks the children, and then the parent",
      "row \"on error\"" },
    { "one_fails*", { "expected     2 s  C cancelled" },
      "nobody cancels the siblings of one that failed: task_cancel each that "
      "is on `unfinished`, at the first failure", "row \"on error\"" },
    { "one_fails*", { "expected     2 s  D cancelled" },
      "only one of the siblings is cancelled: all of `unfinished` are to be",
      "row \"on error\"" },
    { "one_fails*", { "expected     2 s  body cancelled" },
      "the body is not cancelled, and does its work for nothing: it runs in "
      "the parent's task, so cancel that", "row \"on error\"" },
    { NULL, { "errors: B C D" },
      "cancelled children count as failures: the group cancelled them "
      "itself; only FUTURE_ERROR has failed", "row \"on error\"" },
    { "one_fails*", { "errors: B, body" },
      "the body's cancellation counts as its failure: E_CANCELLED is no "
      "error to keep, the group asked for it", "row \"on error\"" },
    { "one_fails*", { "yours        5 s  E_USER" },
      "the error of a child goes up as it is: a group raises E_GROUP, and "
      "`errors` has the children that failed", "row \"on error\"" },
    { "one_fails*", { "yours        2 s  E_CANCELLED" },
      "the body's cancellation goes up at once, past the wait: catch the "
      "body's end, whatever it is (CATCH_AWAIT_CORO)", "row \"on error\"" },
    { "one_fails*", { "2 s  E_GROUP, errors: B\n               6 s  and on" },
      "the children are cancelled more than once, by the failure and by the "
      "body's end, and their cleanups are broken off: once (`aborting`)",
      "row \"on error\"" },
    { "one_fails*", { "yours        2 s  E_GROUP" },
      "a cancellation ends the waiting: the group asked everybody, and does "
      "not wait until they have ended; go on while anybody is unfinished",
      "row \"on error\"" },
    { "one_fails*", { "yours        3 s  E_" },
      "the group leaves before the slowest cleanup: it waits while anybody "
      "is unfinished", "row \"on error\"" },
    { "one_fails*", { "errors:\n" },
      "a failure is in nobody's list: add the child to `errors`",
      "row \"on error\"" },
    { "a_failure_after*", { "errors: A\n               2 s  and on" },
      "the children are cancelled more than once, and their cleanups are "
      "broken off: the cancellation that ends the wait may be the group's "
      "own (`aborting`)", "row \"on error\"" },
    { "a_failure_after*", { "yours        1 s  E_" },
      "a cancellation ends the waiting: catch it (CATCH_AWAIT_FUTURE), in a "
      "`while`, not an `if`, for the await may end before the children have",
      "row \"on error\"" },
    { "a_failure_after*", { "E_DEADLOCK" },
      "the wait goes on with a future that was cancelled: a fresh all_done "
      "each time around", "row \"on cancel\"" },
    { "the_parent_is_not*", { "its own request" },
      "the group's own request is not taken back: it cancelled the parent to "
      "stop the body, so task_uncancel when the body has ended",
      "row \"on error\"" },
    { "a_body_that_fails*", { "errors: A\n" },
      "the body's own failure is dropped because a child had failed before: "
      "both are kept, and the body's has body_error for itself",
      "row \"on error\"" },
    { "a_body_that_swallows*", { "its own request" },
      "the group's own request is taken back only if the body ended by it: "
      "task_uncancel whenever there was one, whatever the body made of it",
      "row \"on error\"" },
    { "a_child_is_cancelled*", { "errors: B A" },
      "the failures are not in the order in which they came: list_add puts "
      "one at the end", "row \"on error\"" },
    { "a_child_is_cancelled*", { "asked once" },
      "a child is cancelled more than once: the first failure asks them all, "
      "later ones only join the list; a second request would break off their "
      "cleanups", "row \"on error\"" },
    { "a_child_is_cancelled*", { "yours        2 s  E_GROUP, errors: A\n" },
      "only the first failure is kept: each that failed joins `errors`, also "
      "while the group aborts", "row \"on error\"" },
    { "all_failures*", { "yours        3 s  E_GROUP" },
      "failures are missing or out of order: only the first failure is kept, "
      "or cancelled ones are counted; each that failed joins `errors`, also "
      "while the group aborts", "row \"on error\"" },
    { "all_failures*", { "yours        2 s  E_GROUP" },
      "a child is cancelled more than once, and its cleanup is broken off: "
      "only the first failure asks them all", "row \"on error\"" },
    { "the_body_raises*", { "expected     3 s  B cleaned up" },
      "a failure while the group aborts cancels everybody once more, and "
      "breaks off their cleanups: it only joins `errors`",
      "row \"on error\"" },
    { "the_body_raises*", { "yours        9 s" },
      "the body fails and its children are not cancelled: an error of the "
      "body aborts the group, as a child's does", "row \"on error\"" },
    { NULL, { "A, body\n  yours        3 s  E_GROUP" },
      "the body's own error is lost: it is kept in body_error, as it is in "
      "task->error when the body has ended", "row \"on error\"" },
    { "the_body_raises*", { "the run's outcome is E_VALUE" },
      "the body's error goes up as it is: a group raises E_GROUP, and keeps "
      "it in body_error", "row \"on error\"" },
    { "the_body_raises*", { "yours        1 s  E_" },
      "the group leaves at once when its body fails: the children are "
      "cancelled, and then it waits for them", "row \"on error\"" },
    { "cancelled_outside*", { "yours      the run's outcome is OK",
                              "9 s  A ends" },
      "cancelled while it waits, it does nothing: cancel the children, and "
      "remember that we were cancelled", "row \"on cancel\"" },
    { "cancelled_outside*", { "yours      the run's outcome is OK" },
      "the cancellation from outside is swallowed: when all have ended, "
      "E_CANCELLED goes up (`cancelled`)", "row \"on cancel\"" },
    { "cancelled_outside*", { "yours      the run's outcome is E_GROUP" },
      "the cancellation from outside is taken for a failure of the body: it "
      "goes up as E_CANCELLED", "row \"on cancel\"" },
    { "cancelled_outside*", { "yours        1 s  E_CANCELLED" },
      "a cancellation from outside ends the waiting: the children are "
      "cancelled, and then it waits for them", "row \"on cancel\"" },
    { "cancelled_outside*", { "expected     1 s  A cancelled" },
      "cancelled from outside, the group does not cancel its children: it "
      "does, and waits for them", "row \"on cancel\"" },
    { "cancelled_twice*", { "yours        2 s  E_CANCELLED" },
      "the second cancellation ends the waiting: go on while anybody is "
      "unfinished", "row \"on cancel\"" },
    { "cancelled_twice*", { "expected     5 s  A cleaned up" },
      "a second cancellation is handed to the children again, and breaks off "
      "their cleanups: cancel them once (`aborting`)", "row \"on cancel\"" },
    { "the_bodys_error*", { "as the body left it" },
      "the words of the body's error are gone: task->error is overwritten by "
      "the next error the parent meets; copy it as soon as the body has "
      "ended", "row \"on error\"" },
    { "a_strangers*", { "yours        2 s  E_CANCELLED" },
      "a cancellation wins over a failure: the other way round, E_GROUP goes "
      "up if anybody failed", "row \"on cancel\"" },
    { "a_strangers*", { "cancelling is 0" },
      "a request that was a stranger's is taken back, too: one "
      "task_uncancel, for the one request of our own", "row \"on cancel\"" },
    { "a_strangers*", { "cancelling is 2" },
      "the group's own request is not taken back: one task_uncancel when the "
      "body has ended", "row \"on cancel\"" },
    { "a_failure_during*", { "yours" },
      "a failure while we are being cancelled is lost: it wins, E_GROUP goes "
      "up", "row \"on cancel\"" },
    { "a_child_cancelled_alone*", { "yours" },
      "a child that was cancelled counts as one that failed: it is nobody's "
      "trouble, the group goes on", NULL },
    { "after_its_end*", { "joined" },
      "nobody says that the group is over: state is GROUP_EXITING when the "
      "body has ended, or a late child is never waited for", NULL },
    { "who_joins*", { "yours" },
      "a group whose body has ended takes nobody, or does not wait for who "
      "joins: as long as one is unfinished, the wait goes on", NULL },
    { "while_it_aborts*", { "joined" },
      "a group that is shutting down lets somebody join: nobody sets "
      "`aborting`", NULL },
    { "the_bodys_failure_alone*", { "yours" },
      "the body's own error is lost if no child failed: it is a group of "
      "one", NULL },
    { "the_empty_group*", { "turns is" },
      "the group waits though nobody is unfinished", NULL },
    { "cancel_at_every*", { "yours      the run's outcome is E_CANCELLED" },
      "the parent is woken by each child, not by the last alone: it wakes "
      "for nothing, and waits again", "row \"who frees\"" },
    { "the_empty_group*", { "null pointer of type 'struct coro'" },
      "a group without a body is asked how its body ended: self->body may be "
      "NULL", "row \"input\"" },
    { NULL, { "undefined behaviour" },
      "all_done is set before it is made: nobody waits yet; `waiting` says "
      "whether somebody does", "row \"who frees\"" },
    { NULL, { "failed and nobody looked" },
      "a child's failure never counts as looked at, and is reported though "
      "the group has it: future_look at each child that ends",
      "row \"on error\"" },
    { NULL, { "E_DEADLOCK" },
      "the parent waits for somebody who is not there: the last child sets "
      "all_done, each time the parent waits", "row \"who frees\"" },
};

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(the_group_ends_with_its_last_child__TG01),
        ENTRY(the_group_waits_for_its_body_too__TG01),
        ENTRY(the_last_child_wakes_us_two_turns_later__TG01),
        ENTRY(one_fails_and_all_are_cancelled_and_waited_for__TG02),
        ENTRY(the_parent_is_not_left_cancelled__TG02),
        ENTRY(a_failure_after_the_body_has_ended_is_the_same__TG02),
        ENTRY(a_child_is_cancelled_once__TG03),
        ENTRY(all_failures_are_kept_in_the_order_they_came__TG03),
        ENTRY(the_body_raises_and_the_children_are_cancelled__TG04),
        ENTRY(the_bodys_error_keeps_its_words__TG04),
        ENTRY(a_body_that_fails_as_it_is_cancelled_counts_too__TG03),
        ENTRY(cancelled_outside_while_the_body_runs__TG05),
        ENTRY(cancelled_outside_after_the_body_has_ended__TG05),
        ENTRY(cancelled_twice_it_waits_all_the_same__TG05),
        ENTRY(a_strangers_cancellation_is_not_taken_back__TG05),
        ENTRY(a_body_that_swallows_it_leaves_nothing_behind__TG02),
        ENTRY(a_failure_during_the_cancellation_wins__TG06),
        ENTRY(a_child_cancelled_alone_is_nobodys_trouble__TG07),
        ENTRY(before_its_beginning_nobody_joins__TG08),
        ENTRY(while_it_aborts_nobody_joins__TG08),
        ENTRY(after_its_end_nobody_joins__TG08),
        ENTRY(who_joins_while_one_is_alive_is_waited_for__TG09),
        ENTRY(a_child_that_swallows_it_is_waited_for__TG10),
        ENTRY(groups_nest_and_so_do_their_errors__TG11),
        ENTRY(one_failure_is_a_group_of_one__TG12),
        ENTRY(the_bodys_failure_alone_is_a_group_too__TG12),
        ENTRY(the_empty_group_does_not_yield__TG12),
        ENTRY(failures_in_a_group_are_looked_at__F10),
        ENTRY(cancelling_stops_at_the_shield__SH01),
        ENTRY(wait_for_a_shield_times_out_and_the_task_lives_on__WF09),
        ENTRY(a_closed_shield_may_go__SH01),
        ENTRY(a_result_passes_the_shield__SH02),
        ENTRY(an_error_passes_the_shield__SH02),
        ENTRY(the_inner_ones_cancellation_passes_the_shield__SH02),
        ENTRY(the_shield_of_a_done_future_is_that_future__SH03),
        ENTRY(a_failure_behind_an_abandoned_shield_is_reported__SH04),
        ENTRY(a_failure_that_passed_the_shield_is_looked_at__SH04),
        ENTRY(a_gather_of_shields_leaves_them_alive__SH05),
        ENTRY(a_shielded_gather_leaves_its_children_alive__SH05),
        ENTRY(a_shield_costs_one_turn__SH06),
        ENTRY(await_gather_wait_for_pass_a_cancel_down__T12_G08_WF05),
        ENTRY(wait_as_completed_shield_do_not__W10_A11_SH01),
        ENTRY(a_child_that_swallows_it_takes_it_from_its_parent__T13),
        ENTRY(a_bare_future_is_cancelled_for_all_its_waiters__F07),
        ENTRY(cancel_at_every_suspension),
    };

    return lesson_main(argc, argv, &(struct lesson){
        "14_task_group", tests, COUNT(tests), causes, COUNT(causes) });
}
