/* coro.h - a coroutine is a struct and a switch.
 *
 * The struct is the frame: what must live across an await is a member. The
 * body is one switch on the line it is parked at. AWAIT is "remember this
 * line and return" plus a `case` label to come back to. Callers embed their
 * callees' frames and poll them top-down, so a backtrace in gdb is the
 * chain of awaits.
 *
 *     struct greet {                       ASYNC(greet)
 *         struct coro coro;  // first      {
 *         const char *name;  // in             BEGIN;
 *         int written;       // out            AWAIT(sleep, .delay_ns = 5);
 *         struct sleep sleep; // callee        self->written = puts(...);
 *     };                                       END;
 *                                          }
 *
 * Naming law: coroutine greet = struct greet (frame) = member greet in each
 * caller = the symbol greet_type. In a body `self` is the frame and `task`
 * the task that runs it. Locals die at every await. Frames must not move
 * once started. Lesson 06 expands each macro by hand.
 */
#ifndef LAB_CORO_H
#define LAB_CORO_H

#include "loop/error.h"

#include <errno.h>
#include <stddef.h>

struct task;
struct coro;

/* What a body returns. A struct of one member, so that a stray `return 0;`
 * in a body does not compile. */
struct step {
    bool done;
};

/* What all frames of one coroutine have in common. */
struct coro_type {
    struct step (*run)(struct coro *coro, struct task *task);
    const char *name;
    const char *file;
};

enum { CORO_FRESH = 0, CORO_LEAVING = -1, CORO_DONE = -2 };

/* The head of every frame. Zero but for `type` = not started. */
struct coro {
    const struct coro_type *type;
    struct coro *callee;      /* whom we await; NULL: a future, or nobody */
    struct cleanup *cleanups; /* newest first                             */
    int pc;                   /* CORO_*, or the line we are parked at     */
    int error;                /* how it ended: 0, or an error's code. The
                                 words are in task->error until the task
                                 meets its next error.                    */
};

/* One entry of the cleanup stack; lives in the frame that defers it. */
struct cleanup {
    struct cleanup *next;
    void (*run)(void *arg);
    void *arg;
    struct coro *coro; /* DEFER_AWAIT: run this instead */
    bool only_on_error;
};

/* The same for a cleanup that awaits: while it runs, the words of the
 * error on its way up would be lost if its own awaits fail. */
struct async_cleanup {
    struct cleanup cleanup;
    struct error saved;
};

/* In a header: coroutine f exists. */
#define ASYNC_DECLARE(f) extern const struct coro_type f##_type

/* async def f: define the body of struct f. */
#define ASYNC(f)                                                          \
    static struct step f##_body(struct f *self, struct task *task);       \
    static struct step f##_run(struct coro *coro, struct task *task)      \
    { return f##_body((struct f *)(void *)coro, task); }                  \
    ASYNC_END_(f) static struct step f##_body(struct f *self,             \
                                              struct task *task)
#define ASYNC_END_(f)                                                     \
    const struct coro_type f##_type = { f##_run, #f, __FILE__ };          \
    _Static_assert(offsetof(struct f, coro) == 0, "coro comes first in " #f);

#define BEGIN switch (self->coro.pc) { case CORO_FRESH:;
#define END RETURN(); default: coro_lost(&self->coro); }

/* An initialiser for the frame's head: (struct f){ CORO(f), .arg = v }. */
#define CORO(f) .coro.type = &f##_type

/* f(v): build self->f, not running yet; gives its struct coro *. Every
 * member not named becomes 0, so keep big buffers out of frames. (CALL_ gets
 * a second argument even of CALL(f): C11 wants one for its dots.) */
#define CALL(...) CALL_(__VA_ARGS__, .coro.pc = CORO_FRESH)
#define CALL_(f, ...) (self->f = (struct f){ CORO(f), __VA_ARGS__ },      \
                       &self->f.coro)

/* await f(v): build self->f, run it to its end; its error becomes ours.
 * TRY_AWAIT keeps an error in self->f.coro.error, but a cancellation still
 * goes up; CATCH_AWAIT keeps that too (except BaseException). */
#define AWAIT(...) AWAIT_CORO(CALL(__VA_ARGS__))
#define TRY_AWAIT(...) TRY_AWAIT_CORO(CALL(__VA_ARGS__))
#define CATCH_AWAIT(...) CATCH_AWAIT_CORO(CALL(__VA_ARGS__))

/* The same for a coroutine object that you have: `await c`. */
#define AWAIT_CORO(c) do { CATCH_AWAIT_CORO(c);                           \
    if (self->coro.callee->error != 0)                                    \
        RERAISE(self->coro.callee->error);                                \
    } while (0)
#define TRY_AWAIT_CORO(c) do { CATCH_AWAIT_CORO(c);                       \
    if (self->coro.callee->error == E_CANCELLED)                          \
        RERAISE(E_CANCELLED);                                             \
    } while (0)
#define CATCH_AWAIT_CORO(c) do {                                          \
    self->coro.callee = (c); self->coro.pc = __LINE__;                    \
    goto RESUME_(__LINE__); case __LINE__: RESUME_(__LINE__):             \
    if (!coro_poll(self->coro.callee, task).done)                         \
        return (struct step){ false }; } while (0)
/* The goto passes the `case` by: to fall into it would be a warning. */
#define RESUME_(line) RESUME__(line)
#define RESUME__(line) resume_##line

/* await fut: park until the future is done; the only place where a task
 * suspends, YIELD aside. A future already done does not suspend (row F05).
 * CATCH_ leaves how it ended in task->outcome: 0 or an error's code. */
#define AWAIT_FUTURE(f) do { CATCH_AWAIT_FUTURE(f);                       \
    if (task->outcome != 0) RERAISE(task->outcome); } while (0)
#define CATCH_AWAIT_FUTURE(f) do {                                        \
    if (task_park(task, &self->coro, (f))) { self->coro.pc = __LINE__;    \
        return (struct step){ false }; case __LINE__:; } } while (0)

/* await sleep(0): let everybody else who is ready run first (row S01). */
#define YIELD() do { task_yield(task, &self->coro);                       \
    self->coro.pc = __LINE__; return (struct step){ false };              \
    case __LINE__: if (task->outcome != 0) RERAISE(task->outcome);        \
    } while (0)

/* Results are members of self, so RETURN takes none. */
#define RETURN() return coro_leave(&self->coro, task, 0)
#define RAISE(...) RERAISE(error_set(&task->error, __VA_ARGS__))
#define RAISE_ERRNO(...)                                                  \
    RERAISE(error_set_errno(&task->error, errno, __VA_ARGS__))
/* Pass on an error whose words are in task->error already. */
#define RERAISE(code) return coro_leave(&self->coro, task, code)

/* Run fn(arg) on every way out: return, error, cancellation. ERRDEFER: only
 * when leaving with an error. DEFER_AWAIT: a coroutine object, which may
 * await; a second cancellation hits it like any await (row C04), and an
 * error of its own replaces the one on its way up (row C05). */
#define DEFER(node, fn, a) coro_defer(&self->coro, (node),                \
    (struct cleanup){ .run = (fn), .arg = (a) })
#define ERRDEFER(node, fn, a) coro_defer(&self->coro, (node),             \
    (struct cleanup){ .run = (fn), .arg = (a), .only_on_error = true })
#define DEFER_AWAIT(node, c) coro_defer(&self->coro, &(node)->cleanup,    \
    (struct cleanup){ .coro = (c) })

/* Puts `entry` into *node and *node on top of the cleanup stack. */
void coro_defer(struct coro *coro, struct cleanup *node,
                struct cleanup entry);

/* Ends the coroutine with `error` (0: none) when its cleanups have run,
 * newest first; they may suspend it in between. */
struct step coro_leave(struct coro *coro, struct task *task, int error);

/* Runs the coroutine to its next suspension or its end. */
struct step coro_poll(struct coro *coro, struct task *task);

/* Names the coroutine and line and aborts: resumed where no case is. */
_Noreturn void coro_lost(const struct coro *coro);

#endif
