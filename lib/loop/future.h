/* future.h - a value that is not there yet, and who wants to be told.
 *
 * asyncio.Future, literally: PENDING, then RESULT, ERROR or CANCELLED, once.
 * Whoever wants to know adds a callback; completion never calls it, it moves
 * the whole list to the loop's ready queue, in order (row F03): who completes
 * a future goes on undisturbed. The value itself lives wherever the maker of
 * the future says.
 *
 *     future.callbacks      loop->ready
 *       a -> b -> c    =>   ... -> a -> b -> c
 */
#ifndef LAB_FUTURE_H
#define LAB_FUTURE_H

#include "loop/error.h"
#include "loop/list.h"

#include <stdint.h>

struct loop;

/* A function to be called by the loop, embedded in what it is about:
 * CONTAINER(cb, struct that, member) finds it again. In at most one queue. */
struct callback {
    struct callback *next; /* NULL: in no queue */
    void (*run)(struct callback *callback);
};

/* FIFO: a ring, reached by its tail, so that both ends are one step away. */
struct queue {
    struct callback *tail; /* tail->next is the head; NULL: empty */
};

void queue_push(struct queue *queue, struct callback *callback);
struct callback *queue_pop(struct queue *queue); /* NULL when empty */
void queue_append(struct queue *queue, struct queue *from); /* empties from */
/* True if it was there. O(n): the lists are short, or the removal rare; a
 * doubly linked ring would be O(1) and 8 bytes a callback larger. */
bool queue_remove(struct queue *queue, struct callback *callback);

enum future_state {
    FUTURE_PENDING,
    FUTURE_RESULT,
    FUTURE_ERROR,
    FUTURE_CANCELLED
};

/* What completes it: pictures and dumps show it, cancel goes by it. */
enum future_kind {
    FUTURE_PLAIN, /* somebody's future_set_result      */
    FUTURE_TASK,  /* the end of a struct task          */
    FUTURE_TIMER, /* a timer                           */
    FUTURE_FD,    /* readiness: member of struct watch */
    FUTURE_OUTER  /* member of struct outer_future     */
};

struct future {
    struct loop *loop;
    struct queue callbacks;
    const struct error *error; /* FUTURE_ERROR only: the maker's storage */
    unsigned char state;       /* enum future_state */
    unsigned char kind;        /* enum future_kind  */
    bool unlooked;             /* failed, and nobody looked (row F10) */
    bool marked;               /* scratch bit of future_unique        */
};

/* A future that stands for others: gather, shield. `cancel` is what
 * future_cancel does to it, and its result. */
struct outer_future {
    struct future future;
    bool (*cancel)(struct future *future);
    const char *name;
};

void future_init(struct future *future, struct loop *loop,
                 enum future_kind kind);

static inline bool future_done(const struct future *future)
{
    return future->state != FUTURE_PENDING;
}

/* Both: 0, or E_INVALID_STATE if it is done already (row F02). *error is
 * kept by pointer and must live as long as the future. */
int future_set_result(struct future *future);
int future_set_error(struct future *future, const struct error *error);

/* Asks it to end cancelled; false if it is done already (row F02). A task
 * or an outer future passes the request on and may end otherwise. */
bool future_cancel(struct future *future);

/* The same without asking: CANCELLED right now, whatever its kind. */
bool future_set_cancelled(struct future *future);

/* How it ended: 0, E_CANCELLED, its error's code; E_INVALID_STATE while it
 * is pending (row F01). Counts as having looked. */
int future_outcome(struct future *future);

/* Somebody looked at how it ended: no report any more (rows F10, F11). */
void future_look(struct future *future);

/* The error it ended with, for its words; NULL if none. Is no look. */
const struct error *future_error(const struct future *future);

/* When the future is done, now perhaps, the callback goes to the ready queue
 * (row F03). It must not move or go before it has run, or is removed. */
void future_add_callback(struct future *future, struct callback *callback);

/* Takes it back, even on its way; false if it had run. */
bool future_remove_callback(struct future *future,
                            struct callback *callback);

/* Keeps the first of each future in list[0..n), in order; the new n. */
size_t future_unique(struct future **list, size_t n);

#endif
