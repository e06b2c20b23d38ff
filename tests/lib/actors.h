/* actors.h - small coroutines that say what happens to them, and ways to
 * let time pass: what most tests of the loop are made of. */
#ifndef LAB_TEST_ACTORS_H
#define LAB_TEST_ACTORS_H

#include "check.h"

/* Says "NAME starts", sleeps, says "NAME ends". When cancelled it says so,
 * cleans up for cleanup_ns, and swallows it if told to. */
struct nap {
    struct coro coro;
    const char *name;
    int64_t delay_ns;
    int64_t cleanup_ns;
    bool swallows; /* a cancellation: returns instead         */
    bool fails;    /* raises E_USER "NAME failed" at its end  */
    struct sleep sleep;
};
ASYNC_DECLARE(nap);

/* Awaits a future and says "NAME got OUTCOME", which is its own too. */
struct look {
    struct coro coro;
    const char *name;
    struct future *on;
};
ASYNC_DECLARE(look);

/* Yields `turns` times, saying "NAME TURN". */
struct spin {
    struct coro coro;
    const char *name;
    int turns;
    int turn;
};
ASYNC_DECLARE(spin);

/* A task and a coroutine for it: START(&lab, nap, .name = "A", ...). */
#define START(lab, type, object, ...) do {                                \
    (object)->type = (struct type){ CORO(type), __VA_ARGS__ };            \
    task_create(&(lab)->loop, &(object)->task, (object)->type.name,       \
                &(object)->type.coro); } while (0)

struct actor {
    struct task task;
    union {
        struct nap nap;
        struct look look;
        struct spin spin;
    };
};

/* A plain future of the lab's loop. */
void future_open(struct future *future, struct lab *lab);

/* Lets the loop run for so long, then stops with all where it is. */
void let_pass(struct lab *lab, int64_t ns);

/* Turns until nothing is ready; no time passes. */
void settle(struct lab *lab);

/* Turns until nothing can happen any more. */
void run_dry(struct lab *lab);

/* A callback that says `words` when it is run, and may then do more. */
struct note {
    struct callback callback;
    const char *words;
    void (*then)(struct note *note);
    struct loop *loop;
    struct note *next;
};
void note_init(struct note *note, struct lab *lab, const char *words);

#endif
