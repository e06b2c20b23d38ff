/* shield.c - a second future in front of the first: a cancellation stops
 * at the outer one. */
#include "14_task_group/task_group.h"

static void inner_done(struct callback *callback)
{
    struct shield *self = CONTAINER(callback, struct shield, inner_done);
    const struct error *error = future_error(self->inner);

    future_look(self->inner);
    if (future_done(&self->outer))
        return;
    if (error == NULL) {
        future_set_result(&self->outer);
    } else if (self->inner->state == FUTURE_CANCELLED) {
        future_set_cancelled(&self->outer);
    } else {
        self->error = *error;
        future_set_error(&self->outer, &self->error);
    }
}

/* Nobody is behind the shield any more: a later failure of the inner one
 * is nobody's, and reported (row SH04). */
static void outer_done(struct callback *callback)
{
    struct shield *self = CONTAINER(callback, struct shield, outer_done);

    if (!future_done(self->inner))
        future_remove_callback(self->inner, &self->inner_done);
}

struct future *shield(struct shield *self, struct future *inner)
{
    if (future_done(inner))
        return inner;
    *self = (struct shield){ .inner = inner, .inner_done.run = inner_done,
                             .outer_done.run = outer_done };
    future_init(&self->outer, inner->loop, FUTURE_PLAIN);
    future_add_callback(inner, &self->inner_done);
    future_add_callback(&self->outer, &self->outer_done);
    return &self->outer;
}

void shield_close(void *shield)
{
    struct shield *self = shield;

    if (self->inner == NULL)
        return;
    future_remove_callback(self->inner, &self->inner_done);
    future_remove_callback(&self->outer, &self->outer_done);
}
