/* loop.h - a loop of callbacks: a ready queue, timers, one poll().
 *
 *     ready   first -> ... -> last      run in the next turn, in order
 *     timers  soonest -> ... -> latest  become ready when they are due
 *     fds     become ready when poll() says so
 *
 * A handle is "call run(arg)", embedded wherever the caller likes; it is in
 * one list at a time, and nothing is allocated. From lesson 06 on the lab
 * runs on lib/loop, which does the same and more.
 *
 * Left out: errors of callbacks (they have nobody to tell), signals,
 * threads.
 */
#ifndef LAB_MINI_LOOP_H
#define LAB_MINI_LOOP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct handle {
    void (*run)(void *arg);
    void *arg;
    int64_t when_ns;     /* a timer's deadline             */
    struct handle *next;
    struct handles *in;  /* the list that it is in, or NULL */
};

struct handles {
    struct handle *first, *last;
};

enum { MINI_FDS = 32 };

struct mini {
    struct handles ready;  /* to run in the next turn          */
    struct handles batch;  /* what is left of the present turn */
    struct handles timers; /* by deadline, then by creation    */
    struct pollfd fds[MINI_FDS]; /* what poll() is asked: fd, POLLIN or OUT */
    struct handle *waiting[MINI_FDS]; /* fds[i] is ready: this one runs     */
    size_t fd_count;
    int64_t *clock_ns;     /* a clock of the caller's; NULL: the real one */
    bool stopping;
};

/* With a clock of its own nothing ever waits: when nothing is ready, the
 * clock jumps to the next timer. That makes a program repeatable. */
void mini_init(struct mini *mini, int64_t *clock_ns);
int64_t mini_now(const struct mini *mini);

/* call_soon: in the next turn, after what is ready (row L01). */
void mini_call_soon(struct mini *mini, struct handle *handle);

/* call_later: as soon as `delay_ns` have passed, and never before; equal
 * deadlines in the order of creation (row L05). */
void mini_call_later(struct mini *mini, struct handle *handle,
                     int64_t delay_ns);

/* It will not run, not even if it is ready (row L06). False if it was in no
 * list: it has run, or was never asked for. */
bool mini_cancel(struct handle *handle);

/* add_reader, add_writer: ready in every turn in which poll() finds fd
 * readable or writable, until it is removed; NULL removes. Errors and
 * hang-ups count as both. Remove before the fd is closed. */
void mini_reader(struct mini *mini, int fd, struct handle *handle);
void mini_writer(struct mini *mini, int fd, struct handle *handle);

/* One turn; false: nothing is ready and nothing ever will be. */
bool mini_turn(struct mini *mini);

/* Turns until mini_stop, or until there is nothing left to do. At least
 * one: stopped before its start, it runs one that does not wait (L08). */
void mini_run(struct mini *mini);

/* Ends mini_run when the present batch is over (row L08). */
void mini_stop(struct mini *mini);

/* What mini_turn is made of. */

/* At the end of a list; the first of it, taken out, or NULL. */
void handles_add(struct handles *list, struct handle *handle);
struct handle *handles_take(struct handles *list);

/* poll()s all fds for at most wait_ns (0: no waiting, -1: no limit) and
 * adds to `ready` the handles of those that are. False: a limit was not
 * given, and on the caller's clock nothing will ever come. */
bool mini_poll(struct mini *mini, int64_t wait_ns);

#endif
