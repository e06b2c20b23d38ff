/* bench.c - what tasks cost, as ratios to a floor measured in the same run.
 *
 *     bench [--quick]
 *
 * CPU is what getrusage says of this process; the peer is a process of its
 * own. Each number is the best of three: noise only adds. Not a test: what
 * a busy machine prints is worth nothing.
 */
#include "floor.h"

#include "09_session/session.h"
#include "11_gather/fetch_status.h"
#include "11_gather/gather.h"
#include "stage/origin.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 100, ROUNDS = 3 };

struct cost {
    double cpu_us, wall_us; /* of one request, best round */
    double first_us;        /* CPU in the first round      */
};

static double wall(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double cpu(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6
        + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static double smaller(double a, double b)
{
    return a == 0 || b < a ? b : a;
}

_Noreturn static void give_up(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(2);
}

/* --- Requests ------------------------------------------------------------ */

struct crowd {
    struct coro coro;
    size_t count;
    char url[64];
    struct session session;
    struct async_cleanup closing;
    struct session_close session_close;
    struct fetch_status *fetches;
    struct task *tasks;
    struct future **futures;
    struct gather_slot *slots;
    struct gather gather;
};
ASYNC_DECLARE(crowd);

ASYNC(crowd)
{
    BEGIN;
    session_open(&self->session, task_loop(task), SESSION_DEFAULTS);
    DEFER_AWAIT(&self->closing, CALL(session_close,
                                     .session = &self->session));
    for (size_t i = 0; i < self->count; i++) {
        self->fetches[i] = (struct fetch_status){ CORO(fetch_status),
            .session = &self->session, .url = self->url };
        self->futures[i] = task_create(task_loop(task), &self->tasks[i],
                                       "fetch", &self->fetches[i].coro);
    }
    AWAIT_FUTURE(gather(&self->gather, task_loop(task), self->slots,
                        self->futures, self->count, GATHER_RAISE));
    if (self->session.opened > CONNECTIONS)
        RAISE(E_RUNTIME, "%zu connections", self->session.opened);
    END;
}

/* The storage is the caller's, and used again in each round: what the kernel
 * takes for fresh pages is in the first, which is told apart. */
static struct crowd make_crowd(size_t count)
{
    struct crowd crowd = { .count = count };

    crowd.fetches = calloc(count, sizeof *crowd.fetches);
    crowd.tasks = calloc(count, sizeof *crowd.tasks);
    crowd.futures = calloc(count, sizeof(struct future *));
    crowd.slots = calloc(count, sizeof *crowd.slots);
    if (crowd.fetches == NULL || crowd.tasks == NULL || crowd.futures == NULL
        || crowd.slots == NULL)
        give_up("no memory");
    return crowd;
}

static size_t crowd_bytes(const struct crowd *crowd)
{
    return sizeof *crowd->fetches + sizeof *crowd->tasks
        + sizeof *crowd->futures + sizeof *crowd->slots;
}

static void free_crowd(struct crowd *crowd)
{
    free(crowd->fetches);
    free(crowd->tasks);
    free(crowd->futures);
    free(crowd->slots);
}

static void lab_get(struct crowd *crowd, unsigned port)
{
    struct loop_options options = { .poller = NULL };
    struct loop loop;
    struct error error;

    crowd->coro = (struct coro){ .type = &crowd_type };
    snprintf(crowd->url, sizeof crowd->url, "http://127.0.0.1:%u/", port);
    if (loop_open(&loop, &options, &error) != 0
        || loop_run(&loop, &crowd->coro) != 0)
        give_up("the gather failed");
    loop_close(&loop);
}

static void floor_client(struct crowd *crowd, unsigned port)
{
    if (floor_get(port, CONNECTIONS, crowd->count) != crowd->count)
        give_up("the floor client was not answered");
}

static struct cost measure(void (*get)(struct crowd *crowd, unsigned port),
                           struct crowd *crowd, unsigned port)
{
    const double count = (double)crowd->count;
    struct cost best = { 0, 0, 0 };

    for (int i = 0; i < ROUNDS; i++) {
        double w = wall(), c = cpu();

        get(crowd, port);
        c = (cpu() - c) / count;
        best.first_us = i == 0 ? c : best.first_us;
        best.cpu_us = smaller(best.cpu_us, c);
        best.wall_us = smaller(best.wall_us, (wall() - w) / count);
    }
    return best;
}

struct serve_forever {
    struct coro coro;
    struct future never;
};
ASYNC_DECLARE(serve_forever);

ASYNC(serve_forever)
{
    BEGIN;
    future_init(&self->never, task_loop(task), FUTURE_PLAIN);
    AWAIT_FUTURE(&self->never);
    END;
}

/* The lab's origin in a process of its own; SIGINT ends it, and then it
 * writes what CPU it used to the pipe. */
static pid_t start_origin(unsigned *port, int *report)
{
    static struct origin origin;
    struct loop_options options = { .catch_sigint = true };
    struct serve_forever forever = { CORO(serve_forever) };
    struct loop loop;
    struct error error;
    int fds[2];
    double used;
    pid_t child;

    if (pipe(fds) != 0)
        give_up("pipe");
    child = fork();
    if (child == 0) {
        if (loop_open(&loop, &options, &error) != 0
            || origin_start(&origin, &loop, "127.0.0.1", 0, &error) != 0
            || write(fds[1], &origin.port, sizeof origin.port) < 0)
            _exit(2);
        loop_run(&loop, &forever.coro);
        used = cpu();
        _exit(write(fds[1], &used, sizeof used) < 0);
    }
    if (read(fds[0], port, sizeof *port) != sizeof *port)
        give_up("the origin did not start");
    close(fds[1]);
    *report = fds[0];
    return child;
}

static pid_t start_floor(unsigned *port)
{
    int listener = floor_listen(port);
    pid_t child = fork();

    if (child == 0)
        floor_serve(listener);
    close(listener);
    return child;
}

static void stop(pid_t child, int signal)
{
    kill(child, signal);
    waitpid(child, NULL, 0);
}

static void compare_clients(size_t count)
{
    unsigned port;
    pid_t server = start_floor(&port);
    struct crowd crowd = make_crowd(count);
    struct cost floor = measure(floor_client, &crowd, port);
    struct cost lab = measure(lab_get, &crowd, port);

    stop(server, SIGKILL);
    printf("client: gather of %zu GETs over %d connections\n"
           "  floor   %6.2f us CPU %6.2f us wall a request\n"
           "  lab     %6.2f us CPU %6.2f us wall   CPU x%.2f of the floor\n"
           "  %6.2f us CPU in the lab's first round, with %zu bytes of fresh "
           "storage a request\n",
           count, CONNECTIONS, floor.cpu_us, floor.wall_us, lab.cpu_us,
           lab.wall_us, lab.cpu_us / floor.cpu_us, lab.first_us,
           crowd_bytes(&crowd));
    free_crowd(&crowd);
}

/* Both servers under the same client: the floor's. */
static void compare_servers(size_t count)
{
    struct rusage before, after;
    unsigned port;
    int report;
    double lab, floor;
    struct crowd crowd = { .count = count };
    pid_t server = start_origin(&port, &report);

    floor_client(&crowd, port);
    kill(server, SIGINT);
    if (read(report, &lab, sizeof lab) != sizeof lab)
        give_up("the origin did not report");
    waitpid(server, NULL, 0);
    close(report);
    getrusage(RUSAGE_CHILDREN, &before);
    server = start_floor(&port);
    floor_client(&crowd, port);
    stop(server, SIGKILL);
    getrusage(RUSAGE_CHILDREN, &after);
    floor = (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec
                     + after.ru_stime.tv_sec - before.ru_stime.tv_sec) * 1e6
        + (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec
                   + after.ru_stime.tv_usec - before.ru_stime.tv_usec);
    printf("server: %zu GETs over %d connections\n"
           "  floor   %6.2f us CPU a request\n"
           "  origin  %6.2f us CPU a request          CPU x%.2f of the floor\n",
           count, CONNECTIONS, floor / (double)count, lab / (double)count,
           lab / floor);
}

/* --- Tasks --------------------------------------------------------------- */

struct one_yield {
    struct coro coro;
};
ASYNC_DECLARE(one_yield);

ASYNC(one_yield)
{
    BEGIN;
    YIELD();
    END;
}

struct creator {
    struct coro coro;
    size_t left;
    struct one_yield one_yield;
    struct task task;
};
ASYNC_DECLARE(creator);

ASYNC(creator)
{
    BEGIN;
    while (self->left-- > 0) {
        task_create(task_loop(task), &self->task, "one",
                    CALL(one_yield));
        AWAIT_FUTURE(&self->task.future);
    }
    END;
}

struct yielder {
    struct coro coro;
    size_t left;
};
ASYNC_DECLARE(yielder);

ASYNC(yielder)
{
    BEGIN;
    while (self->left-- > 0)
        YIELD();
    END;
}

struct pair {
    struct coro coro;
    size_t each;
    struct yielder yielders[2];
    struct task tasks[2];
};
ASYNC_DECLARE(pair);

ASYNC(pair)
{
    BEGIN;
    for (int i = 0; i < 2; i++) {
        self->yielders[i] = (struct yielder){ CORO(yielder),
                                              .left = self->each };
        task_create(task_loop(task), &self->tasks[i], "yielder",
                    &self->yielders[i].coro);
    }
    AWAIT_FUTURE(&self->tasks[0].future);
    AWAIT_FUTURE(&self->tasks[1].future);
    END;
}

static double run_ns(struct coro *coro, const char *poller)
{
    struct loop_options options = { .poller = poller };
    struct loop loop;
    struct error error;
    double before;

    if (loop_open(&loop, &options, &error) != 0)
        give_up(error.text);
    before = wall();
    if (loop_run(&loop, coro) != 0)
        give_up(loop.main.error.text);
    before = (wall() - before) * 1e3;
    loop_close(&loop);
    return before;
}

static void measure_tasks(size_t count)
{
    double create = 0, swap = 0;

    for (int i = 0; i < ROUNDS; i++) {
        struct creator creator = { CORO(creator), .left = count };
        struct pair pair = { CORO(pair), .each = count };

        create = smaller(create, run_ns(&creator.coro, "poll")
                         / (double)count);
        swap = smaller(swap, run_ns(&pair.coro, "poll")
                       / (double)(2 * count));
    }
    printf("tasks\n  %6.1f ns create + yield + await\n"
           "  %6.1f ns switch between two tasks\n"
           "  %6zu bytes a sleeping task (task %zu, frame %zu)\n", create,
           swap, sizeof(struct task) + sizeof(struct coro)
           + sizeof(struct sleep), sizeof(struct task),
           sizeof(struct coro) + sizeof(struct sleep));
}

/* --- Idle sockets -------------------------------------------------------- */

struct idler {
    struct coro coro;
    int fd;
    struct wait_fd wait_fd;
};
ASYNC_DECLARE(idler);

ASYNC(idler)
{
    BEGIN;
    AWAIT(wait_fd, .fd = self->fd, .events = POLLIN);
    END;
}

/* Bounces a byte through one socketpair while `idle` others sleep. */
struct bounce {
    struct coro coro;
    int fds[2];
    size_t left, idle;
    char byte;
    struct idler *idlers;
    struct task *tasks;
    struct wait_fd wait_fd;
};
ASYNC_DECLARE(bounce);

ASYNC(bounce)
{
    BEGIN;
    for (size_t i = 0; i < self->idle; i++)
        task_create(task_loop(task), &self->tasks[i], "idle",
                    &self->idlers[i].coro);
    while (self->left-- > 0) {
        if (send(self->fds[1], "x", 1, MSG_NOSIGNAL) != 1)
            RAISE_ERRNO("send");
        AWAIT(wait_fd, .fd = self->fds[0], .events = POLLIN);
        if (recv(self->fds[0], &self->byte, 1, 0) != 1)
            RAISE_ERRNO("recv");
    }
    END;
}

static double turn_ns(size_t idle, size_t turns, const char *poller)
{
    struct bounce bounce = { CORO(bounce), .left = turns, .idle = idle };
    int pipe_fds[2];
    double ns;

    if (pipe(pipe_fds) != 0
        || socketpair(AF_UNIX, SOCK_STREAM, 0, bounce.fds) != 0)
        give_up("no descriptors");
    bounce.idlers = calloc(idle + 1, sizeof *bounce.idlers);
    bounce.tasks = calloc(idle + 1, sizeof *bounce.tasks);
    for (size_t i = 0; i < idle; i++) {
        bounce.idlers[i] = (struct idler){ CORO(idler),
                                           .fd = dup(pipe_fds[0]) };
        if (bounce.idlers[i].fd < 0)
            give_up("not enough descriptors: ulimit -n 11000");
    }
    ns = run_ns(&bounce.coro, poller) / (double)turns;
    for (size_t i = 0; i < idle; i++)
        close(bounce.idlers[i].fd);
    for (int i = 0; i < 2; i++) {
        close(pipe_fds[i]);
        close(bounce.fds[i]);
    }
    free(bounce.idlers);
    free(bounce.tasks);
    return ns;
}

static void measure_idle(size_t turns, size_t most)
{
    static const char *const pollers[] = { "poll",
#ifdef __linux__
                                           "epoll"
#endif
    };

    printf("a turn with idle sockets (set-up and shutdown included)\n");
    for (size_t p = 0; p < sizeof pollers / sizeof pollers[0]; p++) {
        printf("  %-6s", pollers[p]);
        for (size_t idle = 10; idle <= most; idle *= 10)
            printf("  %zu: %.2f us", idle,
                   turn_ns(idle, turns, pollers[p]) / 1e3);
        printf("\n");
    }
}

int main(int argc, char **argv)
{
    bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;

    if (argc > 1 && !quick) {
        fprintf(stderr, "usage: bench [--quick]\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    compare_clients(quick ? 100 : 1000);
    compare_clients(quick ? 200 : 100000);
    compare_servers(quick ? 200 : 100000);
    measure_tasks(quick ? 1000 : 1000000);
    measure_idle(quick ? 20 : 20000, quick ? 100 : 10000);
    return 0;
}
