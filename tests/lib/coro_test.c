/* coro_test.c - what the macros of coro.h promise. */
#include "actors.h"

#include <errno.h>
#include <string.h>

static void say_cleanup(void *name)
{
    say("cleanup %s", (const char *)name);
}

static char name_a[] = "a", name_b[] = "b", name_c[] = "c";

/* --- Awaiting ------------------------------------------------------------ */

/* Never suspends. */
struct answer {
    struct coro coro;
    int question;
    int answer;
    int runs;
};

ASYNC(answer)
{
    BEGIN;
    self->runs++;
    if (self->question == 0)
        RAISE(E_USER, "no question %d", self->question);
    self->answer = self->question + 1;
    END;
}

struct asker {
    struct coro coro;
    int how; /* 0: AWAIT, 1: TRY_AWAIT, 2: CATCH_AWAIT */
    int question, sum;
    int64_t delay_ns; /* 0: none */
    struct answer answer;
    struct sleep sleep;
};

ASYNC(asker)
{
    BEGIN;
    for (; self->question < 3; self->question++) {
        if (self->how == 0)
            AWAIT(answer, .question = self->question);
        else if (self->how == 1)
            TRY_AWAIT(answer, .question = self->question);
        else
            CATCH_AWAIT(answer, .question = self->question);
        say("%s, %d", error_name(self->answer.coro.error),
            self->answer.answer);
        self->sum += self->answer.runs;
    }
    END;
}

TEST(await_of_a_callee_that_never_waits_takes_no_turn)
{
    struct asker asker = { CORO(asker), .question = 1 };
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(0, lab_run(&lab, &asker.coro));
    CHECK_INT(1, lab.steps);
    CHECK_LOG("0 OK, 2\n0 OK, 3\n");
    lab_close(&lab);
}

TEST(every_await_builds_its_callee_anew)
{
    struct asker asker = { CORO(asker), .question = 1 };
    struct lab lab;

    lab_open(&lab);
    asker.answer.runs = 100; /* as a former use would leave it */
    CHECK_CODE(0, lab_run(&lab, &asker.coro));
    CHECK_INT(2, asker.sum);
    lab_close(&lab);
}

TEST(the_callee_s_error_becomes_ours_words_included)
{
    struct asker asker = { CORO(asker), .question = 0 };
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(E_USER, lab_run(&lab, &asker.coro));
    CHECK_STR("no question 0", lab.loop.main.error.text);
    CHECK_LOG("");
    lab_close(&lab);
}

TEST(try_await_keeps_the_error_in_the_callee)
{
    struct asker asker = { CORO(asker), .question = 0, .how = 1 };
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(0, lab_run(&lab, &asker.coro));
    CHECK_LOG("0 E_USER, 0\n0 OK, 2\n0 OK, 3\n");
    lab_close(&lab);
}

TEST(catch_await_keeps_the_error_in_the_callee)
{
    struct asker asker = { CORO(asker), .question = 0, .how = 2 };
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(0, lab_run(&lab, &asker.coro));
    CHECK_LOG("0 E_USER, 0\n0 OK, 2\n0 OK, 3\n");
    lab_close(&lab);
}

/* Sleeps inside TRY_AWAIT or CATCH_AWAIT. */
struct catcher {
    struct coro coro;
    bool all;
    struct sleep sleep;
};

ASYNC(catcher)
{
    BEGIN;
    if (self->all)
        CATCH_AWAIT(sleep, .delay_ns = SECONDS(9));
    else
        TRY_AWAIT(sleep, .delay_ns = SECONDS(9));
    say("after %s", error_name(self->sleep.coro.error));
    END;
}

static void cancel_catcher(bool all, int code, const char *log)
{
    struct catcher catcher = { CORO(catcher), .all = all };
    struct task task;
    struct lab lab;

    lab_open(&lab);
    task_create(&lab.loop, &task, "catcher", &catcher.coro);
    let_pass(&lab, SECONDS(1));
    CHECK(task_cancel(&task));
    settle(&lab);
    CHECK_CODE(code, future_outcome(&task.future));
    CHECK_LOG(log);
    lab_close(&lab);
}

TEST(try_await_lets_a_cancellation_go_up)
{
    cancel_catcher(false, E_CANCELLED, "");
}

TEST(catch_await_catches_a_cancellation)
{
    cancel_catcher(true, 0, "1 after E_CANCELLED\n");
}

/* Builds first, runs later. */
struct builder {
    struct coro coro;
    struct coro *built;
    struct answer answer;
};

ASYNC(builder)
{
    BEGIN;
    self->built = CALL(answer, .question = 7);
    CHECK_INT(CORO_FRESH, self->built->pc);
    CHECK_INT(0, self->answer.runs);
    YIELD();
    AWAIT_CORO(self->built);
    say("%d", self->answer.answer);
    END;
}

TEST(call_builds_and_does_not_run)
{
    struct builder builder = { CORO(builder), .built = NULL };
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(0, lab_run(&lab, &builder.coro));
    CHECK_LOG("0 8\n");
    lab_close(&lab);
}

struct raiser {
    struct coro coro;
    int number;
};

ASYNC(raiser)
{
    BEGIN;
    errno = self->number;
    RAISE_ERRNO("open %s", "the door");
    END;
}

TEST(raise_errno_names_operation_object_and_cause)
{
    struct raiser raiser = { CORO(raiser), .number = ENOENT };
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(ENOENT, lab_run(&lab, &raiser.coro));
    CHECK_STR("open the door: No such file or directory",
              lab.loop.main.error.text);
    lab_close(&lab);
}

/* --- Cleanups ------------------------------------------------------------ */

/* Leaves in one of three ways through three cleanups. */
struct leaver {
    struct coro coro;
    bool fails;
    struct cleanup a, b, c;
    struct sleep sleep;
};

ASYNC(leaver)
{
    BEGIN;
    DEFER(&self->a, say_cleanup, name_a);
    ERRDEFER(&self->b, say_cleanup, name_b);
    AWAIT(sleep, .delay_ns = SECONDS(1));
    DEFER(&self->c, say_cleanup, name_c);
    AWAIT(sleep, .delay_ns = SECONDS(1));
    if (self->fails)
        RAISE(E_USER, "on purpose");
    END;
}

static void leave(bool fails, int64_t cancel_ns, int code, const char *log)
{
    struct leaver leaver = { CORO(leaver), .fails = fails };
    struct task task;
    struct lab lab;

    lab_open(&lab);
    task_create(&lab.loop, &task, "leaver", &leaver.coro);
    if (cancel_ns > 0) {
        let_pass(&lab, cancel_ns);
        CHECK(task_cancel(&task));
    }
    run_dry(&lab);
    CHECK_CODE(code, future_outcome(&task.future));
    CHECK_LOG(log);
    lab_close(&lab);
}

TEST(on_return_cleanups_run_newest_first__C01)
{
    leave(false, 0, 0, "2 cleanup c\n2 cleanup a\n");
}

TEST(on_error_cleanups_and_errdefers_run_newest_first__C01)
{
    leave(true, 0, E_USER, "2 cleanup c\n2 cleanup b\n2 cleanup a\n");
}

TEST(on_cancel_cleanups_and_errdefers_run_newest_first__C01)
{
    leave(false, MILLISECONDS(1500), E_CANCELLED,
          "1.5 cleanup c\n1.5 cleanup b\n1.5 cleanup a\n");
}

TEST(what_was_not_deferred_yet_is_not_cleaned_up__C02)
{
    leave(false, MILLISECONDS(500), E_CANCELLED,
          "0.5 cleanup b\n0.5 cleanup a\n");
}

/* A cleanup that awaits, and then may fail. */
struct goodbye {
    struct coro coro;
    const char *name;
    bool fails;
    bool meets; /* an error of its own, which it handles */
    struct sleep sleep;
    struct answer answer;
};

ASYNC(goodbye)
{
    BEGIN;
    say("%s begins", self->name);
    if (self->meets)
        TRY_AWAIT(answer, .question = 0);
    AWAIT(sleep, .delay_ns = SECONDS(1));
    if (self->fails)
        RAISE(E_VALUE, "%s went wrong", self->name);
    say("%s ends", self->name);
    END;
}

struct host {
    struct coro coro;
    bool fails, bye_fails, bye_meets;
    struct cleanup a, c;
    struct async_cleanup b;
    struct goodbye goodbye;
    struct sleep sleep;
};

ASYNC(host)
{
    BEGIN;
    ERRDEFER(&self->a, say_cleanup, name_a);
    DEFER_AWAIT(&self->b, CALL(goodbye, .name = "bye",
                               .fails = self->bye_fails,
                               .meets = self->bye_meets));
    DEFER(&self->c, say_cleanup, name_c);
    AWAIT(sleep, .delay_ns = SECONDS(1));
    if (self->fails)
        RAISE(E_USER, "the first error");
    END;
}

TEST(a_cleanup_may_await__C03)
{
    struct host host = { CORO(host), .fails = false };
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(0, lab_run(&lab, &host.coro));
    CHECK_LOG("1 cleanup c\n1 bye begins\n2 bye ends\n");
    lab_close(&lab);
}

TEST(the_error_s_words_survive_an_awaiting_cleanup__C03)
{
    struct host host = { CORO(host), .fails = true, .bye_meets = true };
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(E_USER, lab_run(&lab, &host.coro));
    CHECK_STR("the first error", lab.loop.main.error.text);
    CHECK_LOG("1 cleanup c\n1 bye begins\n2 bye ends\n2 cleanup a\n");
    lab_close(&lab);
}

TEST(a_cancellation_waits_for_the_awaiting_cleanup__C03)
{
    struct host host = { CORO(host), .bye_meets = true };
    struct task task;
    struct lab lab;

    lab_open(&lab);
    task_create(&lab.loop, &task, "host", &host.coro);
    let_pass(&lab, MILLISECONDS(500));
    task_cancel(&task);
    run_dry(&lab);
    CHECK_CODE(E_CANCELLED, future_outcome(&task.future));
    CHECK_STR("cancelled", task.error.text);
    CHECK_LOG("0.5 cleanup c\n0.5 bye begins\n1.5 bye ends\n"
              "1.5 cleanup a\n");
    lab_close(&lab);
}

TEST(a_cleanup_s_error_replaces_the_one_on_its_way__C05)
{
    struct host host = { CORO(host), .fails = true, .bye_fails = true };
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(E_VALUE, lab_run(&lab, &host.coro));
    CHECK_STR("bye went wrong", lab.loop.main.error.text);
    CHECK_LOG("1 cleanup c\n1 bye begins\n2 cleanup a\n");
    lab_close(&lab);
}

TEST(a_cleanup_s_error_turns_a_return_into_an_error__C05)
{
    struct host host = { CORO(host), .bye_fails = true };
    struct lab lab;

    lab_open(&lab);
    CHECK_CODE(E_VALUE, lab_run(&lab, &host.coro));
    CHECK_LOG("1 cleanup c\n1 bye begins\n2 cleanup a\n");
    lab_close(&lab);
}

TEST(a_second_cancel_hits_the_awaiting_cleanup__C04)
{
    struct host host = { CORO(host), .fails = false };
    struct task task;
    struct lab lab;

    lab_open(&lab);
    task_create(&lab.loop, &task, "host", &host.coro);
    let_pass(&lab, MILLISECONDS(500));
    task_cancel(&task);
    let_pass(&lab, MILLISECONDS(250));
    CHECK(task_cancel(&task));
    run_dry(&lab);
    CHECK_CODE(E_CANCELLED, future_outcome(&task.future));
    /* Its rest is skipped; the cleanup below it still runs. */
    CHECK_LOG("0.5 cleanup c\n0.5 bye begins\n0.75 cleanup a\n");
    lab_close(&lab);
}

/* A return whose cleanup is cancelled: the task ends cancelled. */
TEST(a_cancel_in_the_cleanup_of_a_return_cancels__C04)
{
    struct host host = { CORO(host), .fails = false };
    struct task task;
    struct lab lab;

    lab_open(&lab);
    task_create(&lab.loop, &task, "host", &host.coro);
    let_pass(&lab, MILLISECONDS(1500));
    CHECK(task_cancel(&task));
    run_dry(&lab);
    CHECK_CODE(E_CANCELLED, future_outcome(&task.future));
    CHECK_LOG("1 cleanup c\n1 bye begins\n1.5 cleanup a\n");
    lab_close(&lab);
}

/* --- Cancelled anywhere -------------------------------------------------- */

/* What is acquired now, newest last: released in any other order, or
 * twice, the stack tells. */
static int acquired[16], held;

struct resource {
    int id;
    struct cleanup cleanup;
};

static void acquire(int id)
{
    acquired[held] = id;
    held++;
}

static void release(int id)
{
    CHECK(held > 0);
    held--;
    CHECK_INT(acquired[held], id);
}

static void release_now(void *resource)
{
    release(((struct resource *)resource)->id);
}

struct release_later {
    struct coro coro;
    int id;
};

ASYNC(release_later)
{
    BEGIN;
    release(self->id); /* before the await: a second cancel skips the rest */
    YIELD();
    YIELD();
    END;
}

#define TAKE(resource, number) do { acquire(number);                      \
    (resource)->id = (number);                                            \
    DEFER(&(resource)->cleanup, release_now, resource); } while (0)

struct low {
    struct coro coro;
    struct resource first, second;
    struct async_cleanup closing;
    struct release_later release_later;
    struct sleep sleep;
};

ASYNC(low)
{
    BEGIN;
    TAKE(&self->first, 7);
    YIELD();
    acquire(8);
    DEFER_AWAIT(&self->closing, CALL(release_later, .id = 8));
    AWAIT(sleep, .delay_ns = 1);
    TAKE(&self->second, 9);
    AWAIT(sleep, .delay_ns = 0);
    END;
}

struct middle {
    struct coro coro;
    struct resource first;
    struct async_cleanup closing;
    struct release_later release_later;
    struct low low;
};

ASYNC(middle)
{
    BEGIN;
    TAKE(&self->first, 4);
    AWAIT(low, .first.id = 0);
    acquire(5);
    DEFER_AWAIT(&self->closing, CALL(release_later, .id = 5));
    AWAIT(low, .first.id = 0);
    YIELD();
    END;
}

struct top {
    struct coro coro;
    struct resource first, second;
    struct middle middle;
};

ASYNC(top)
{
    BEGIN;
    TAKE(&self->first, 1);
    YIELD();
    TAKE(&self->second, 2);
    AWAIT(middle, .first.id = 0);
    YIELD();
    END;
}

/* Runs top and cancels it after k turns, and again after j more (j < 0:
 * once only). False if it was over before. */
static bool cancel_after(int k, int j)
{
    struct top top = { CORO(top), .first.id = 0 };
    struct task task;
    struct lab lab;
    bool reached;

    lab_open(&lab);
    held = 0;
    task_create(&lab.loop, &task, "top", &top.coro);
    for (int i = 0; i < k; i++)
        loop_turn(&lab.loop, true);
    reached = task_cancel(&task);
    for (int i = 0; i < j; i++)
        loop_turn(&lab.loop, true);
    if (j >= 0)
        task_cancel(&task);
    run_dry(&lab);
    CHECK_INT(0, held);
    CHECK(future_done(&task.future));
    if (reached)
        CHECK_CODE(E_CANCELLED, future_outcome(&task.future));
    lab_close(&lab);
    return reached;
}

TEST(cancelled_anywhere_each_cleanup_runs_once_newest_first)
{
    int k = 0;

    while (cancel_after(k, -1))
        k++;
    CHECK(k > 15); /* it really was cancelled in many places */
}

TEST(cancelled_twice_anywhere_nothing_is_lost)
{
    for (int k = 0; cancel_after(k, -1); k++)
        for (int j = 0; j < 8; j++)
            cancel_after(k, j);
}

/* --- Sizes --------------------------------------------------------------- */

#ifdef LAB_DEBUG
/* Its local is dead while it is parked; where it was is kept as a number,
 * because no compiler lets it be kept as a pointer. */
struct forgetful {
    struct coro coro;
    uintptr_t where;
};

enum { LOCAL = 64 };

#define ON_THE_STACK __attribute__((no_sanitize("address"))) static
ON_THE_STACK struct step forgetful_body(struct forgetful *self,
                                        struct task *task);

ASYNC(forgetful)
{
    volatile char local[LOCAL];

    BEGIN;
    for (size_t i = 0; i < LOCAL; i++)
        local[i] = 'x';
    self->where = (uintptr_t)local;
    YIELD();
    END;
}

ON_THE_STACK int still_there(uintptr_t at)
{
    int count = 0;

    for (size_t i = 0; i < LOCAL; i++)
        count += ((const volatile char *)at)[i] == 'x';
    return count;
}

/* Or a local that is used across an await is right in nine runs of ten. */
TEST(a_local_does_not_outlive_its_step)
{
    struct forgetful forgetful = { CORO(forgetful) };
    struct task task;
    struct lab lab;

    lab_open(&lab);
    task_create(&lab.loop, &task, "forgetful", &forgetful.coro);
    loop_turn(&lab.loop, false);
    CHECK_INT(0, still_there(forgetful.where));
    run_dry(&lab);
    lab_close(&lab);
}
#endif

struct sleeper {
    struct coro coro;
    struct sleep sleep;
};

TEST(a_sleeping_task_takes_at_most_300_bytes)
{
    CHECK(sizeof(struct task) + sizeof(struct sleeper) <= 300);
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(await_of_a_callee_that_never_waits_takes_no_turn),
        ENTRY(every_await_builds_its_callee_anew),
        ENTRY(the_callee_s_error_becomes_ours_words_included),
        ENTRY(try_await_keeps_the_error_in_the_callee),
        ENTRY(catch_await_keeps_the_error_in_the_callee),
        ENTRY(try_await_lets_a_cancellation_go_up),
        ENTRY(catch_await_catches_a_cancellation),
        ENTRY(call_builds_and_does_not_run),
        ENTRY(raise_errno_names_operation_object_and_cause),
        ENTRY(on_return_cleanups_run_newest_first__C01),
        ENTRY(on_error_cleanups_and_errdefers_run_newest_first__C01),
        ENTRY(on_cancel_cleanups_and_errdefers_run_newest_first__C01),
        ENTRY(what_was_not_deferred_yet_is_not_cleaned_up__C02),
        ENTRY(a_cleanup_may_await__C03),
        ENTRY(the_error_s_words_survive_an_awaiting_cleanup__C03),
        ENTRY(a_cancellation_waits_for_the_awaiting_cleanup__C03),
        ENTRY(a_cleanup_s_error_replaces_the_one_on_its_way__C05),
        ENTRY(a_cleanup_s_error_turns_a_return_into_an_error__C05),
        ENTRY(a_second_cancel_hits_the_awaiting_cleanup__C04),
        ENTRY(a_cancel_in_the_cleanup_of_a_return_cancels__C04),
        ENTRY(cancelled_anywhere_each_cleanup_runs_once_newest_first),
        ENTRY(cancelled_twice_anywhere_nothing_is_lost),
        ENTRY(a_sleeping_task_takes_at_most_300_bytes),
#ifdef LAB_DEBUG
        ENTRY(a_local_does_not_outlive_its_step),
#endif
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
