/* demo.c - what a turn costs when one socket is busy and many are idle: by
 * select, poll, lib/loop's epoll, and an epoll whose fds stay armed.
 *
 * Each line is a loop of its own, run within one step of the stage's: there
 * is nothing to see in a picture of that, and its clock is the real one
 * whatever --speed says. What the kernel is told is counted, and the same
 * on each machine; what a turn costs is measured, and is this machine's.
 */
#include "16_pollers/kept.h"

#include "loop/net.h"
#include "stage/stage.h"
#include "sys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 10000, COUNTED = 20 };

static const char *most = "10000", *milliseconds = "100";
static bool count_only;

/* ---- What the kernel is told, counted. ---- */

static const struct poller_type *real;
static long told; /* entries of a list, or calls of epoll_ctl */

static int counting_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    told += (long)count;
    return poll(fds, count, timeout_ms);
}

static int counting_select(int count, fd_set *in, fd_set *out,
                           fd_set *except, struct timeval *timeout)
{
    for (int fd = 0; fd < count; fd++)
        told += FD_ISSET(fd, in) || FD_ISSET(fd, out);
    return select(count, in, out, except, timeout);
}

/* Each is an epoll_ctl, or, of those that stay armed, what changes is. */
static int counting_arm(struct poller *poller, int fd, struct error *error)
{
    short before = poller->on_fd[fd].armed;
    int code = real->arm(poller, fd, error);

    told += real != &poller_kept || poller->on_fd[fd].armed != before;
    return code;
}

/* ---- One loop, many idle sockets, one busy one. ---- */

struct result {
    double told, us, turns; /* of a turn: told, CPU; turns a second */
};

/* Says a word to itself and hears it, a turn each; COUNTED times, or for
 * so long. */
struct busy {
    struct coro coro;
    int fds[2];
    double cpu_us; /* 0: COUNTED turns */
    double cpu, real;
    long turns, told;
    struct wait_fd wait_fd;
};
ASYNC_DECLARE(busy);

static double cpu_us(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6
        + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static double real_us(void)
{
    return (double)sys_real.now() / 1e3;
}

static bool enough(const struct busy *self)
{
    if (self->cpu_us == 0)
        return self->turns == COUNTED;
    return self->turns % 16 == 0 && cpu_us() - self->cpu > self->cpu_us;
}

ASYNC(busy)
{
    char word = 'w';

    BEGIN;
    self->cpu = cpu_us();
    self->real = real_us();
    do {
        if (write(self->fds[1], &word, 1) != 1)
            RAISE_ERRNO("write");
        AWAIT(wait_fd, .fd = self->fds[0], .events = POLLIN);
        if (read(self->fds[0], &word, 1) != 1)
            RAISE_ERRNO("read");
        if (self->turns == 0)
            told = 0; /* the kernel has been told of all */
        self->turns++;
    } while (!enough(self));
    self->told = told;
    self->cpu = cpu_us() - self->cpu;
    self->real = real_us() - self->real;
    END;
}

static struct watch watches[MOST];
static int fds[MOST];

/* 0, or a code with words; how many are open is in *opened. */
static int open_idle(struct loop *loop, int idle, int *opened,
                     struct error *error)
{
    int code = 0;

    for (int i = 0; i < idle; i += 2) {
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds + i) != 0)
            return error_set_errno(error, errno, "socketpair");
        *opened = i + 2;
    }
    for (int i = 0; i < idle && code == 0; i++)
        code = watch_start(loop, &watches[i], fds[i], POLLIN, error);
    return code;
}

static void close_idle(struct loop *loop, int opened)
{
    for (int i = 0; i < opened; i++) {
        watch_stop(&watches[i]);
        net_close(loop, &fds[i]);
    }
    memset(watches, 0, sizeof watches);
}

static int run_busy(struct loop *loop, double budget_us,
                    struct result *result)
{
    struct busy busy = { CORO(busy), .cpu_us = budget_us };
    int code;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, busy.fds) != 0)
        return error_set_errno(&loop->main.error, errno, "socketpair");
    code = loop_run(loop, &busy.coro);
    net_close(loop, &busy.fds[0]);
    net_close(loop, &busy.fds[1]);
    result->told = (double)busy.told / ((double)busy.turns - 1);
    result->us = busy.cpu / (double)busy.turns;
    result->turns = (double)busy.turns * 1e6 / busy.real;
    return code;
}

/* With a budget: measured, on the kernel itself. Without: counted. */
static int run(const struct poller_type *type, int idle, double budget_us,
               struct result *result, struct error *error)
{
    struct poller_type counting = *type;
    struct sys sys = sys_real;
    struct loop_options options = { .poller_type = type };
    struct loop loop;
    int code, opened = 0;

    real = type;
    if (budget_us == 0) {
        sys.poll = counting_poll;
        sys.select = counting_select;
        if (type->arm != NULL && type != &poller_select)
            counting.arm = counting_arm;
        options = (struct loop_options){ .poller_type = &counting,
                                         .sys = &sys };
    }
    if (loop_open(&loop, &options, error) != 0)
        return error->code;
    code = open_idle(&loop, idle, &opened, error);
    if (code == 0) {
        code = run_busy(&loop, budget_us, result);
        *error = loop.main.error;
    }
    close_idle(&loop, opened);
    loop_close(&loop);
    return code;
}

/* ---- The table. ---- */

/* A # for each doubling: ten times as much is three or four of them. */
static const char *bar(double us)
{
    static const char full[] = "####################";
    size_t n = 0;

    for (; us >= 1 && n < sizeof full - 1; us /= 2)
        n++;
    return full + sizeof full - 1 - n;
}

static void line(struct stage *stage, const struct poller_type *type,
                 int idle)
{
    struct result counted, result = { .us = 0 };
    struct error error;
    int code = run(type, idle, 0, &counted, &error);

    if (code == 0 && !count_only)
        code = run(type, idle, strtod(milliseconds, NULL) * 1e3, &result,
                   &error);
    if (code != 0)
        stage_say(stage, "%6d  %-6s  %s", idle, type->name, error.text);
    else if (count_only)
        stage_say(stage, "%6d  %-6s %6.0f", idle, type->name, counted.told);
    else
        stage_say(stage, "%6d  %-6s %6.0f %9.0f %8.1f  %s", idle, type->name,
                  counted.told, result.turns, result.us, bar(result.us));
}

/* All that we may open; -1 if that is not enough. */
static int allow(int idle)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return -1;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    return getrlimit(RLIMIT_NOFILE, &limit) != 0
        || limit.rlim_cur < (rlim_t)idle + 32 ? -1 : 0;
}

struct show {
    struct coro coro;
    struct stage *stage;
    int idle;
    size_t i;
};
ASYNC_DECLARE(show);

ASYNC(show)
{
    static const struct poller_type *const types[] = {
        &poller_select, &poller_poll, &poller_epoll, &poller_kept
    };

    BEGIN;
    stage_say(self->stage, "  idle  poller   told%s", count_only ? ""
              : "   turns/s  CPU us  (# doubles it)");
    for (self->idle = 10; self->idle <= strtol(most, NULL, 10)
         && self->idle <= MOST; self->idle *= 10) {
        if (allow(self->idle) != 0) {
            stage_say(self->stage, "%6d  RLIMIT_NOFILE does not allow it",
                      self->idle);
            break;
        }
        for (self->i = 0; self->i < sizeof types / sizeof *types; self->i++) {
            if (types[self->i]->wait != NULL) /* else: not on this system */
                line(self->stage, types[self->i], self->idle);
            YIELD(); /* Ctrl-C */
        }
    }
    END;
}

int main(int argc, char **argv)
{
    static struct show show = { CORO(show) };
    const struct option more[] = {
        { "--count-only", NULL, &count_only, NULL,
          "count what the kernel is told, measure nothing" },
        { "--most", &most, NULL, "N", "idle sockets at most (10000)" },
        { "--ms", &milliseconds, NULL, "N", "of CPU for each line (100)" },
        { NULL, NULL, NULL, NULL, NULL }
    };
    struct stage stage = { .no_origin = true, .more = more,
        .about = "what one busy socket costs among many idle ones" };

    show.stage = &stage;
    return stage_run(&stage, argc, argv, &show.coro);
}
