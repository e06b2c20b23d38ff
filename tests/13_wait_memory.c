/* 13_wait_memory.c - lessons 10 to 13 without memory for their timer: told
 * as ENOMEM, and nobody is listened to, cancelled, or left running.
 */
#include "check.h"
#include "faults.h"

#include "10_timeout/timeout.h"
#include "12_as_completed/as_completed.h"
#include "13_wait/wait.h"

#include <errno.h>

static struct {
    struct lab lab;
    struct faults faults;
    struct future future; /* pending, and nobody's */
} world;

static void open_world(void)
{
    faults_open(&world.faults);
    lab_open_with(&world.lab, (struct loop_options){ .virtual_time = true,
        .sys = world.faults.sys });
    future_init(&world.future, &world.lab.loop, FUTURE_PLAIN);
    faults_fail(&world.faults, CALL_RESIZE, ENOMEM, 1);
}

static void close_world(void)
{
    CHECK_INT(1, world.faults.calls[CALL_RESIZE]);
    CHECK(!future_done(&world.future));
    CHECK(world.future.callbacks.tail == NULL);
    lab_close(&world.lab);
}

static void fails(struct coro *coro, const char *words)
{
    CHECK_CODE(ENOMEM, lab_run(&world.lab, coro));
    CHECK_STR(words, world.lab.loop.main.error.text);
    close_world();
}

/* Must not begin: without a timer its time would have no end. */
struct body {
    struct coro coro;
};
ASYNC_DECLARE(body);

ASYNC(body)
{
    BEGIN;
    say("body begins");
    END;
}

TEST(a_timeout_without_memory_does_not_begin_its_body)
{
    struct body body = { CORO(body) };
    struct timeout timeout = { CORO(timeout), .delay_ns = SECONDS(1),
                               .body = &body.coro };

    open_world();
    fails(&timeout.coro, "timeout: no memory for one more timer");
    CHECK_LOG("");
    CHECK(!timeout.expired);
}

TEST(wait_for_without_memory_cancels_nobody)
{
    struct wait_for wait_for = { CORO(wait_for), .future = &world.future,
                                 .timeout = WITHIN(SECONDS(1)) };

    open_world();
    fails(&wait_for.coro, "wait_for: no memory for one more timer");
}

TEST(as_completed_without_memory_listens_to_nobody)
{
    struct future *futures[] = { &world.future };
    struct completed slots[1];
    struct as_completed it;

    open_world();
    CHECK_CODE(ENOMEM, as_completed(&it, &world.lab.loop, slots, futures, 1,
                                    WITHIN(SECONDS(1))));
    close_world();
    as_completed_close(&it); /* may be deferred before: does no harm */
}

TEST(wait_without_memory_listens_to_nobody)
{
    struct future *futures[] = { &world.future };
    struct wait_slot slots[1];
    struct wait wait = { CORO(wait), .futures = futures, .count = 1,
                         .slots = slots, .timeout = WITHIN(SECONDS(1)) };

    open_world();
    fails(&wait.coro, "wait: no memory for one more timer");
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(a_timeout_without_memory_does_not_begin_its_body),
        ENTRY(wait_for_without_memory_cancels_nobody),
        ENTRY(as_completed_without_memory_listens_to_nobody),
        ENTRY(wait_without_memory_listens_to_nobody),
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
