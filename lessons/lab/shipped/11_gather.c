/* exercise.c - write gather (lesson 11).
 *
 * gather.h says what a gather promises; here is what to do it with.
 *
 *     gather():   each distinct child gets one callback, child_done, in its
 *                 slot: future_add_callback(child, &slot->done). `marked` in
 *                 a future is a scratch bit to find the same one again; leave
 *                 it false. No children: the outer future is done already.
 *     child_done: counts. The outer future (future_done?) gets its result,
 *                 or with GATHER_RAISE the first error (fail()), or nothing
 *                 any more. Whoever takes no notice of a failure says so by
 *                 future_look(child), or it will be reported.
 *     cancel_children: what future_cancel(outer) does. It asks the children,
 *                 and does NOT end the outer future: they do.
 *
 * About 40 lines.
 */
#include "11_gather/gather.h"

#include "stage/todo.h"

/* True if any child took the request. Remember it in cancel_requested:
 * when all are done, the gather is cancelled, whatever they made of it. */
static bool cancel_children(struct future *future)
{
    struct gather *self = CONTAINER(future, struct gather, outer.future);

    (void)self;
    TODO("ask every child, remember that somebody took it");
}

/* Ends the gather with a copy of the error: the child may go before it. */
static void fail(struct gather *self, const struct error *error)
{
    self->error = *error;
    future_set_error(&self->outer.future, &self->error);
}

/* A child has ended; future_error(slot->child) says how: NULL is well. */
static void child_done(struct callback *callback)
{
    struct gather_slot *slot = CONTAINER(callback, struct gather_slot, done);

    (void)fail;
    (void)slot;
    TODO("count it; then there are four cases");
}

struct future *gather(struct gather *self, struct loop *loop,
                      struct gather_slot *slots,
                      struct future *const *children, size_t count,
                      enum gather_errors errors)
{
    *self = (struct gather){ .slots = slots, .count = count,
                             .errors = errors };
    future_init(&self->outer.future, loop, FUTURE_OUTER);
    self->outer.cancel = cancel_children;
    self->outer.name = "gather";
    for (size_t i = 0; i < count; i++)
        slots[i] = (struct gather_slot){ { .run = child_done }, self,
                                         children[i] };
    TODO("listen to each distinct child once; count them in distinct");
}

/* After this no callback of ours is in a child or on its way. */
void gather_close(void *gather)
{
    struct gather *self = gather;

    (void)self;
    TODO("future_remove_callback, for every slot");
}
