/* programs.c - three sleepers twice, a gather that fails and one that is
 * cancelled, two ends of a socket pair, and a crowd of a thousand.
 */
#include "programs.h"

#include "11_gather/gather.h"
#include "loop/net.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

enum { CROWD = 1000, RESTLESS = 22 };

/* Sleeps, then ends as told. */
struct child {
    struct coro coro;
    int64_t delay_ns;
    int code;
    struct sleep sleep;
};
ASYNC_DECLARE(child);

ASYNC(child)
{
    BEGIN;
    AWAIT(sleep, .delay_ns = self->delay_ns);
    if (self->code != 0)
        RAISE(self->code, "child: as told");
    END;
}

/* Sleeps often: a row with more spans than a picture has columns. With the
 * loop and main, RESTLESS of them fill all the rows there may be. */
struct restless {
    struct coro coro;
    int left;
    struct sleep sleep;
};
ASYNC_DECLARE(restless);

ASYNC(restless)
{
    BEGIN;
    for (; self->left > 0; self->left--)
        AWAIT(sleep, .delay_ns = MILLISECONDS(5));
    END;
}

/* What all mains have to hand. The tasks are kept apart, so that they can
 * be gone, and overwritten, when the picture is drawn. */
struct stage {
    struct coro coro;
    const struct program *program;
    struct task *tasks;
    struct child *children;
    char (*names)[32];
    struct restless restless[RESTLESS];
    struct future *futures[CROWD];
    struct gather_slot slots[CROWD];
    struct gather gather;
    struct sleep sleep;
    int i;
};

static struct future *start(struct stage *self, struct task *task, int i,
                            const char *name, int64_t delay_ns, int code)
{
    self->children[i] = (struct child){ CORO(child), .delay_ns = delay_ns,
                                        .code = code };
    self->futures[i] = task_create(task_loop(task), &self->tasks[i], name,
                                   &self->children[i].coro);
    return self->futures[i];
}

#define GATHER(n) gather(&self->gather, task_loop(task), self->slots,     \
                         self->futures, (n), GATHER_RAISE)

/* Bodies over struct stage under several names. */
#define MAIN(f)                                                           \
    static struct step f##_body(struct stage *self, struct task *task);   \
    static struct step f##_run(struct coro *coro, struct task *task)      \
    { return f##_body((struct stage *)(void *)coro, task); }              \
    static const struct coro_type f##_type = { f##_run, #f, __FILE__ };   \
    static struct step f##_body(struct stage *self, struct task *task)

MAIN(sequential)
{
    BEGIN;
    AWAIT_FUTURE(start(self, task, 0, "tea", SECONDS(1), 0));
    AWAIT_FUTURE(start(self, task, 1, "toast", SECONDS(2), 0));
    AWAIT_FUTURE(start(self, task, 2, "egg", SECONDS(3), 0));
    END;
}

MAIN(concurrent)
{
    BEGIN;
    start(self, task, 0, "tea", SECONDS(1), 0);
    start(self, task, 1, "toast", SECONDS(2), 0);
    start(self, task, 2, "egg", SECONDS(3), 0);
    AWAIT_FUTURE(GATHER(3));
    END;
}

MAIN(failing)
{
    BEGIN;
    start(self, task, 0, "ok@1", SECONDS(1), 0);
    start(self, task, 1, "fails@2", SECONDS(2), E_PROTOCOL);
    start(self, task, 2, "cancelled@2.5", SECONDS(9), 0);
    start(self, task, 3, "ok@3", SECONDS(3), 0);
    CATCH_AWAIT_FUTURE(GATHER(4));
    AWAIT(sleep, .delay_ns = MILLISECONDS(500));
    task_cancel(&self->tasks[2]);
    AWAIT_FUTURE(self->futures[3]);
    gather_close(&self->gather);
    END;
}

MAIN(late)
{
    BEGIN;
    start(self, task, 0, "fails@3", SECONDS(3), E_PROTOCOL);
    CATCH_AWAIT_FUTURE(GATHER(1));
    END;
}

/* One end of a socket pair; the other one echoes. */
struct speaker {
    struct coro coro;
    int fd;
    int64_t pause_ns;
    struct sleep sleep;
    struct sock_sendall sock_sendall;
    struct sock_recv sock_recv;
    int i;
    char byte;
};
ASYNC_DECLARE(speaker);

ASYNC(speaker)
{
    BEGIN;
    for (self->i = 0; self->i < 3; self->i++) {
        if (self->pause_ns > 0)
            AWAIT(sleep, .delay_ns = self->pause_ns);
        AWAIT(sock_sendall, .fd = self->fd, .data = "x", .size = 1);
        AWAIT(sock_recv, .fd = self->fd, .buffer = &self->byte, .size = 1);
    }
    shutdown(self->fd, SHUT_WR);
    END;
}

struct echo {
    struct coro coro;
    int fd;
    struct sock_sendall sock_sendall;
    struct sock_recv sock_recv;
    char byte;
};
ASYNC_DECLARE(echo);

ASYNC(echo)
{
    BEGIN;
    for (;;) {
        AWAIT(sock_recv, .fd = self->fd, .buffer = &self->byte, .size = 1);
        if (self->sock_recv.received == 0)
            break;
        AWAIT(sock_sendall, .fd = self->fd, .data = &self->byte, .size = 1);
    }
    END;
}

struct talk {
    struct coro coro;
    struct task *tasks;
    struct speaker speaker;
    struct echo echo;
    int pair[2];
};

static void start_talk(struct talk *self, struct loop *loop, int64_t pause_ns)
{
    int code = socketpair(AF_UNIX, SOCK_STREAM, 0, self->pair);

    assert(code == 0);
    for (int i = 0; i < 2; i++)
        fcntl(self->pair[i], F_SETFL, O_NONBLOCK);
    self->speaker = (struct speaker){ CORO(speaker), .fd = self->pair[0],
                                      .pause_ns = pause_ns };
    self->echo = (struct echo){ CORO(echo), .fd = self->pair[1] };
    task_create(loop, &self->tasks[0], "speaker", &self->speaker.coro);
    task_create(loop, &self->tasks[1], "echo", &self->echo.coro);
}

static struct step talk_body(struct talk *self, struct task *task,
                             int64_t pause_ns)
{
    BEGIN;
    start_talk(self, task_loop(task), pause_ns);
    AWAIT_FUTURE(&self->tasks[1].future);
    net_close(task_loop(task), &self->pair[0]);
    net_close(task_loop(task), &self->pair[1]);
    END;
}

static struct step slow_talk_run(struct coro *coro, struct task *task)
{
    return talk_body((struct talk *)(void *)coro, task, SECONDS(1));
}

static struct step fast_talk_run(struct coro *coro, struct task *task)
{
    return talk_body((struct talk *)(void *)coro, task, 0);
}

static const struct coro_type slow_talk_type = {
    slow_talk_run, "talk", __FILE__
}, fast_talk_type = { fast_talk_run, "talk", __FILE__ };

/* A thousand: ten kinds of them, or each its own delay and end. */
MAIN(crowd)
{
    int count = self->program->count;

    BEGIN;
    for (int i = 0; i < count; i++) {
        int kind = self->program->like_one_another ? i / 100 : i * 7919 % 977;
        const char *prefix = self->program->task_name;

        snprintf(self->names[i], sizeof self->names[i], "%s%d", prefix,
                 i + 1);
        start(self, task, i, self->names[i],
              MILLISECONDS(100 + 300 * kind % 2900),
              kind % 10 == 3 ? E_EOF : 0);
    }
    CATCH_AWAIT_FUTURE(gather(&self->gather, task_loop(task), self->slots,
                              self->futures,
                              (size_t)self->program->count, GATHER_RETURN));
    END;
}

MAIN(hostile)
{
    BEGIN;
    AWAIT_FUTURE(start(self, task, 0, self->program->task_name, SECONDS(1),
                       E_USER));
    END;
}

/* Each ends 50 ms after the one before: no two rows look the same. */
MAIN(busy)
{
    BEGIN;
    for (int i = 0; i < RESTLESS; i++) {
        self->restless[i] = (struct restless){ CORO(restless),
                                               .left = 200 + 10 * i };
        task_create(task_loop(task), &self->tasks[i], "restless",
                    &self->restless[i].coro);
    }
    AWAIT_FUTURE(&self->tasks[RESTLESS - 1].future);
    END;
}

const struct program programs[] = {
    { "sequential", "Three sleepers, one after another",
      "main awaits three tasks that sleep 1, 2 and 3 s: 6 s in all.",
      .main = &sequential_type },
    { "concurrent", "Three sleepers at once",
      "main gathers three tasks that sleep 1, 2 and 3 s: 3 s in all.",
      .main = &concurrent_type },
    { "gather_fails", "A gather that fails, and a cancelled child",
      "The second of four children fails at 2 s; the gather is over then, "
      "the others run on, and one of them is cancelled at 2.5 s.",
      .main = &failing_type },
    { "sockets", "Two ends of a socket pair",
      "The speaker says three words, 1 s apart; the echo answers at once.",
      .main = &slow_talk_type },
    { "sockets_at_once", "Two ends of a socket pair, without a pause",
      "No time passes; the axis shows the order of things.",
      .main = &fast_talk_type },
    { .name = NULL }
};

const struct program hostile = {
    "hostile", "<&\"'> & \xff\x1b[31m\n]]>", "a --> b <!-- ]]> \x01",
    .main = &hostile_type,
    .task_name = "<&\">' \\\xc3\xa9\xff\xc3 \x1b[2J\n\xed\xa0\x80 \xf0\x9f"
                 "\x98\x80 and forty more characters to be cut"
};
const struct program crowd = {
    "crowd", "A thousand tasks", "Each has its own delay.",
    .main = &crowd_type, .task_name = "fetch ", .count = CROWD
};
const struct program alike = {
    "alike", "A thousand tasks of ten kinds", "A hundred of each.",
    .main = &crowd_type, .task_name = "fetch ", .count = CROWD,
    .like_one_another = true
};
const struct program busy = {
    "busy", "Restless tasks", "They sleep 200 to 410 times each.",
    .main = &busy_type
};
const struct program long_names = {
    "long_names", "Long names", "Fifty of them.", .main = &crowd_type,
    .task_name = "a rather long name of a task ", .count = 50,
    .like_one_another = true
};
const struct program real = {
    "real", "Real time", "Fifty tasks on the real clock.",
    .main = &crowd_type, .task_name = "sleeper ", .count = 50,
    .like_one_another = true, .real_time = true
};
const struct program late = {
    "late", "An error at the very end", "Where there is no room for it.",
    .main = &late_type
};

/* The hook that was there first: it must go on hearing everything. */
struct counter {
    struct loop_hook hook;
    size_t events;
};

static void count(struct loop_hook *hook, struct loop *loop,
                  const struct loop_event *event)
{
    (void)loop;
    (void)event;
    CONTAINER(hook, struct counter, hook)->events++;
}

static void run_main(const struct program *program, struct loop *loop)
{
    bool talks = program->main == &slow_talk_type
        || program->main == &fast_talk_type;
    struct stage *stage = calloc(1, sizeof *stage);
    struct talk *talk = calloc(1, sizeof *talk);
    struct task *tasks = calloc(CROWD, sizeof *tasks);
    struct child *children = calloc(CROWD, sizeof *children);
    char (*names)[32] = calloc(CROWD, sizeof *names);

    assert(stage != NULL && talk != NULL && tasks != NULL
           && children != NULL && names != NULL);
    *stage = (struct stage){ .coro.type = program->main, .program = program,
                             .tasks = tasks, .children = children,
                             .names = names };
    *talk = (struct talk){ .coro.type = program->main, .tasks = tasks };
    loop_run(loop, talks ? &talk->coro : &stage->coro);
    loop_close(loop);
    /* Who still reads a task's name now, reads freed memory. */
    free(stage);
    free(talk);
    free(tasks);
    free(children);
    free(names);
}

size_t program_run(const struct program *program, struct trace *trace)
{
    static struct loop loop; /* trace_close comes back to it */
    struct counter counter = { { count }, 0 };
    struct loop_options options = { .virtual_time = !program->real_time };
    struct error error;
    FILE *log = tmpfile();
    int code;

    assert(log != NULL);
    options.log = log;
    code = loop_open(&loop, &options, &error);
    assert(code == 0);
    loop.hook = &counter.hook;
    code = trace_open(trace, &loop);
    assert(code == 0);
    if (program->limit > 0)
        trace->limit = program->limit;
    run_main(program, &loop);
    fclose(log);
    trace->next = NULL; /* counter ends here */
    return counter.events;
}
