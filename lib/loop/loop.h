/* loop.h - the event loop: a ready queue, a heap of timers, one poll().
 *
 *     one turn:   poll(until the next timer, or not at all if work waits)
 *                 ready += what became readable or writable
 *                 ready += timers that are due
 *                 run exactly what is ready now; what that makes ready
 *                 waits for the next turn (rows L01-L03), so that no chain
 *                 of callbacks can keep the sockets waiting
 *
 * Read this comment, then list, error, future, timer, coro and task; then
 * loop, poller and its three kinds, net, signal, report. A row is a numbered
 * behaviour of asyncio, and `grep -rn L03 tests` finds what shows it.
 *
 * asyncio's _run_once. With virtual time the clock stands still while tasks
 * run and jumps to the next timer when nothing is ready: a program that
 * sleeps for an hour is tested in a millisecond, the same every time.
 *
 * Left out: threads (a loop and all in it belong to one), and asyncio's
 * executor, subprocesses and transports.
 */
#ifndef LAB_LOOP_H
#define LAB_LOOP_H

#include "loop/poller.h"
#include "loop/signal.h"
#include "loop/task.h"
#include "loop/timer.h"

#include <stdio.h>

struct sys;

/* What the loop tells its hook: everything a picture of the run needs. */
enum event_kind {
    EVENT_TASK_CREATED, /* task                                     */
    EVENT_STEP,         /* task starts running                      */
    EVENT_PARKED,       /* task: waits on `on`; NULL: yielded       */
    EVENT_TASK_DONE,    /* task, code: 0, E_CANCELLED or its error  */
    EVENT_CANCEL,       /* task: somebody requested its cancelling  */
    EVENT_POLL,         /* the loop is about to block               */
    EVENT_POLLED,       /* ... and is back                          */
    EVENT_TIMER,        /* a timer is due                            */
    EVENT_FD            /* fd became ready                          */
};

struct loop_event {
    enum event_kind kind;
    int64_t time_ns;
    const struct task *task;
    const struct future *on;
    int fd, code;
};

struct loop_hook {
    void (*tell)(struct loop_hook *hook, struct loop *loop,
                 const struct loop_event *event);
};

/* Costs one comparison when nobody listens. */
#define LOOP_EVENT(loop, ...) do { if ((loop)->hook != NULL)              \
    loop_tell((loop), (struct loop_event){ .kind = __VA_ARGS__ }); } while (0)

/* System calls a task may make in one step without waiting, before it has
 * to let others run: one busy socket must not starve the rest. */
enum { LOOP_BUDGET = 64 };

/* With virtual time and sockets: real time given to bytes under way before
 * the clock jumps. */
#define LOOP_GRACE MILLISECONDS(1)

struct loop {
    const struct sys *sys;
    struct queue ready; /* to run in the next turn          */
    struct queue batch; /* what is left of the present turn */
    struct timer_heap timers;
    struct poller poller;
    struct link tasks;     /* unfinished, oldest first              */
    struct link failed;    /* done, failed, and nobody looked (F10) */
    struct link *last_closing; /* of tasks: the shutdown waits for it and
                                  all that are older               */
    struct task *current;  /* being stepped, or NULL                */
    struct task main;
    int64_t now_ns;     /* virtual time only                 */
    int budget;
    bool stopping;      /* end the run after this batch      */
    bool virtual_time;
    int64_t patience_ns;
    FILE *log;          /* for reports                       */
    struct loop_hook *hook;
    struct signals signals;
};

struct loop_options {
    const char *poller; /* select, poll, epoll; NULL: $LAB_POLLER, or poll */
    const struct poller_type *poller_type;   /* or one of your own      */
    bool virtual_time;
    int64_t patience_ns;     /* with virtual time: real time for bytes that
                                nobody may ever send, before the verdict
                                DEADLOCK; 0: 2 s                          */
    bool catch_sigint;       /* Ctrl-C cancels main instead of killing us */
    const struct sys *sys;   /* NULL: sys_real                            */
    FILE *log;               /* NULL: stderr                              */
};

/* Fills *loop. 0, or a code with words in *error. The loop must not move
 * until it is closed. */
int loop_open(struct loop *loop, const struct loop_options *options,
              struct error *error);

/* Frees what the loop holds. Tasks still pending are reported, never run
 * again: their cleanups do not happen (row L10); so are failures that nobody
 * looked at (row F10). The number of reports. */
int loop_close(struct loop *loop);

/* asyncio.run: runs `main` as a task to its end; then cancels all tasks
 * that are left, in order of creation, and runs until they are done (row
 * L11). main's code: 0, E_CANCELLED, its error; E_DEADLOCK if nothing can
 * ever happen again; E_INTERRUPTED if SIGINT ended it, or the wait for the
 * others; E_RUNTIME if loop_stop did. The error's words are in
 * loop->main.error. */
int loop_run(struct loop *loop, struct coro *main);

/* run_until_complete: turns until the future is done and one more (row
 * L09). 0; with the future still pending E_DEADLOCK, E_RUNTIME (loop_stop);
 * E_INTERRUPTED. */
int loop_run_until(struct loop *loop, struct future *future);

/* One turn; never blocks if `wait` is false. False: nothing is ready and
 * nothing ever will be. */
bool loop_turn(struct loop *loop, bool wait);

/* Ends loop_run_until after the present batch (row L08). */
void loop_stop(struct loop *loop);

/* call_soon: callback->run in the next turn, after what is ready (L01). */
void loop_call_soon(struct loop *loop, struct callback *callback);

/* Takes it back from the ready queue; false if it was not there. */
bool loop_call_cancel(struct loop *loop, struct callback *callback);

/* Nanoseconds: monotonic, or virtual since the loop was opened. */
int64_t loop_now(const struct loop *loop);

/* Watches beside the signal pipe's: sockets that somebody waits for. */
size_t loop_fds(const struct loop *loop);

/* Every unfinished task with its stack of awaits, innermost last, and what
 * it waits for. */
void loop_dump(const struct loop *loop, FILE *out);

/* For LOOP_EVENT. */
void loop_tell(struct loop *loop, struct loop_event event);

#endif
