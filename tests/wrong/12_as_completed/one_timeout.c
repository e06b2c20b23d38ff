/* MISTAKE: time is up, and one timeout is counted for all. */
/* SEEN: one timeout for all of them */
#define OWN_TIME_IS_UP
#include "given.h"

static void time_is_up(struct callback *callback)
{
    struct as_completed *self = CONTAINER(callback, struct as_completed,
                                          timer.callback);

    LIST_EACH(&self->todo, link) {
        struct completed *slot = CONTAINER(link, struct completed, link);

        future_remove_callback(slot->future, &slot->done);
        list_remove(link);
    }
    self->timed_out++;
    wake_getter(self);
}
