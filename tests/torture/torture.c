/* torture.c - whole programs under a seeded storm.
 *
 *     seed --> plan (storm.c): who does what
 *          --> sky: what the kernel says, when the clock jumps, who is
 *              cancelled, when Ctrl-C comes
 *
 * Whatever the seed, the promises of `judge` hold, and the same seed gives
 * the same run. --memory: no storm, but one allocation that fails, the
 * first, the second, ... See README.md.
 */
#include "faults.h"
#include "assassin.h"
#include "running.h"
#include "stage/origin.h"
#include "storm.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of 60,000 seeds the longest run had 797. */
enum { EVENTS_MOST = 20000 };

enum weather {
    EINTRS, EAGAINS, SHORT, FAILS, READINESS, CLOCK, CANCELS, SIGINTS, KINDS
};
static const char *const weather_names[KINDS] = {
    "eintr", "eagain", "short", "fail", "ready", "clock", "cancel", "sigint"
};

static struct options {
    uint64_t from, count;
    const char *poller;
    unsigned weather; /* bits */
    size_t children;
    bool verbose, memory;
} options = { .from = 1, .count = 100, .weather = (1u << KINDS) - 1,
              .children = CHILDREN };

/* One run. The kernel's functions have no argument to find it by. */
static struct run {
    struct loop_hook hook;
    struct loop loop;
    struct faults faults;
    struct storm storm;
    struct origin origin;
    struct trace trace;
    struct assassin assassin;
    uint64_t sky;
    bool raging;
    struct epoll_event held[POLLER_ROOM]; /* told of later */
    int held_count;
    size_t events, sigints;
    uint64_t digest; /* of all that the loop told its hook */
    char *log, *text;
    size_t log_size, text_size;
    size_t allocation, fails_at; /* --memory; 0: none        */
    char who[32];                /* ... asked for what failed */
    int64_t failed_ns;           /* ... at this time                */
    bool idle;                   /* ... when the pool kept something */
    bool said;                   /* ... and something shows it      */
    struct timer ballast[64];    /* the heap of timers has room for 64 */
} run;

static uint64_t *seed_now; /* shared with the parent */

/* --- The weather --------------------------------------------------------- */

static bool strikes(enum weather kind, size_t one_in)
{
    return run.raging && (options.weather & 1u << kind) != 0
        && roll(&run.sky, one_in) == 0;
}

#define TELL(...) do { if (options.verbose) {                             \
    printf("%12.6f  ", (double)run.loop.now_ns / 1e9);                    \
    printf(__VA_ARGS__); putchar('\n'); } } while (0)

static int draw(enum faults_call call)
{
    static const int failures[CALLS][4] = {
        [CALL_SOCKET] = { EMFILE, ENFILE, ENOBUFS, ENOMEM },
        [CALL_ACCEPT] = { EMFILE, ENOBUFS, ECONNABORTED, EPROTO },
        [CALL_CONNECT] = { ETIMEDOUT, ECONNREFUSED, ENETUNREACH, EMFILE },
        [CALL_RECV] = { ECONNRESET, ETIMEDOUT, EHOSTUNREACH, ENOBUFS },
        [CALL_SEND] = { EPIPE, ECONNRESET, ENOBUFS, ETIMEDOUT },
        [CALL_CLOSE] = { EINTR, EIO, EINTR, ENOSPC },
        [CALL_RESIZE] = { ENOMEM, ENOMEM, ENOMEM, ENOMEM },
    };
    bool may_block = call == CALL_ACCEPT || call == CALL_RECV
        || call == CALL_SEND;

    run.faults.at_most = strikes(SHORT, 3) ? 1 : 0;
    if (call != CALL_SOCKET && call != CALL_CLOSE && call != CALL_RESIZE
        && strikes(EINTRS, 6))
        return EINTR;
    if (may_block && strikes(EAGAINS, 6))
        return EAGAIN;
    if (failures[call][0] != 0 && strikes(FAILS, 30))
        return failures[call][roll(&run.sky, 4)];
    return 0;
}

static int whim(enum faults_call call)
{
    static const char *const calls[] = { "poll", "select", "socket",
        "accept", "connect", "recv", "send", "close", "resize" };
    int number = draw(call);

    if (number != 0)
        TELL("%s says %s", calls[call], strerror(number));
    return number;
}

static bool ready(bool is)
{
    return is ? !strikes(READINESS, 4) : strikes(READINESS, 30);
}

static int by_fd(const void *a, const void *b)
{
    return ((const struct epoll_event *)a)->data.fd
         - ((const struct epoll_event *)b)->data.fd;
}

static void shuffle(struct epoll_event *events, int n)
{
    for (int i = n - 1; i > 0; i--) {
        size_t other = roll(&run.sky, (size_t)i + 1);
        struct epoll_event event = events[i];

        events[i] = events[other];
        events[other] = event;
    }
}

/* epoll does not pass through struct sys. It is an fd itself, so poll is
 * asked for it, with all its whims; then its list comes in part, in another
 * order, and with an event that is not true. The kernel's own order depends
 * on how busy the machine is: it is forgotten first. */
int __real_epoll_wait(int fd, struct epoll_event *events, int most, int ms);
int __wrap_epoll_wait(int fd, struct epoll_event *events, int most, int ms);
int __wrap_epoll_wait(int fd, struct epoll_event *events, int most, int ms)
{
    struct pollfd it = { fd, POLLIN, 0 };
    int n = run.held_count;
    int ready = run.faults.sys->poll(&it, 1, n > 0 ? 0 : ms);

    if (ready < 0)
        return ready;
    memcpy(events, run.held, (size_t)n * sizeof *events);
    run.held_count = 0;
    if (ready > 0)
        n += __real_epoll_wait(fd, events + n, most - n - 1, 0);
    qsort(events, (size_t)n, sizeof *events, by_fd);
    if (strikes(READINESS, 10)) {
        events[n].events = EPOLLIN | EPOLLOUT;
        events[n].data.fd = 3 + (int)roll(&run.sky, 40);
        n++;
    }
    if (strikes(READINESS, 1))
        shuffle(events, n);
    if (n > 1 && strikes(READINESS, 3)) {
        run.held_count = n - 1;
        memcpy(run.held, events + 1, (size_t)(n - 1) * sizeof *events);
        n = 1;
    }
    return n;
}

static void cancel_somebody(struct loop *loop)
{
    size_t n = 0;

    LIST_EACH(&loop->tasks, link)
        n++;
    n = roll(&run.sky, n + 1);
    LIST_EACH(&loop->tasks, link) {
        struct task *task = CONTAINER(link, struct task, link);

        if (n-- > 0)
            continue;
        TELL("%s is cancelled", task->name);
        task_cancel(task);
        return;
    }
}

static void between_turns(struct loop *loop)
{
    if (strikes(CLOCK, 40)) {
        loop->now_ns += (int64_t)roll(&run.sky, 4000) * MILLISECONDS(1000)
            >> roll(&run.sky, 20);
        TELL("the clock has jumped");
    }
    if (strikes(CANCELS, 40))
        cancel_somebody(loop);
    if (run.sigints < 2 && strikes(SIGINTS, 200)) {
        run.sigints++;
        TELL("Ctrl-C");
        raise(SIGINT);
    }
}

/* --- Memory -------------------------------------------------------------- */

static bool no_memory(void)
{
    const struct task *task = run.loop.current;

    if (run.fails_at == 0)
        return false;
    run.allocation++;
    if (run.allocation != run.fails_at)
        return false;
    snprintf(run.who, sizeof run.who, "%s", task == NULL ? "the loop"
             : task->name);
    run.failed_ns = run.loop.now_ns;
    run.idle = run.storm.session.loop != NULL
        && !list_empty(&run.storm.session.idle);
    TELL("no memory for %s", run.who);
    errno = ENOMEM;
    return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
    return no_memory() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return no_memory() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return no_memory() ? NULL : __real_realloc(old, size);
}

/* Does this show that memory has failed? Somebody says so, or the pool has
 * let go of what it kept; a cancellation, or a timeout, of the same moment
 * may win over what was on its way to a task (row T18). */
static void hear(const struct loop *loop, const struct loop_event *event)
{
    bool now = loop->now_ns == run.failed_ns;

    run.said = run.said || event->code == ENOMEM
        || (run.idle && list_empty(&run.storm.session.idle))
        || (now && (event->code == E_CANCELLED
                    || error_is_timeout(event->code)));
    run.idle = false;
}

static void deadlock(struct callback *callback)
{
    (void)callback;
    check_fail(__FILE__, __LINE__, "nothing can ever happen again");
}

/* Timers at the end of time, so that one of the run's first few, whosever
 * it is, makes the heap grow. */
static void load_ballast(size_t n)
{
    size_t fails_at = run.fails_at;

    run.fails_at = 0; /* not here */
    for (size_t i = 0; i < n; i++)
        CHECK_INT(0, timer_start(&run.loop, &run.ballast[i], INT64_MAX,
                                 deadlock));
    run.fails_at = fails_at;
}

static void drop_ballast(size_t n)
{
    for (size_t i = 0; i < n; i++)
        timer_stop(&run.loop, &run.ballast[i]);
}

/* --- What the loop tells -------------------------------------------------- */

static void note(uint64_t value)
{
    run.digest = (run.digest ^ value) * UINT64_C(0x100000001b3);
}

static void tell(struct loop_hook *hook, struct loop *loop,
                 const struct loop_event *event)
{
    const char *name = event->task != NULL ? event->task->name : "";

    (void)hook;
    note(event->kind);
    note((uint64_t)event->time_ns);
    note((uint64_t)event->code);
    for (; *name != '\0'; name++)
        note((unsigned char)*name);
    if (event->kind == EVENT_TASK_DONE)
        TELL("%s ends: %s", event->task->name, event->code == 0 ? "well"
             : event->task->error.text);
    if (run.who[0] != '\0')
        hear(loop, event);
    run.events++;
    if (run.events > EVENTS_MOST) {
        loop_dump(loop, stdout);
        check_fail(__FILE__, __LINE__, "no end after %zu events",
                   run.events);
    }
    if (event->kind == EVENT_POLLED)
        between_turns(loop);
}

/* --- The judge ----------------------------------------------------------- */

#define JUDGE(holds, ...) do { if (!(holds))                              \
    check_fail(__FILE__, __LINE__, __VA_ARGS__); } while (0)

/* What may come out of a storm: what it said, by its name, and what follows
 * from it. Not EINTR, EAGAIN, EBADF, E_RUNTIME, E_DEADLOCK, ... */
static bool may_be(int code)
{
    static const int codes[] = {
        0, E_CANCELLED, E_TIMEOUT, E_SERVER_TIMEOUT, E_EOF, E_PROTOCOL,
        E_DISCONNECTED, E_CLOSED, E_REDIRECTS, ECONNRESET, ECONNREFUSED,
        EPIPE, ETIMEDOUT, ENETUNREACH, EHOSTUNREACH, EMFILE, ENFILE,
        ENOBUFS, ENOMEM
    };

    for (size_t i = 0; i < COUNT(codes); i++)
        if (codes[i] == code)
            return strcmp(error_name(code), "errno") != 0;
    return false;
}

static void judge_error(const char *who, int code, const struct error *error)
{
    JUDGE(may_be(code), "%s ends with %s (%d): %s", who, error_name(code),
          code, error->text);
    JUDGE(code == 0 || (error->code == code && strlen(error->text) > 3
                        && strchr(error->text, '\n') == NULL),
          "%s ends with %s, and says \"%s\"", who, error_name(code),
          error->text);
    JUDGE(code != ENOMEM || strstr(error->text, "memory") != NULL,
          "%s has no memory, and says \"%s\"", who, error->text);
}

static void judge_child(struct child *child)
{
    const char *name = child->name;
    int code = E_CANCELLED;

    if (child->in.task.name != NULL) { /* its task was created */
        JUDGE(future_done(&child->in.task.future), "%s never ended", name);
        code = future_outcome(&child->in.task.future);
        judge_error(name, code, code == E_CANCELLED ? &error_cancelled
                    : &child->in.task.error);
    }
    JUDGE(child->began == child->ended && child->began <= 1,
          "%s: began %d times, cleaned up %d times", name, child->began,
          child->ended);
    JUDGE(!child->wrong, "%s: byte %zu is wrong", name, child->got);
    JUDGE(child->status != 503 || run.fails_at != 0, "%s: 503", name);
    if (code != 0 || child_was_refused(child) || child->leaves)
        return;
    JUDGE(!child->must_fail && child->got == child->size,
          "%s: %zu bytes of %zu, and all is well", name, child->got,
          child->size);
    JUDGE(child->is_guest || child->status
          == (strncmp(child->path, "/status/", 8) == 0 ? 404 : 200),
          "%s: status %d", name, child->status);
}

static void judge_loop(void)
{
    struct loop *loop = &run.loop;

    JUDGE(list_empty(&loop->tasks), "a task is left");
    JUDGE(loop->timers.count == 0, "timers left: %zu", loop->timers.count);
    JUDGE(loop_fds(loop) == 0, "watches left: %zu", loop_fds(loop));
    JUDGE(loop->ready.tail == NULL, "a callback is left");
    loop_close(loop);
    fclose(loop->log);
    /* Without a descriptor and without memory to wait for one, the origin's
     * accept gives up, and nobody but the loop could tell. */
    JUDGE(run.log_size == 0 || run.origin.task.error.code == ENOMEM,
          "the loop reports: %s", run.log);
    free(run.log);
}

static void judge(int code)
{
    const struct storm *storm = &run.storm;

    if (code != E_INTERRUPTED && code != E_GROUP)
        judge_error("main", code, code == E_CANCELLED ? &error_cancelled
                    : &run.loop.main.error);
    for (size_t i = 0; i < storm->count; i++)
        judge_child(&run.storm.children[i]);
    JUDGE(run.origin.open == 0 && run.origin.busy == 0,
          "the origin has %zu connections, %zu requests left",
          run.origin.open, run.origin.busy);
    JUDGE(storm->session.loop == NULL || (storm->session.in_use == 0
          && list_empty(&storm->session.idle)
          && list_empty(&storm->session.waiters)),
          "the session is not empty");
}

/* An allocation failed. Somebody must say so; if it was for a connection
 * that the origin cannot have, it hangs up, and that is judged above. */
static void judge_memory(int code)
{
    bool said = code == ENOMEM || run.said;

    if (run.who[0] == '\0' || strcmp(run.who, "~origin") == 0)
        return;
    for (size_t i = 0; i < run.storm.count; i++)
        said = said || run.storm.children[i].status == 503;
    JUDGE(said, "%s had no memory, and nobody says so; main: %s",
          run.who, run.loop.main.error.text);
}

/* --- A run --------------------------------------------------------------- */

static int open_all(struct error *error)
{
    struct storm *storm = &run.storm;
    struct loop_options loop_options = {
        .poller = options.poller, .virtual_time = true,
        .catch_sigint = true, .sys = run.faults.sys
    };
    int code;

    loop_options.log = open_memstream(&run.log, &run.log_size);
    CHECK(loop_options.log != NULL);
    code = loop_open(&run.loop, &loop_options, error);
    if (code != 0)
        return code;
    storm->echo_listener = (struct open_socket){ &run.loop, -1 };
    code = origin_start(&run.origin, &run.loop, "127.0.0.1", 0, error);
    if (code == 0)
        code = address_parse(&storm->echo_address, "127.0.0.1", 0, error);
    if (code == 0)
        code = net_listen(&run.loop, &storm->echo_address, 64,
                          &storm->echo_listener.fd, error);
    storm->port = run.origin.port;
    return code;
}

static void listen_in(uint64_t seed)
{
    struct task *victim = &run.loop.main;

    run.hook.tell = tell;
    run.loop.hook = &run.hook;
    if (run.fails_at == 0)
        CHECK_INT(0, trace_open(&run.trace, &run.loop));
    if (strikes(CANCELS, 3)) {
        if (roll(&run.sky, 3) > 0)
            victim = &run.storm.children[seed % run.storm.count].in.task;
        assassin_hire(&run.assassin, &run.loop, victim,
                      1 + (int)roll(&run.sky, 6));
    }
}

static void draw_picture(void)
{
    FILE *out = open_memstream(&run.text, &run.text_size);

    CHECK(out != NULL);
    run.loop.hook = &run.trace.hook;
    trace_text(&run.trace, out, false);
    fclose(out);
    trace_close(&run.trace);
}

/* All of one seed's run, from nothing to nothing. */
static void run_once(uint64_t seed)
{
    const size_t ballast = run.fails_at == 0 ? 0 : 64 - seed % 6;
    int fds = count_fds(), code;
    struct error error;

    run.events = run.sigints = run.allocation = 0;
    run.held_count = 0;
    run.digest = 0;
    run.who[0] = '\0';
    run.idle = run.said = false;
    run.raging = false;
    storm_plan(&run.storm, seed, options.children);
    run.sky = seed ^ UINT64_C(0x5eed0f5c1e5);
    faults_open(&run.faults);
    run.faults.whim = whim;
    run.faults.ready = ready;
    run.faults.clock_ns = 1;
    code = open_all(&error);
    if (code == 0) {
        run.raging = true;
        load_ballast(ballast);
        listen_in(seed);
        code = loop_run(&run.loop, &run.storm.coro);
        run.raging = false;
        drop_ballast(ballast);
        if (run.fails_at == 0)
            draw_picture();
        net_close(&run.loop, &run.storm.echo_listener.fd);
        judge(code);
    } else {
        judge_error("start", code, &error);
    }
    judge_loop();
    judge_memory(code);
    JUDGE(count_fds() == fds, "%d fds before, %d after", fds, count_fds());
}

/* Nobody but us takes part, so twice it is the same run. On a busy machine
 * the kernel may once be later than it was before: what differs is tried
 * again. */
static void run_seed(uint64_t seed)
{
    bool same = false;

    for (int tries = 0; tries < 3 && !same; tries++) {
        uint64_t digest;
        char *text;

        run_once(seed);
        digest = run.digest;
        text = run.text;
        run_once(seed);
        same = digest == run.digest && strcmp(text, run.text) == 0;
        if (!same && tries == 2)
            printf("%s... and once more:\n%s", text, run.text);
        free(text);
        free(run.text);
    }
    JUDGE(same, "the same seed, another run");
}

/* Every allocation of the run, in turn, is the one that fails. */
static void starve_seed(uint64_t seed)
{
    options.weather = 0;
    for (run.fails_at = 1; run.fails_at == 1 || run.who[0] != '\0';
         run.fails_at++)
        run_once(seed);
    run.fails_at = 0;
}

static void run_all(void)
{
    if (options.verbose) {
        storm_plan(&run.storm, options.from, options.children);
        storm_describe(&run.storm, stdout);
    }
    for (uint64_t i = 0; i < options.count; i++) {
        *seed_now = options.from + i;
        alarm(60); /* none takes a second */
        if (options.memory)
            starve_seed(*seed_now);
        else
            run_seed(*seed_now);
    }
}

/* --- What is told of a failure ------------------------------------------- */

static bool fails(FILE *out)
{
    const struct test test = { "torture", run_all };

    return wait_for_test(start_test(&test, out, out)) != 0;
}

/* Leaves out what the failure does not need. */
static void shorten(FILE *nowhere)
{
    for (unsigned kind = 0; kind < KINDS; kind++) {
        options.weather ^= 1u << kind;
        if (!fails(nowhere))
            options.weather ^= 1u << kind;
    }
    while (options.children > 1) {
        options.children--;
        if (fails(nowhere))
            continue;
        options.children++;
        break;
    }
}

static void print_command(void)
{
    printf("again: torture --seeds %llu 1 --children %zu --weather none",
           (unsigned long long)options.from, options.children);
    for (unsigned kind = 0; kind < KINDS; kind++)
        if (options.weather & 1u << kind)
            printf(",%s", weather_names[kind]);
    printf("%s%s%s --verbose\n", options.memory ? " --memory" : "",
           options.poller != NULL ? " --poller " : "",
           options.poller != NULL ? options.poller : "");
}

/* The seed that failed; or, where only the end of the process shows it, the
 * first that fails alone. */
static void explain(void)
{
    FILE *nowhere = fopen("/dev/null", "w");
    uint64_t first = options.from, end = first + options.count;

    CHECK(nowhere != NULL);
    options.count = 1;
    options.verbose = false;
    options.from = *seed_now;
    for (uint64_t seed = first; !fails(nowhere); seed++) {
        if (seed == end) {
            printf("... but none of the seeds fails alone\n");
            return;
        }
        options.from = seed;
    }
    shorten(nowhere);
    fclose(nowhere);
    options.verbose = true;
    fails(NULL);
    printf("seed %llu fails; ", (unsigned long long)options.from);
    print_command();
}

/* --- The command line ---------------------------------------------------- */

static _Noreturn void usage(void)
{
    fprintf(stderr, "usage: torture [--seeds FROM N] [--poller P] "
            "[--memory] [--weather none|KIND,...] [--children N] "
            "[--verbose]\n");
    exit(2);
}

static uint64_t number(const char *text)
{
    char *end = NULL;
    uint64_t n = text == NULL ? 0 : strtoull(text, &end, 10);

    if (end == NULL || end == text || *end != '\0')
        usage();
    return n;
}

static unsigned weather_of(const char *list)
{
    unsigned weather = 0;

    for (unsigned kind = 0; list != NULL && kind < KINDS; kind++)
        if (strstr(list, weather_names[kind]) != NULL)
            weather |= 1u << kind;
    return weather;
}

static void parse(char **arg)
{
    for (arg++; *arg != NULL; arg++) {
        const char *option = *arg;

        if (strcmp(option, "--verbose") == 0) {
            options.verbose = true;
        } else if (strcmp(option, "--memory") == 0) {
            options.memory = true;
        } else if (arg[1] == NULL) {
            usage();
        } else if (strcmp(option, "--poller") == 0) {
            options.poller = *++arg;
        } else if (strcmp(option, "--weather") == 0) {
            options.weather = weather_of(*++arg);
        } else if (strcmp(option, "--children") == 0) {
            options.children = number(*++arg);
        } else if (strcmp(option, "--seeds") == 0) {
            options.from = number(*++arg);
            options.count = number(arg[1]);
            arg++;
        } else {
            usage();
        }
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    parse(argv);
    setvbuf(stdout, NULL, _IOLBF, 0); /* a crash loses no line */
    running.report = open_report();
    seed_now = mmap(NULL, sizeof *seed_now, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (seed_now == MAP_FAILED)
        return 2;
    if (fails(NULL)) {
        if (!options.verbose)
            explain();
        return 1;
    }
    printf("seeds %llu to %llu: well\n", (unsigned long long)options.from,
           (unsigned long long)(options.from + options.count - 1));
    return 0;
}
