/* death_test.c - misuse that ends the program, and its last words: they
 * must name what was misused, and where. */
#include "actors.h"

#include "loop/net.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* All that comes through fd, until its end. */
static void read_all(int fd, char *text, size_t size)
{
    size_t used = 0;
    ssize_t n;

    do {
        n = read(fd, text + used, size - 1 - used);
        used += n > 0 ? (size_t)n : 0;
    } while (n > 0);
    text[used] = '\0';
    close(fd);
}

/* ":123)" becomes ":N)". */
static void hide_lines(char *text)
{
    char *colon = text;
    size_t digits;

    for (;;) {
        colon = strchr(colon, ':');
        if (colon == NULL)
            break;
        colon++;
        digits = strspn(colon, "0123456789");
        if (digits == 0)
            continue;
        *colon = 'N';
        memmove(colon + 1, colon + digits, strlen(colon + digits) + 1);
    }
}

/* Runs `misuse` in a child, which must abort with these words on stderr. */
static void check_dies(void (*misuse)(void), const char *words)
{
    char text[4096];
    int fds[2], status;
    pid_t pid;

    CHECK_INT(0, pipe(fds));
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        dup2(fds[1], 2);
        close(fds[0]);
        close(fds[1]);
        misuse();
        _exit(0);
    }
    close(fds[1]);
    read_all(fds[0], text, sizeof text);
    CHECK_INT(pid, waitpid(pid, &status, 0));
    hide_lines(text);
    if (strstr(text, words) == NULL)
        check_fail(__FILE__, __LINE__, "expected the last words \"%s\", got "
                   "\"%s\"", words, text);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static struct lab lab;

/* --- Coroutines ---------------------------------------------------------- */

struct switcher {
    struct coro coro;
    int kind;
    struct sleep sleep;
};

ASYNC(switcher)
{
    BEGIN;
    switch (self->kind) {
    case 0:
        AWAIT(sleep, .delay_ns = 1);
        break;
    default:
        break;
    }
    END;
}

static void await_in_a_switch(void)
{
    struct switcher main = { CORO(switcher), .kind = 0 };

    lab_open(&lab);
    lab_run(&lab, &main.coro);
}

TEST(an_await_inside_a_switch_is_named_with_its_line)
{
    check_dies(await_in_a_switch, "death_test.c:N): cannot resume: is this "
               "await inside a switch of its own?\n");
    check_dies(await_in_a_switch, "switcher (");
}

struct twice {
    struct coro coro;
    struct sleep sleep;
};

ASYNC(twice)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = 0);
    AWAIT_CORO(&self->sleep.coro);
    END;
}

static void await_twice(void)
{
    struct twice main = { CORO(twice), .coro.pc = 0 };

    lab_open(&lab);
    lab_run(&lab, &main.coro);
}

TEST(a_second_await_of_a_coroutine_is_named)
{
    check_dies(await_twice, "sleep (");
    check_dies(await_twice, "task.c): awaited again after it had ended\n");
}

static void run_without_a_type(void)
{
    struct nap main = { .name = "no CORO(nap)" };

    lab_open(&lab);
    lab_run(&lab, &main.coro);
}

TEST(a_frame_without_CORO_is_refused)
{
    check_dies(run_without_a_type, "coro->type != NULL");
}

static void nothing(struct callback *callback)
{
    (void)callback;
}

static void say_nothing(void *arg)
{
    (void)arg;
}

static void defer_nothing(void)
{
    struct coro coro = { .type = NULL };
    struct cleanup node;

    coro_defer(&coro, &node, (struct cleanup){ .arg = NULL });
}

TEST(a_cleanup_of_nothing_is_refused)
{
    check_dies(defer_nothing, "(entry.run == NULL) != (entry.coro == NULL)");
}

static void defer_twice(void)
{
    struct coro coro = { .type = NULL };
    struct cleanup node = { .arg = NULL };

    coro_defer(&coro, &node, (struct cleanup){ .run = say_nothing });
    coro_defer(&coro, &node, (struct cleanup){ .run = say_nothing });
}

/* In a loop, say; leaving would run it for ever. */
TEST(a_cleanup_is_deferred_once_at_a_time)
{
    check_dies(defer_twice, "coro->cleanups != node");
}

/* --- Tasks and the loop -------------------------------------------------- */

static void start_a_started_coroutine(void)
{
    struct actor a;
    struct task other;

    lab_open(&lab);
    START(&lab, nap, &a, .name = "A", .delay_ns = 1);
    settle(&lab);
    task_create(&lab.loop, &other, "other", &a.nap.coro);
}

TEST(a_coroutine_that_runs_cannot_become_a_second_task)
{
    check_dies(start_a_started_coroutine, "coro->pc == CORO_FRESH");
}

#ifdef LAB_DEBUG
static void start_a_failed_task(void)
{
    struct actor a;

    lab_open(&lab);
    START(&lab, nap, &a, .name = "A", .fails = true);
    settle(&lab);
    START(&lab, nap, &a, .name = "A again");
}

static void start_a_running_task(void)
{
    struct actor a, b = { .nap = { CORO(nap), .name = "B" } };

    lab_open(&lab);
    START(&lab, nap, &a, .name = "A", .delay_ns = 1);
    task_create(&lab.loop, &a.task, "B", &b.nap.coro);
}
#endif

/* By debug builds: either would tear one of the loop's lists. */
TEST(a_task_is_not_started_over_one_that_is_needed)
{
#ifdef LAB_DEBUG
    check_dies(start_a_running_task, "task_create: that task still runs");
    check_dies(start_a_failed_task, "task_create: nobody saw it fail");
#endif
}

struct nester {
    struct coro coro;
    struct nap nap;
};

ASYNC(nester)
{
    BEGIN;
    loop_turn(task_loop(task), false);
    END;
}

static void run_inside_a_run(void)
{
    struct nester main = { CORO(nester), .coro.pc = 0 };

    lab_open(&lab);
    lab_run(&lab, &main.coro);
}

TEST(a_turn_inside_a_turn_is_refused)
{
    check_dies(run_inside_a_run, "loop->current == NULL");
}

/* Swallows every cancellation. */
struct immortal {
    struct coro coro;
    struct future future;
    int cancels;
};

ASYNC(immortal)
{
    BEGIN;
    for (; self->cancels < 2; self->cancels++) {
        future_init(&self->future, task_loop(task), FUTURE_PLAIN);
        CATCH_AWAIT_FUTURE(&self->future);
    }
    END;
}

static void run_over_main(void)
{
    struct immortal main = { CORO(immortal), .cancels = 0 };
    struct nap other = { CORO(nap), .name = "other" };

    lab_open(&lab);
    lab_run(&lab, &main.coro);
    lab_run(&lab, &other.coro);
}

TEST(a_main_that_has_not_ended_is_not_overwritten)
{
    check_dies(run_over_main, "loop->main.link.next == NULL");
}

static void queue_twice(void)
{
    struct callback callback = { .run = nothing };

    lab_open(&lab);
    loop_call_soon(&lab.loop, &callback);
    loop_call_soon(&lab.loop, &callback);
}

TEST(a_callback_is_in_one_queue_at_most)
{
    check_dies(queue_twice, "callback->next == NULL");
}

static void add_twice(void)
{
    struct callback callback = { .run = nothing };
    struct future one, two;

    lab_open(&lab);
    future_open(&one, &lab);
    future_open(&two, &lab);
    future_add_callback(&one, &callback);
    future_add_callback(&two, &callback);
}

TEST(a_callback_waits_for_one_future_at_most)
{
    check_dies(add_twice, "callback->next == NULL");
}

static void start_twice(void)
{
    struct timer timer = { .slot = 0 };

    lab_open(&lab);
    timer_start(&lab.loop, &timer, SECONDS(1), nothing);
    timer_start(&lab.loop, &timer, SECONDS(2), nothing);
}

/* Out of the heap already, and not yet run. */
static void start_when_due(void)
{
    struct timer timer = { .slot = 0 };

    lab_open(&lab);
    timer_start(&lab.loop, &timer, 0, nothing);
    timer_collect(&lab.loop);
    timer_start(&lab.loop, &timer, 0, nothing);
}

TEST(a_timer_that_runs_is_not_started_again)
{
    check_dies(start_twice, "timer_start: that timer runs already");
    check_dies(start_when_due, "timer_start: that timer runs already");
}

static void fail_without_words(void)
{
    static const struct error none = { 0, "" };
    struct future future;

    lab_open(&lab);
    future_open(&future, &lab);
    future_set_error(&future, &none);
}

TEST(an_error_without_a_code_is_refused)
{
    check_dies(fail_without_words, "error->code != 0");
}

/* --- Sockets and signals ------------------------------------------------- */

static void close_watched(void)
{
    struct wait_fd reader = { CORO(wait_fd), .events = POLLIN };
    struct task task;
    int fds[2];

    socket_pair(fds);
    lab_open(&lab);
    reader.fd = fds[0];
    task_create(&lab.loop, &task, "reader", &reader.coro);
    settle(&lab);
    net_close(&lab.loop, &fds[0]);
}

TEST(an_fd_that_somebody_waits_for_is_not_closed)
{
    check_dies(close_watched, "!poller_watches(&loop->poller, *fd)");
}

static void catch_sigint_twice(void)
{
    struct loop_options options = { .catch_sigint = true };
    static struct lab other;

    lab_open_with(&lab, options);
    lab_open_with(&other, options);
}

TEST(one_loop_at_a_time_catches_sigint)
{
    check_dies(catch_sigint_twice, "write_end == -1");
}

int main(int argc, char **argv)
{
    static const struct test tests[] = {
        ENTRY(an_await_inside_a_switch_is_named_with_its_line),
        ENTRY(a_second_await_of_a_coroutine_is_named),
        ENTRY(a_frame_without_CORO_is_refused),
        ENTRY(a_cleanup_of_nothing_is_refused),
        ENTRY(a_cleanup_is_deferred_once_at_a_time),
        ENTRY(a_coroutine_that_runs_cannot_become_a_second_task),
        ENTRY(a_task_is_not_started_over_one_that_is_needed),
        ENTRY(a_turn_inside_a_turn_is_refused),
        ENTRY(a_main_that_has_not_ended_is_not_overwritten),
        ENTRY(a_callback_is_in_one_queue_at_most),
        ENTRY(a_callback_waits_for_one_future_at_most),
        ENTRY(a_timer_that_runs_is_not_started_again),
        ENTRY(an_error_without_a_code_is_refused),
        ENTRY(an_fd_that_somebody_waits_for_is_not_closed),
        ENTRY(one_loop_at_a_time_catches_sigint),
    };

    return check_main(argc, argv, tests, COUNT(tests));
}
