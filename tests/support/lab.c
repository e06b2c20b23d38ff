/* lab.c - a test's loop: virtual time, its reports kept, its steps counted,
 * and in a lesson's test its run recorded and its sockets' owners noted. */
#include "running.h"

#include "sys.h"

#include <stdlib.h>
#include <string.h>

enum { PICTURE_ROWS = 8, RUSH = 20000, HOLD = 2000 };

/* Very many steps, timers or turns while the clock stands still: somebody
 * yields, or wakes himself, for ever. A step says who, and a timer; so a turn
 * waits if one of them comes. */
static void count_rush(struct lab *lab, const struct loop *loop, bool known)
{
    if (!loop->virtual_time || loop->now_ns != lab->instant_ns)
        lab->rush = 0;
    lab->instant_ns = loop->now_ns;
    lab->rush++;
    if (running.lesson && lab->rush == HOLD)
        hold();
    if (running.lesson && lab->rush > (known ? RUSH : RUSH + 10))
        bark(END_RUSH);
}

/* An fd is ready, a callback runs, it is ready again: bytes that nobody
 * reads. Each time is a poll, too: known before that is a rush. */
static void count_deaf(struct lab *lab, const struct loop_event *event)
{
    lab->deaf++;
    if (!running.lesson || lab->deaf <= RUSH / 4)
        return;
    wait_for_turn();
    tell_callback(&event->on->callbacks);
    bark(END_DEAF);
}

static void count(struct loop_hook *hook, struct loop *loop,
                  const struct loop_event *event)
{
    struct lab *lab = CONTAINER(hook, struct lab, hook);

    lab->polls += event->kind == EVENT_POLL;
    lab->steps += event->kind == EVENT_STEP;
    lab->timers += event->kind == EVENT_TIMER;
    running.report->in_poll = event->kind == EVENT_POLL;
    running.report->virtual_ns = loop->now_ns;
    check_progress();
    if (event->kind == EVENT_STEP || event->kind == EVENT_TIMER)
        lab->deaf = 0;
    if (event->kind == EVENT_STEP || event->kind == EVENT_TIMER)
        count_rush(lab, loop, true);
    if (event->kind == EVENT_POLL)
        count_rush(lab, loop, false);
    if (event->kind == EVENT_FD)
        count_deaf(lab, event);
}

/* --- Who opened a socket ------------------------------------------------- */

static void own(int fd, const char *how)
{
    const struct task *task = NULL;
    const struct coro *coro;

    if (fd < 0 || fd >= CENSUS_FDS)
        return;
    if (running.lab != NULL)
        task = running.lab->loop.current;
    if (task == NULL) {
        snprintf(running.owners[fd], 64, "a socket from %s", how);
        return;
    }
    for (coro = task->coro; coro->callee != NULL; coro = coro->callee)
        continue;
    snprintf(running.owners[fd], 64, "a socket from %s, opened by task %s "
             "in %s", how, task->name, coro->type->name);
}

static int owning_socket(int family, int type, int protocol)
{
    int fd = sys_real.socket(family, type, protocol);

    own(fd, "socket()");
    return fd;
}

static int owning_accept(int listener, struct sockaddr *address,
                         socklen_t *length)
{
    int fd = sys_real.accept(listener, address, length);

    own(fd, "accept()");
    return fd;
}

/* Asked by the loop in every turn, also in one that has no event to tell: a
 * callback is queued anew each time. */
static int64_t counting_now(void)
{
    if (running.lab != NULL)
        count_rush(running.lab, &running.lab->loop, false);
    return sys_real.now();
}

/* The kernel, and a note of who opened what; for lessons. */
static const struct sys *owning_sys(void)
{
    static struct sys sys;

    sys = sys_real;
    sys.socket = owning_socket;
    sys.accept = owning_accept;
    sys.now = counting_now;
    return &sys;
}

/* --- Open and close ------------------------------------------------------ */

/* The picture and the virtual time as they are now: the loop may be closed
 * when a check fails. */
void lab_remember(struct lab *lab)
{
    struct report *report = running.report;
    FILE *out;

    report->timed = lab->loop.virtual_time;
    report->virtual_ns = lab->loop.now_ns;
    if (!running.lesson || lab->trace.row_count > PICTURE_ROWS)
        return;
    out = fmemopen(report->timeline, sizeof report->timeline - 1, "w");
    if (out != NULL) {
        trace_text(&lab->trace, out, false);
        fclose(out);
    }
}

void lab_open_with(struct lab *lab, struct loop_options options)
{
    struct error error;

    *lab = (struct lab){ .hook.tell = count };
    options.log = open_memstream(&lab->log, &lab->log_size);
    if (running.lesson && options.sys == NULL)
        options.sys = owning_sys();
    CHECK(options.log != NULL);
    /* Everybody is in this process: what is sent has arrived. A deadlock is
     * to be told within a second. */
    if (running.lesson && options.patience_ns == 0)
        options.patience_ns = MILLISECONDS(400);
    if (loop_open(&lab->loop, &options, &error) != 0)
        check_fail(__FILE__, __LINE__, "loop_open: %s", error.text);
    lab->loop.hook = &lab->hook;
    running.report->timeline[0] = '\0';
    running.report->timed = options.virtual_time;
    if (running.lesson)
        CHECK_INT(0, trace_open(&lab->trace, &lab->loop));
    running.lab = lab;
}

void lab_open(struct lab *lab)
{
    lab_open_with(lab, (struct loop_options){ .virtual_time = true });
}

/* It never goes back, whatever is told in turn. */
int64_t patient_now(bool nobody_will_come)
{
    static int64_t patient_ns, before_ns;
    int64_t now_ns = sys_real.now(), passed_ns = now_ns - before_ns;

    before_ns = now_ns;
    patient_ns += nobody_will_come ? passed_ns : passed_ns / PATIENT;
    return patient_ns;
}

int lab_run(struct lab *lab, struct coro *main)
{
    return loop_run(&lab->loop, main);
}

int lab_turns(struct lab *lab, struct future *future)
{
    int turns = 0;

    while (!future_done(future)) {
        CHECK(turns < 1000 && "the future will never be done");
        loop_turn(&lab->loop, false);
        turns++;
    }
    return turns;
}

/* "(/a/b/file.c:123)" becomes "(file.c:N)". */
static void normalise(char *text)
{
    char *out = text;

    while (*text != '\0') {
        char *close = *text == '(' ? strchr(text, ')') : NULL;
        char *slash = text, *at;

        *out++ = *text++;
        if (close == NULL)
            continue;
        for (at = text; at < close; at++)
            if (*at == '/')
                slash = at;
        text = *slash == '/' ? slash + 1 : text;
        while (text < close && *text != ':')
            *out++ = *text++;
        if (*text == ':' && text[1] >= '0' && text[1] <= '9') {
            memcpy(out, ":N", 2);
            out += 2;
            text = close;
        }
    }
    *out = '\0';
}

void lab_close_reporting_(const char *file, int line, struct lab *lab,
                          const char *expected)
{
    lab_remember(lab);
    running.lab = NULL;
    if (running.lesson)
        trace_close(&lab->trace);
    loop_close(&lab->loop);
    fclose(lab->loop.log); /* and the text is there */
    normalise(lab->log);
    running.report->deadlock = strstr(lab->log, "deadlock: ") != NULL;
    check_lines(file, line, "the loop's report", expected, lab->log);
    free(lab->log);
}

void lab_close(struct lab *lab)
{
    struct loop *loop = &lab->loop;

    if (loop->timers.count > 0)
        check_fail(__FILE__, __LINE__, "timers left running: %zu, the first "
                   "is due at %g s", loop->timers.count,
                   (double)loop->timers.at[0]->when / 1e9);
    if (loop_fds(loop) > 0)
        check_fail(__FILE__, __LINE__, "sockets still waited for: %zu",
                   loop_fds(loop));
    if (loop->ready.tail != NULL)
        check_fail(__FILE__, __LINE__, "a callback is still to run");
    lab_close_reporting(lab, "");
}
